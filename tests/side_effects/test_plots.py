"""Numbers become places: the band as steps, what was told as marks of three shapes, and the same in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.side_effects import drawn, plots
from portal.side_effects.drawn import rungs
from portal.side_effects.plots import NONE_AT, TOP, Place, course, when
from portal.side_effects.rules import Symptom
from portal.side_effects.table import RUNNING

REDNESS, ITCH = RUNNING.bands["redness"], RUNNING.bands["itch"]
OF_REDNESS, OF_ITCH = rungs(RUNNING, Symptom.REDNESS), rungs(RUNNING, Symptom.ITCH)


def redness(*points, now=None):
    return course(REDNESS, points, OF_REDNESS, now)


@pytest.mark.parametrize("hours, x", [(0, 0), (21, 25), (84, 50), (336, 100), (-5, 0)])
def test_hours_become_places_and_the_first_day_is_drawn_wider(hours, x):
    assert redness((hours, 1)).spots[0].x == x


@pytest.mark.parametrize(
    "symptom, value, share",
    [
        (Symptom.REDNESS, 0, 0),
        (Symptom.REDNESS, 2, 0.5),
        (Symptom.REDNESS, 4, 1),
        (Symptom.ITCH, 3, 0.5),  # mild stands for 3 of 10
        (Symptom.ITCH, 5, 0.625),  # halfway from mild to marked, which stands for 7
        (Symptom.ITCH, 10, 1),
        (Symptom.SWELLING, 3, 1),
        (Symptom.RASH, 1, 0.5),
        (Symptom.DISCHARGE, 2, 1),
        (Symptom.DISCHARGE, 9, 1),
    ],
)
def test_values_stand_at_their_word(symptom, value, share):
    band = RUNNING.bands["pustules" if symptom is Symptom.RASH else symptom.value]
    spot = course(band, [(1, value)], rungs(RUNNING, symptom)).spots[0]
    assert spot.y == pytest.approx(NONE_AT - (NONE_AT - TOP) * share, abs=0.01)


@pytest.mark.parametrize(
    "hours, value, place",
    [
        (5, 3, Place.USUAL),
        (5, 4, Place.ABOVE),
        (13, 3, Place.WATCHED),
        (24, 3, Place.ABOVE),  # a row ends before its last hour
        (60, 2, Place.WATCHED),
        (130, 0, Place.USUAL),
        (200, 1, Place.ABOVE),
    ],
)
def test_a_mark_says_where_its_value_lies_at_its_time(hours, value, place):
    assert redness((hours, value)).spots[0].place is place


def test_the_band_is_drawn_as_steps_from_the_session_to_the_right_edge():
    drawn_band = redness()
    assert len(drawn_band.usual) == 2 * len(REDNESS.rows)
    assert drawn_band.usual[0] == (0, drawn_band.rungs[3].at)
    assert drawn_band.highest[-1] == (100, NONE_AT)
    xs = [x for x, _ in drawn_band.highest]
    assert xs == sorted(xs)
    assert all(usual[1] >= highest[1] for usual, highest in zip(drawn_band.usual, drawn_band.highest, strict=True))


def test_the_hours_are_named():
    assert [tick.label for tick in redness().ticks] == ["6 h", "1 d", "3 d", "7 d", "14 d"]
    assert [tick.label for tick in redness((60 * 24, 1)).ticks][-3:] == ["7 d", "14 d", "30 d"]


def test_the_axis_speaks_the_words_of_the_scale():
    assert [rung.label for rung in redness().rungs] == ["none", "faint", "mild", "marked", "severe"]
    assert [rung.word for rung in rungs(RUNNING, Symptom.SWELLING)] == ["none", "faint", "mild", "marked +"]


@pytest.mark.parametrize("now, at", [(None, None), (84, 50), (400, None), (-1, None)])
def test_now_is_a_line_while_it_lies_in_the_drawing(now, at):
    assert redness(now=now).now == at


def test_the_table_holds_what_the_drawing_holds():
    lines = redness((5, 3), (13, 3), (30, 3), (400, 1)).lines
    assert [line.span for line in lines] == [
        "0 to 12 h",
        "12 to 24 h",
        "1 to 2 days",
        "2 to 3 days",
        "3 to 5 days",
        "5 to 7 days",
        "after 7 days",
    ]
    assert [(line.usual, line.highest) for line in lines[:3]] == [
        ("marked", "marked"),
        ("mild", "marked"),
        ("mild", "mild"),
    ]
    assert [spot.says for line in lines for spot in line.spots] == [
        "marked after 5 h, usual",
        "marked after 13 h, more than usual",
        "marked after 30 h, above the band",
        "faint after 16 days, above the band",
    ]


def test_a_band_between_two_words_reads_as_the_lower_one():
    assert [(line.usual, line.highest) for line in course(ITCH, [], OF_ITCH).lines] == [
        ("mild", "mild"),
        ("faint", "mild"),
        ("none", "faint"),
    ]


def test_unjudged_marks_say_only_what_was_told():
    spots = course(REDNESS, [(30, 4)], OF_REDNESS, judged=False).spots
    assert [(spot.place, spot.says) for spot in spots] == [(None, "severe after 30 h")]


@pytest.mark.parametrize(
    "hours, words", [(0.2, "within an hour"), (5.4, "after 5 h"), (47, "after 47 h"), (95, "after 3 days")]
)
def test_times_are_said_plainly(hours, words):
    assert when(hours) == words


points = st.lists(st.tuples(st.floats(0, 3000), st.integers(0, 10)), max_size=6)


@given(st.sampled_from(drawn.DRAWN), points, st.none() | st.floats(-10, 4000))
def test_whatever_is_told_lies_inside_the_drawing(symptom, told, now):
    band = RUNNING.bands["pustules" if symptom is Symptom.RASH else symptom.value]
    made = course(band, told, rungs(RUNNING, symptom), now)
    assert all(0 <= x <= 100 and TOP <= y <= NONE_AT for x, y in (*made.usual, *made.highest))
    assert all(0 <= spot.x <= 100 and TOP <= spot.y <= NONE_AT for spot in made.spots)
    assert sum(len(line.spots) for line in made.lines) == len(told)
    gaps = [later.at - sooner.at for sooner, later in zip(made.ticks, made.ticks[1:], strict=False)]
    assert all(gap >= plots._APART for gap in gaps)
