import numpy as np
import pytest

from benchmarks.truth import ghosted, mild, photograph
from portal.imaging.redness import erythema, redness
from tests.imaging.drawn import first, laid, scene, seeded, treated, untreated

SKINS = ("light", "medium", "brown", "dark")


def _read(shot):
    return redness(shot.rgb, treated(shot), untreated(shot))[0]


def _later(seed, take, baseline, **how):
    rng = seeded(seed, take)
    return laid(photograph(scene(seed, **how), seed=take, **ghosted(rng), **mild(rng)), baseline)


def test_an_absorbance_of_three_hundredths_is_seen_in_mild_light():
    """The noise is what two photos of the same skin differ by: 2 units, TYPICAL_REDNESS_BAND in benchmarks.indices."""
    seen = []
    for seed in range(5):
        how = {"skin": SKINS[seed % 4]}
        baseline = first(seed, **how)
        masks = treated(baseline), untreated(baseline)
        before, same = (redness(_later(seed, take, baseline, **how), *masks)[0] for take in (1, 2))
        after = [redness(_later(seed, take, baseline, redness=0.03, **how), *masks)[0] for take in (3, 4)]

        assert abs(before - same) < 2
        seen += [value - before > 2 for value in after]
    assert np.mean(seen) >= 0.9


@pytest.mark.parametrize("skin", SKINS)
def test_it_recovers_the_truth_on_every_skin(skin):
    """From below: JPEG keeps colour more coarsely than hairs, so hair takes some of it."""
    before, after = first(1, skin=skin), first(1, skin=skin, redness=0.1)
    told = after.true_redness - before.true_redness

    assert 0.6 < (_read(after) - _read(before)) / told < 1.1


def test_what_stands_beside_the_head_changes_nothing():
    """Balancing by the picture's mean would move a red wall's photo by tens of units."""
    red, grey = (photograph(scene(1), wall=wall) for wall in ((0.5, 0.03, 0.03), (0.4, 0.4, 0.4)))

    assert abs(_read(red) - _read(grey)) < 0.1
    assert abs(erythema(red.rgb, treated(red)) - erythema(grey.rgb, treated(grey))) < 0.1


def test_the_lamps_colour_moves_the_skin_and_not_the_difference():
    plain, warm = first(1), photograph(scene(1), gains=(1.1, 0.95, 0.85))
    one, other = (redness(shot.rgb, treated(shot), untreated(shot)) for shot in (plain, warm))

    assert other[2] - one[2] > 4
    assert abs(other[0] - one[0]) < 1


def test_without_untreated_skin_there_is_no_number():
    shot = first(1)

    assert redness(shot.rgb, treated(shot), None) == (None, "no_reference_skin", None)
    assert redness(shot.rgb, treated(shot), np.zeros(shot.rgb.shape[:2], bool)) == (None, "no_reference_skin", None)


def test_without_a_region_the_untreated_skin_is_still_told():
    shot = first(1)
    value, why, own = redness(shot.rgb, np.zeros(shot.rgb.shape[:2], bool), untreated(shot))

    assert (value, why) == (None, "no_region")
    assert own == erythema(shot.rgb, untreated(shot))
    assert erythema(shot.rgb, np.zeros(shot.rgb.shape[:2], bool)) is None


@pytest.mark.parametrize("ev, why", [(-7, "too_dark"), (2, "too_bright")])
def test_a_photo_that_is_too_dark_or_too_bright_gives_no_number(ev, why):
    shot = photograph(scene(1), ev=ev)

    assert redness(shot.rgb, treated(shot), untreated(shot))[:2] == (None, why)
