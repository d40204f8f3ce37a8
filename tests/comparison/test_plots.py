"""Numbers become places: what counts is joined, what does not is set apart, and nothing is drawn without its band."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.comparison import plots
from portal.comparison.change import Index
from portal.comparison.plots import LANE, Mark, plot
from tests.comparison.make_series import FIRST, a_change, a_point


def test_without_a_figure_there_is_no_drawing():
    assert plot(a_change(), []) is None
    assert plot(a_change(a_point(0, None, why="hair_not_darker")), []) is None


def test_the_band_lies_around_the_first_days_figure():
    change = a_change(a_point(0, 40), a_point(0, 44), a_point(90, 43))
    drawn = plot(change, [])
    assert drawn.centre == pytest.approx(drawn.band_top + drawn.band_height / 2, abs=0.02)
    takes = [spot.y for spot in drawn.spots[:2]]
    assert drawn.centre == pytest.approx(sum(takes) / 2, abs=0.02)


def test_a_point_on_the_edge_of_the_band_is_drawn_on_its_edge():
    flat = a_change(a_point(0, 40), a_point(90, 40))
    drawn = plot(a_change(a_point(0, 40), a_point(90, 40 + flat.band)), [])
    assert drawn.spots[1].y == pytest.approx(drawn.band_top, abs=0.02)


def test_more_is_higher():
    first, second = plot(a_change(a_point(0, 40), a_point(90, 50)), []).spots
    assert second.y < first.y


def test_what_is_not_comparable_is_hollow_below_the_scale_and_not_joined():
    change = a_change(a_point(0, 40), a_point(30, None, comparable=False, why="not_comparable"), a_point(60, 42))
    drawn = plot(change, [])
    assert [spot.mark for spot in drawn.spots] == [Mark.COUNTED, Mark.HOLLOW, Mark.COUNTED]
    assert drawn.spots[1].y == LANE
    assert [(line.x1, line.x2) for line in drawn.lines] == [(drawn.spots[0].x, drawn.spots[2].x)]


def test_what_was_left_out_is_crossed_at_its_place_and_not_joined():
    drawn = plot(a_change(a_point(0, 40), a_point(30, 52, left_out="Moved."), a_point(60, 42)), [])
    assert drawn.spots[1].mark is Mark.EXCLUDED
    assert drawn.spots[1].y < drawn.spots[2].y < LANE
    assert len(drawn.lines) == 1


def test_when_the_first_photo_is_left_out_the_band_lies_around_the_next():
    drawn = plot(a_change(a_point(0, 60, left_out="Wet."), a_point(30, 40)), [])
    assert drawn.centre == drawn.spots[1].y


def test_the_baseline_has_its_own_mark():
    change = a_change(a_point(0, 40), a_point(30, 42))
    drawn = plot(change, [], change.points[0].photo_id)
    assert [spot.mark for spot in drawn.spots] == [Mark.FIRST, Mark.COUNTED]


def test_sessions_stand_between_the_photos_and_others_are_left_out():
    days = [FIRST + timedelta(days=day) for day in (-5, 45, 120)]
    assert plot(a_change(a_point(0, 40), a_point(90, 42)), days).sessions == [50.0]


def test_one_day_stands_in_the_middle():
    drawn = plot(a_change(a_point(0, 40)), [])
    assert [spot.x for spot in drawn.spots] == [50.0]
    assert [tick.label for tick in drawn.days] == ["10 Jan"]


def test_a_change_inside_the_noise_looks_small():
    drawn = plot(a_change(a_point(0, 40), a_point(90, 41)), [])
    assert abs(drawn.spots[1].y - drawn.spots[0].y) < drawn.band_height / 2


def test_a_share_has_no_scale_beyond_nothing_and_all():
    low, high = (plot(a_change(a_point(0, value), a_point(9, value)), []).rungs for value in (0.5, 99.5))
    assert low[0].label == "0 %"
    assert high[-1].label == "100 %"


@pytest.mark.parametrize("value, words", [(42.04, "42.0 %"), (-3.26, "−3.3 %")])
def test_figures_are_written_with_their_unit(value, words):
    assert plots.figure(Index.COVERAGE, value) == words
    assert plots.figure(Index.REDNESS, value) == words.removesuffix(" %")


values = st.lists(
    st.tuples(st.integers(0, 900), st.none() | st.floats(-60, 160, allow_nan=False), st.booleans()),
    min_size=1,
    max_size=9,
)


@given(values)
def test_whatever_the_figures_everything_lies_inside_the_drawing(found):
    points = [
        a_point(day, value, left_out="x" if out else "") for day, value, out in sorted(found, key=lambda one: one[0])
    ]
    drawn = plot(a_change(*points, index=Index.REDNESS), [])
    if drawn is None:
        return
    places = [*((spot.x, spot.y) for spot in drawn.spots), *((50, rung.at) for rung in drawn.rungs)]
    places += [(tick.at, 50) for tick in drawn.days]
    assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in places)
    assert 2 <= len(drawn.rungs) <= 8
    assert drawn.band_top >= 0
    assert drawn.band_top + drawn.band_height <= 100
