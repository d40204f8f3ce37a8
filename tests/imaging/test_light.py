import numpy as np
import pytest

from benchmarks.truth import photograph
from portal.imaging.light import LEVEL, envelope, evened, level, linear, luminance
from tests.imaging.drawn import first, scene, treated


def _fallen(rgb, to):
    """The same photo with a lamp that falls off to the right."""
    fall = np.linspace(1, to, rgb.shape[1])[None, :, None]
    return np.round(255 * np.clip((rgb / 255) ** 2.2 * fall, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def _unlike(one, other, mask):
    return float(np.abs(luminance(one) - luminance(other))[mask].mean())


def test_black_is_no_light_and_white_is_all():
    assert linear(np.array([0, 255], np.uint8)).tolist() == [0, 1]
    assert abs(float(linear(np.array([118], np.uint8))[0]) - 0.18) < 0.005


def test_the_envelope_follows_the_skin_between_the_hair():
    shot = first(1)
    light = luminance(shot.rgb)
    bright = envelope(light, treated(shot))[treated(shot)]

    assert np.median(bright) > np.quantile(light[treated(shot)], 0.8)


def test_the_envelope_does_not_look_beyond_its_mask():
    light = np.full((200, 150), 0.2, np.float32)
    mask = np.zeros(light.shape, bool)
    mask[60:140, 40:110] = True
    light[~mask] = 1

    assert np.allclose(envelope(light, mask)[mask], 0.2, atol=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_two_lamps_are_brought_nearer_to_one(seed):
    shot = first(seed)
    other = _fallen(shot.rgb, 0.5)

    assert _unlike(evened(shot.rgb), evened(other), treated(shot)) < 0.5 * _unlike(shot.rgb, other, treated(shot))


@pytest.mark.parametrize("ev", [-0.5, 0.5])
def test_a_photo_is_brought_to_the_level_of_its_baseline(ev):
    baseline, later = first(1), photograph(scene(1), ev=ev)
    wanted = level(baseline.rgb)

    assert abs(level(later.rgb) / wanted - 1) > 0.2
    assert abs(level(evened(later.rgb, wanted)) / wanted - 1) < 0.07


def test_dark_skin_stays_dark_beside_its_own_baseline():
    baseline = first(1, skin="dark")

    assert abs(evened(baseline.rgb, level(baseline.rgb)).mean() / baseline.rgb.mean() - 1) < 0.15


def test_colour_is_not_touched():
    shot = first(1)
    before, after = linear(shot.rgb)[treated(shot)], linear(evened(shot.rgb))[treated(shot)]
    clear = (before.min(axis=1) > 0.05) & (after.max(axis=1) < 0.95)
    ratios = [np.log10(light[clear, 0] / light[clear, 1]) for light in (before, after)]

    assert abs(float(np.median(ratios[0] - ratios[1]))) < 0.003


def test_the_wall_has_no_say():
    bright, dark = (photograph(scene(1), wall=(wall, wall, wall)) for wall in (0.8, 0.05))

    assert abs(level(bright.rgb) / level(dark.rgb) - 1) < 0.02
    assert _unlike(evened(bright.rgb), evened(dark.rgb), treated(bright)) < 0.01


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_one_colour_stays_one(shade):
    after = evened(np.full((90, 60, 3), shade, np.uint8))

    assert after.shape == (90, 60, 3)
    assert np.ptp(after) <= 1
    assert after.max() <= 255 * LEVEL ** (1 / 2.4) + 20
