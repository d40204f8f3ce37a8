import cv2
import numpy as np
import pytest

from benchmarks.truth import ghosted, mild, photograph, scalp
from portal.imaging.coverage import coverage
from tests.imaging.drawn import first, laid, scene, seeded, treated

RENDITION = (768, 1024)  # what is measured: smaller than the photo, so that laying it over another hardly blurs it


def _read(shot):
    return coverage(shot.rgb, treated(shot))[0]


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_the_truth_in_rank_and_in_a_line(seed):
    shots = [first(seed, density=much) for much in (0.4, 0.7, 1.0, 1.3, 1.6)]
    true, read = [shot.true_coverage for shot in shots], [_read(shot) for shot in shots]
    slope = np.polyfit(true, read, 1)[0]

    assert read == sorted(read)
    assert 0.45 < slope < 1.3
    assert np.corrcoef(true, read)[0, 1] ** 2 > 0.97


@pytest.mark.parametrize("seed", range(3))
def test_the_same_hair_in_another_pose_and_mild_light_reads_the_same(seed):
    head = scalp(seed, view="crown")
    baseline = photograph(head, seed=1, size=RENDITION)
    for take in range(2):
        rng = seeded(seed, take)
        later = photograph(head, seed=take + 5, size=RENDITION, **ghosted(rng), **mild(rng))

        assert abs(coverage(laid(later, baseline), treated(baseline))[0] - _read(baseline)) < 1.5


@pytest.mark.parametrize("quality", [95, 80, 65])
def test_encoding_again_moves_it_little(quality):
    shot = first(1)
    jpeg = cv2.imencode(".jpg", shot.rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]

    assert abs(coverage(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), treated(shot))[0] - _read(shot)) < 1


def test_resizing_moves_it_little():
    """Not to half: where strands melt into the skin between them there is no cut to find."""
    shot, smaller = first(1), photograph(scene(1), size=(510, 680))

    assert abs(_read(smaller) - _read(shot)) < 3


@pytest.mark.parametrize("gamma", [0.7, 1.4])
def test_a_phones_tone_curve_moves_it_little(gamma):
    assert abs(_read(photograph(scene(1), gamma=gamma)) - _read(first(1))) < 3


def test_the_lamps_fall_off_moves_it_little():
    shot = first(1)
    fall = np.linspace(1, 0.6, shot.size[0])[None, :, None]
    darker = (255 * ((shot.rgb / 255) ** 2.2 * fall) ** (1 / 2.2)).astype(np.uint8)

    assert abs(coverage(darker, treated(shot))[0] - _read(shot)) < 1.5


def test_what_stands_beside_the_head_changes_nothing():
    red, grey = (photograph(scene(1), wall=wall) for wall in ((0.5, 0.03, 0.03), (0.4, 0.4, 0.4)))

    assert abs(_read(red) - _read(grey)) < 0.1


@pytest.mark.parametrize("skin", ["light", "medium", "brown", "dark"])
@pytest.mark.parametrize("seed", range(3))
def test_dark_hair_is_measured_on_every_skin(seed, skin):
    assert 15 < _read(first(seed, skin=skin)) < 90


@pytest.mark.parametrize("hair", ["blond", "grey"])
@pytest.mark.parametrize("skin", ["light", "medium", "brown"])
@pytest.mark.parametrize("seed", range(3))
def test_blond_and_grey_hair_is_not_measured(seed, skin, hair):
    shot = first(seed, skin=skin, hair=hair)

    assert coverage(shot.rgb, treated(shot)) == (None, "hair_not_darker")


@pytest.mark.parametrize("seed", range(3))
def test_grey_hair_on_dark_skin_is_not_taken_for_skin(seed):
    """There the hair is the lighter of the two, and a cut alone would tell growth as loss."""
    shot = first(seed, skin="dark", hair="grey")

    assert coverage(shot.rgb, treated(shot)) == (None, "hair_not_darker")


@pytest.mark.parametrize("skin", ["light", "medium", "brown", "dark"])
def test_bare_skin_is_not_measured(skin):
    shot = first(1, skin=skin, bald=True)

    assert coverage(shot.rgb, treated(shot)) == (None, "hair_not_darker")


@pytest.mark.parametrize("seed", range(3))
def test_a_full_head_of_dark_hair_reads_far_above_a_thin_one(seed):
    assert _read(first(seed, full=True)) > _read(first(seed)) + 8


def test_a_photo_that_is_too_dark_or_too_bright_gives_no_number():
    dark, bright = photograph(scene(1), ev=-6), photograph(scene(1), ev=4)

    assert coverage(dark.rgb, treated(dark)) == (None, "too_dark")
    assert coverage(bright.rgb, treated(bright)) == (None, "too_bright")


@pytest.mark.parametrize("pixels", [0, 1, 999])
def test_a_region_of_a_few_pixels_gives_no_number(pixels):
    shot = first(1)
    mask = np.zeros(shot.rgb.shape[:2], bool)
    mask.ravel()[200_000 : 200_000 + pixels] = True

    assert coverage(shot.rgb, mask) == (None, "no_region")


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_colour_gives_no_number(level):
    shot = first(1)

    assert coverage(np.full_like(shot.rgb, level), treated(shot))[0] is None
