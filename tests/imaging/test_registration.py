"""What is laid over what, and what is not, in this process. The heads are drawn (`benchmarks.truth`)."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks.truth import Scene, Shot, follow_up, ghosted, mild, photograph, scalp, strong, thing
from portal.imaging import features, fitting, geometry, head, landmarks, pictures, registration
from portal.imaging.measured import Ellipse, Fit, Found, Matrix

FRAME = (600, 800)
CROWN = Ellipse(0.5, 0.48, 0.26, 0.2)


@lru_cache(maxsize=8)
def taken(scene: Scene, pose: int | None = None, *, room: bool = False) -> Shot:
    """A photo of a scene: the first one, or a later one in another pose and perhaps another room."""
    if pose is None:
        return photograph(scene)
    rng = np.random.default_rng(pose)
    return photograph(scene, **(follow_up(rng) if room else ghosted(rng)), **(strong if room else mild)(rng), seed=pose)


def first(seed: int, **how: Any) -> Shot:
    return taken(scalp(seed, frame=FRAME, **how))


def later(seed: int, pose: int = 1, *, room: bool = True, **how: Any) -> Shot:
    return taken(scalp(seed, frame=FRAME, **how), pose, room=room)


def fit(photo: np.ndarray, baseline: np.ndarray, region: Ellipse) -> Fit:
    dim = pictures.grey(photo)
    return fitting.by_features(dim, features.find(dim, region), fitting.ground(baseline, region))[0]


def laid(photo: Shot, baseline: Shot) -> Fit:
    return fit(photo.rgb, baseline.rgb, baseline.scene.region)


def truth(photo: Shot, baseline: Shot) -> Matrix:
    return pictures.from_pixels(photo.truth_to(baseline), photo.size, baseline.size)


def error(found: Matrix | None, true: Matrix) -> float:
    """The largest distance of the four corners, in units of the width."""
    assert found is not None
    corners = zip(geometry.frame(found, 4 / 3), geometry.frame(true, 4 / 3), strict=True)
    return max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in corners)


def test_the_same_hair_in_another_room_lies_exactly():
    found = laid(later(1), first(1))
    assert found.found is Found.ALIGNED
    assert found.method.startswith("sift")
    assert found.inliers > 100
    assert error(found.matrix, truth(later(1), first(1))) < 0.002


@pytest.mark.parametrize("how", [{"where": "centre"}, {"recombed": 0.5}])
def test_hair_of_which_a_part_lies_otherwise_is_laid_by_the_rest(how):
    photo = later(2, comb=7, **how)
    found = laid(photo, first(2))
    assert found.found is Found.ALIGNED
    assert error(found.matrix, truth(photo, first(2))) < 0.01


def test_hair_combed_anew_is_never_said_to_lie():
    assert laid(later(3, comb=7), first(3)).found is not Found.ALIGNED


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda: later(5), id="another person"),
        pytest.param(lambda: later(4, view="crown"), id="another view"),
        pytest.param(lambda: taken(thing(4, frame=FRAME), 1), id="no scalp: tiles"),
        pytest.param(lambda: taken(thing(6, frame=FRAME), 1), id="no scalp: discs"),
    ],
)
def test_another_picture_is_never_said_to_lie(other):
    assert laid(other(), first(4)).found is not Found.ALIGNED


def test_a_point_is_shared_with_one_point_only():
    """A texture looks alike in many places: they must not all be counted as the same spot of the other picture."""
    rng = np.random.default_rng(1)
    marks = rng.normal(size=(30, 128)).astype(np.float32)
    alike = marks[:1] + rng.normal(scale=0.1, size=(40, 128)).astype(np.float32)
    found = [features.Features(rng.random((len(m), 2)), m / np.linalg.norm(m, axis=1)[:, None]) for m in (alike, marks)]
    photo, baseline = features.shared(found[0], found[1])
    assert len(photo) == len(baseline) == 1


def on_wall(shot: Shot, wall: np.ndarray) -> np.ndarray:
    """The photo with something busy behind the head that stands still."""
    painted = shot.scene.painted().head
    inside = cv2.warpPerspective(painted, shot.to_canvas, shot.size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.where(inside[..., None] > 127, shot.rgb, wall).astype(np.uint8)


def wall() -> np.ndarray:
    """Blots of all sizes."""
    rng, sheet = np.random.default_rng(9), np.full((*FRAME[::-1], 3), 128, np.uint8)
    for _ in range(4000):
        place, colour = rng.integers(0, FRAME[1], 2).tolist(), rng.integers(0, 255, 3).tolist()
        cv2.circle(sheet, place, int(rng.integers(2, 14)), colour, -1, cv2.LINE_AA)
    return sheet


def test_a_wall_that_is_found_again_does_not_decide_for_combed_hair():
    photo, baseline = later(1, pose=4, room=False, comb=7), first(1)
    found = fit(on_wall(photo, wall()), on_wall(baseline, wall()), baseline.scene.region)
    assert found.found is not Found.ALIGNED


def test_the_head_decides_and_not_the_wall_behind_it():
    photo, baseline = later(1, pose=4, room=False, comb=7, recombed=0.5), first(1)
    found = fit(on_wall(photo, wall()), on_wall(baseline, wall()), baseline.scene.region)
    assert found.found is Found.ALIGNED
    assert error(found.matrix, truth(photo, baseline)) < 0.005


def pairs(count: int, reach: float = 0.3, seed: int = 1) -> registration.Pairs:
    spots = np.random.default_rng(seed).uniform(0.5 - reach, 0.5 + reach, (count, 2)) * (1, 4 / 3)
    return registration.Pairs(spots, spots + 0.01)


def lay(found: registration.Pairs) -> registration.Laid | None:
    return registration.lay(found, np.ones(len(found), bool), CROWN, (4 / 3, 4 / 3))


def test_fewer_than_sixteen_points_are_not_believed():
    assert lay(pairs(16)) is not None
    assert lay(pairs(15)) is None


def test_points_on_one_mole_are_not_believed():
    assert lay(pairs(60, reach=0.01)) is None


def test_points_in_a_row_are_not_believed():
    spots = pairs(60).photo * (1, 0) + (0, 0.6)
    assert lay(registration.Pairs(spots, spots)) is None


@pytest.mark.parametrize("matrix", [(0.3, 0, 0, 0, 0.3, 0), (0.4, -0.7, 0.9, 0.7, 0.4, 0), (1.3, 0, 0, 0, 0.4, 0)])
def test_points_that_agree_on_an_impossible_pose_are_not_believed(matrix):
    spots = pairs(60).photo
    where = registration.moved(np.linalg.inv(np.array((*matrix, 0, 0, 1)).reshape(3, 3)), spots)
    assert lay(registration.Pairs(where, spots)) is None


def test_points_off_the_head_are_not_believed():
    found = pairs(60)
    assert registration.lay(found, np.zeros(60, bool), CROWN, (4 / 3, 4 / 3)) is None


def test_points_on_the_head_decide_even_where_the_room_has_more():
    head_on, room = pairs(60), pairs(400, seed=2)
    both = registration.Pairs(
        np.concatenate([head_on.photo, room.photo]), np.concatenate([head_on.baseline, room.baseline + 0.05])
    )
    found = registration.lay(both, np.arange(460) < 60, CROWN, (4 / 3, 4 / 3))
    assert found is not None
    assert found.inliers == 60


def test_the_wall_is_not_taken_for_the_head():
    shot = first(1)
    busy = on_wall(shot, wall())
    found = head.head(busy, shot.scene.region)
    places = np.stack(np.meshgrid(np.linspace(0.01, 0.99, 60), np.linspace(0.01, 1.32, 80)), -1).reshape(-1, 2)
    across, down = (places - (0.5, 0.46 * 4 / 3)).T / np.array([[0.45], [0.44 * 4 / 3]])
    outside = across**2 + down**2 > 1.05
    assert head.on(found, places)[outside].mean() < 0.01
    assert head.on(found, places)[~outside].mean() > 0.3


def test_a_head_turned_in_depth_is_laid_by_a_curve():
    scene = scalp(1, frame=FRAME)
    baseline, photo = first(1), photograph(scene, tilt=(4.0, 3.0), seed=8)
    ground, dim = fitting.ground(baseline.rgb, scene.region), pictures.grey(photo.rgb)
    found, bend = fitting.by_features(dim, features.find(dim, scene.region), ground)
    assert found.matrix is not None
    assert bend is not None
    rows = np.stack(np.meshgrid(np.arange(200, 400, 20), np.arange(200, 340, 20)), -1).reshape(-1, 2)
    width = FRAME[0]
    true = (registration.moved(np.linalg.inv(baseline.to_canvas), photo.on_canvas(rows)) + 0.5) / width
    back = np.linalg.inv(np.array(found.matrix).reshape(3, 3))
    straight, curved = (
        np.hypot(*(registration.moved(back, places) - (rows + 0.5) / width).T).mean()
        for places in (true, bend.bent(true))
    )
    assert curved < 0.0005
    assert straight > 2 * curved


def test_a_head_turned_in_the_picture_only_is_left_as_it_is():
    scene = scalp(1, frame=FRAME)
    photo, ground = later(1), fitting.ground(first(1).rgb, scene.region)
    dim = pictures.grey(photo.rgb)
    _, bend = fitting.by_features(dim, features.find(dim, scene.region), ground)
    edge = np.array([[0.2, 0.4], [0.8, 0.4], [0.5, 0.2], [0.5, 0.7], [0.02, 0.02], [0.98, 1.3]])
    assert bend is None or np.abs(bend.bent(edge) - edge).max() < 0.001


TAPS = np.array([[0.25, 0.4], [0.75, 0.42], [0.5, 1.15], [0.3, 1.0], [0.7, 0.9]])


@pytest.mark.parametrize("count", [3, 4, 5])
def test_taps_that_miss_by_half_a_percent_lay_the_region_within_one(count):
    reached = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        true = truth(taken(scalp(1, frame=FRAME), seed % 3), first(1))
        spots = registration.moved(np.linalg.inv(np.array(true).reshape(3, 3)), TAPS[:count])
        found = landmarks.tapped(*(side + rng.normal(0, 0.0035, side.shape) for side in (spots, TAPS[:count])))
        edge = np.array([[0.22, 0.45], [0.78, 0.45], [0.5, 0.27], [0.5, 0.64], [0.5, 0.45]])
        back = registration.moved(np.linalg.inv(np.array(true).reshape(3, 3)), edge)
        off = registration.moved(np.array(found).reshape(3, 3), back) - edge
        reached.append(float(np.hypot(*off.T).mean()))
    assert np.percentile(reached, 90) < 0.01


def test_taps_that_mirror_the_picture_are_not_aligned():
    ours, theirs = [(0.2, 0.3), (0.8, 0.3), (0.5, 0.8)], [(0.8, 0.3), (0.2, 0.3), (0.5, 0.8)]
    assert fitting.by_landmarks((ours, theirs), CROWN, (4 / 3, 4 / 3)).found is Found.NOT_ALIGNED


def test_pixels_and_widths_agree_about_the_middle_of_a_pixel():
    numbers = pictures.in_pixels(geometry.IDENTITY, (300, 400), (600, 800))
    assert np.allclose(numbers @ (0, 0, 1), (0.5, 0.5, 1))
    assert pictures.from_pixels(numbers, (300, 400), (600, 800)) == pytest.approx(geometry.IDENTITY)
