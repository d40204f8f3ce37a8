"""Phases, the words of today and tomorrow, and who is looked at first."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.recovery import rules
from portal.recovery.rules import Rank, days_since, expected, phases, rank
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING

SURE, MAYBE = True, False
I, P, R = "Inflammation", "Proliferation", "Remodelling"  # noqa: E741


@pytest.mark.parametrize(
    "days, names",
    [
        (0, {I: SURE}),
        (2, {I: SURE}),
        (3, {I: SURE, P: MAYBE}),
        (5, {I: SURE, P: SURE}),
        (6, {P: SURE}),
        (20, {P: SURE}),
        (21, {P: SURE, R: MAYBE}),
        (56, {P: SURE, R: SURE}),
        (57, {R: SURE}),
        (365, {R: SURE}),
        (366, {}),
    ],
)
def test_phases_overlap_by_the_days_of_their_sources(days, names):
    assert {one.phase.name: one.is_sure for one in phases(days)} == names


def test_a_phase_says_its_days():
    assert [one.span for one in rules.PHASES] == ["Day 1 to day 6", "Day 4–6 to week 8", "Week 3–8 to a year"]


@pytest.mark.parametrize(
    "change, reason",
    [
        (("to_day = 5\n", "to_day = 500\n"), "out of order"),
        (("from_day = 3\nsure_from_day = 5", "from_day = 6\nsure_from_day = 5"), "out of order"),
        (('source = ["S18", "S20"]', 'source = ["S99"]'), "no source S99"),
    ],
)
def test_phases_that_make_no_sense_are_refused(change, reason):
    text = (rules.Path(rules.__file__).parent / "phases.toml").read_text("utf-8")
    assert change[0] in text
    with pytest.raises(ValueError, match=reason):
        rules.read(text.replace(*change, 1))


@pytest.mark.parametrize(
    "hours, day, today, tomorrow",
    [
        (0, 1, "the first day", "the second and third day"),
        (23.9, 1, "the first day", "the second and third day"),
        (24, 2, "the second and third day", ""),
        (47, 2, "the second and third day", ""),
        (50, 3, "the second and third day", "the fourth to the seventh day"),
        (100, 5, "the fourth to the seventh day", ""),
        (150, 7, "the fourth to the seventh day", "more than a week after"),
        (400, 17, "more than a week after", ""),
    ],
)
def test_tomorrow_is_told_only_where_it_differs(hours, day, today, tomorrow):
    stages = {stage.when: stage for stage in RUNNING.course}
    found = expected(RUNNING.course, hours)
    assert (found.day, found.today, found.tell_us) == (day, stages[today].normal, stages[today].not_normal)
    later = (stages[tomorrow].normal, stages[tomorrow].not_normal) if tomorrow else ("", "")
    assert (found.tomorrow, found.tell_us_tomorrow) == later


@pytest.mark.parametrize("hours, days", [(-1, 0), (0, 0), (23, 0), (24, 1), (336, 14)])
def test_a_day_is_over_after_24_hours(hours, days):
    ended = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert days_since(ended, ended + timedelta(hours=hours)) == days


@pytest.mark.parametrize(
    "waiting, latest, is_above, found",
    [
        ([Level.DAY, Level.URGENT], Level.EXPECTED, False, Rank.URGENT),
        ([Level.DAY], Level.WATCH, True, Rank.DAY),
        ([Level.EXPECTED], Level.EXPECTED, False, Rank.WATCHED),
        ([], Level.WATCH, True, Rank.WATCHED),
        ([], Level.URGENT, True, Rank.ABOVE),
        ([], Level.DAY, False, Rank.ORDINARY),
        ([], None, False, Rank.ORDINARY),
    ],
)
def test_what_is_open_comes_before_what_is_watched_before_what_lies_above(waiting, latest, is_above, found):
    assert rank(waiting, latest, is_above=is_above) is found
