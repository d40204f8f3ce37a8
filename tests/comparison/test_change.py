"""Change that knows its own noise."""

from datetime import date, timedelta
from random import Random

import pytest

from portal.comparison.change import CONFIDENCE, GUIDES, Index, Measured, Noise, noise, said

FIRST = date(2026, 1, 10)


def points(*values, days=30):
    return [Measured(FIRST + timedelta(days=days * number), value) for number, value in enumerate(values)]


def test_without_repeats_the_noise_is_the_typical_one():
    found = noise([], 1.5)
    assert (found.deviation, found.repeats) == (1.5, 0)
    assert found.band() == pytest.approx(CONFIDENCE * 1.5 * 2**0.5)


def test_a_single_take_a_day_is_no_repeat():
    assert noise([[40.0], [44.0]], 1.5).repeats == 0


def test_two_lucky_takes_do_not_promise_precision_nobody_has():
    lucky = noise([[40.0, 40.0]], 1.5)
    assert 1.2 < lucky.deviation < 1.5


def test_a_restless_series_widens_its_band():
    assert noise([[40.0, 50.0], [30.0, 41.0]], 1.5).deviation > 2.5


def test_many_repeats_outweigh_the_typical_figure():
    chance = Random(4)
    days = [[chance.gauss(40, 0.5), chance.gauss(40, 0.5)] for _ in range(400)]
    flat = [[value - sum(day) / 2 for value in day] for day in days]
    assert noise(flat, 3.0).deviation < 1.0


def test_more_takes_narrow_the_band():
    found = Noise(2.0, 5)
    assert found.band(2, 2) == pytest.approx(found.band() / 2**0.5)
    assert found.band(0, 0) == found.band()


@pytest.mark.parametrize(
    "values, days, words, beyond",
    [
        ((), 30, "Nothing could be measured", False),
        ((40,), 30, "first day", False),
        ((40, 41), 30, "None is expected before month 3 to 6", False),
        ((40, 41), 200, "Talk about it with your practitioner", False),
        ((40, 50), 200, "More of this view is covered by hair", True),
        ((50, 40), 200, "Less of this view is covered by hair", True),
    ],
)
def test_words_follow_the_figures(values, days, words, beyond):
    told = said(Index.COVERAGE, points(*values, days=days), noise([], 1.45))
    assert words in told.sentence
    assert told.beyond is beyond


def test_later_photos_that_cannot_be_compared_are_not_called_missing():
    told = said(Index.COVERAGE, points(40), noise([], 1.45), more=True)
    assert told.sentence.startswith("None of the later photos can be compared")


def test_a_figure_is_never_told_without_its_band():
    told = said(Index.COVERAGE, points(40, 52), noise([], 1.45))
    assert "give or take 4.0" in told.sentence
    assert "12.0 percentage points" in told.sentence


def test_takes_of_one_day_are_averaged():
    takes = [Measured(FIRST, 40), Measured(FIRST, 44), Measured(FIRST + timedelta(days=90), 43)]
    assert said(Index.COVERAGE, takes, noise([], 1.45)).difference == pytest.approx(1.0)


def test_nothing_said_promises_growth():
    every = [said(index, points(10, 40, days=200), noise([], 1)).sentence for index in Index]
    every += [said(index, points(40, 10, days=200), noise([], 1)).sentence for index in Index]
    assert not any(word in one.lower() for one in every for word in ("grow", "improve", "better", "success", "regrow"))


@pytest.mark.thorough
@pytest.mark.parametrize("index", Index)
def test_without_any_change_a_change_is_said_in_at_most_five_of_a_hundred(index):
    """Clients whose own noise differs from the typical one by up to 30 %; two takes of three views on the first day."""
    chance, wrong, rounds = Random(8), 0, 4000
    for _ in range(rounds):
        own = GUIDES[index].typical * chance.uniform(0.7, 1.3)
        days = [[chance.gauss(0, own), chance.gauss(0, own)] for _ in range(3)]
        series = [Measured(FIRST, value) for value in days[0]]
        series.append(Measured(FIRST + timedelta(days=100), chance.gauss(0, own)))
        wrong += said(index, series, noise(days, GUIDES[index].typical)).beyond
    assert wrong / rounds <= 0.06
