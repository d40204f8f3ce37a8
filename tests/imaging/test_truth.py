"""The generator says what is true: only then do figures measured with it mean something."""

import cv2
import numpy as np
import pytest

from benchmarks.truth import follow_up, mild, photograph, strong, thing
from tests.imaging.drawn import FRAME, first, laid, scene, seeded


def _unlike(one, other):
    return float(np.abs(one.astype(int) - other.astype(int))[200:500, 150:450].mean())


def test_a_seed_gives_the_same_photo_again():
    assert first(1).jpeg == photograph(scene(1)).jpeg
    assert first(1).jpeg != first(2).jpeg


def test_the_told_pose_lays_one_photo_exactly_over_another():
    one = photograph(scene(1), seed=1, noise=0, **follow_up(seeded(1)))
    other = photograph(scene(1), seed=2, noise=0, **follow_up(seeded(2)))
    straight = laid(one, other)

    assert _unlike(straight, other.rgb) < 0.5 * _unlike(np.roll(straight, 2, 1), other.rgb)
    assert _unlike(straight, other.rgb) < 0.5 * _unlike(np.roll(straight, 2, 0), other.rgb)


def test_the_pose_of_a_smaller_photo_is_told_for_its_own_pixels():
    large, small = photograph(scene(1), noise=0), photograph(scene(1), noise=0, size=(450, 600))

    assert small.size == (450, 600)
    assert np.allclose(large.truth_to(small) @ (599.5, 799.5, 1), (449.5, 599.5, 1), atol=0.2)


def test_a_head_turned_in_depth_is_told_where_each_pixel_lies():
    straight, turned = photograph(scene(1), noise=0), photograph(scene(1), noise=0, tilt=(8, 4))
    points = seeded(0).uniform((200, 250), (400, 450), (2000, 2))
    places = turned.on_canvas(points).astype(np.float32)
    seen = turned.rgb[points[:, 1].round().astype(int), points[:, 0].round().astype(int)].astype(int)
    there = cv2.remap(straight.rgb, places[None, :, 0], places[None, :, 1], cv2.INTER_LINEAR)[0].astype(int)
    beside = cv2.remap(straight.rgb, places[None, :, 0] + 4, places[None, :, 1], cv2.INTER_LINEAR)[0].astype(int)

    assert np.abs(places - points).max() > 15
    assert np.abs(seen - there).mean() < 0.6 * np.abs(seen - beside).mean()


def test_denser_hair_covers_more_and_leaves_the_other_hair_where_it_is():
    thin, usual, dense = (scene(1, density=much).painted() for much in (0.6, 1.0, 1.4))
    dark = usual.light[..., 1] < 0.1 * 65535

    assert thin.coverage < usual.coverage < dense.coverage
    assert (dense.light[..., 1][dark] < 0.2 * 65535).mean() > 0.97


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_recombing_moves_the_share_of_hair_that_was_asked_for(share):
    before, after, whole = (scene(3, comb=comb, recombed=much) for comb, much in ((0, 1), (5, share), (5, 1)))
    moved, most = (
        np.abs(before.painted().light[:400, :, 1].astype(int) - one.painted().light[:400, :, 1]).mean()
        for one in (after, whole)
    )

    assert abs(moved / most - share) < 0.15


def test_recombing_the_centre_leaves_the_rest():
    before, after = scene(3).painted(), scene(3, comb=5, where="centre").painted()
    changed = before.light[..., 1] != after.light[..., 1]

    assert changed[200:340, 200:400].mean() > 0.5
    assert changed[:60].mean() < 0.01


@pytest.mark.parametrize("skin, rise", [("light", 6.2), ("medium", 6.0), ("brown", 5.4), ("dark", 4.5)])
def test_redder_skin_is_redder_by_what_is_told(skin, rise):
    """220 units for an absorbance of 1, less what the surface sends back before the light reaches the blood."""
    told = scene(1, skin=skin, redness=0.03).painted().redness - scene(1, skin=skin).painted().redness

    assert abs(told - rise) < 0.7


def test_light_and_camera_change_the_photo_and_not_the_truth():
    plain, dim, odd = first(1), photograph(scene(1), **mild(seeded(3))), photograph(scene(1), **strong(seeded(3)))

    assert plain.true_coverage == dim.true_coverage == odd.true_coverage
    assert abs(plain.rgb.mean() - odd.rgb.mean()) > 2


def test_wet_hair_shows_more_skin():
    assert photograph(scene(2), wet=True).true_coverage < first(2).true_coverage - 1


@pytest.mark.parametrize("seed", range(4))
def test_a_thing_is_no_scalp(seed):
    shot = photograph(thing(seed, frame=FRAME))

    assert shot.rgb.std() > 15
    assert shot.true_coverage == 0
