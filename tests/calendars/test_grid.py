"""Where things stand on a sheet, also on days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.availability.rules import Span
from portal.calendars import grid
from portal.calendars.grid import Place

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 5, 20)


def span(begin: str, end: str, day: date = DAY, zone: ZoneInfo = BERLIN) -> Span:
    return Span(*(datetime.combine(day, time.fromisoformat(one), zone).astimezone(UTC) for one in (begin, end)))


@pytest.mark.parametrize(
    "begin, end, classes",
    [
        ("09:00", "09:45", "at-9 at-m0 to-9 to-m45"),
        ("09:07", "09:09", "at-9 at-m5 to-9 to-m10"),
        ("23:00", "23:59", "at-23 at-m0 to-24 to-m0"),
    ],
)
def test_an_appointment_stands_where_the_wall_says(begin, end, classes):
    assert grid.place(span(begin, end), DAY, BERLIN).classes == classes


def test_what_began_the_day_before_begins_at_midnight():
    long = Span(span("22:00", "23:00").start - timedelta(days=1), span("02:00", "03:00").start)
    assert grid.place(long, DAY, BERLIN) == Place(0, 0, 2, 0)


def test_what_lasts_beyond_midnight_is_cut_there():
    late = Span(span("23:00", "23:30").start, span("23:00", "23:30").start + timedelta(hours=3))
    assert grid.place(late, DAY, BERLIN) == Place(23, 0, 24, 0)


def test_on_the_day_of_a_change_the_afternoon_stands_where_it_does_every_day():
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        assert grid.place(span("14:00", "15:00", day), day, BERLIN) == Place(14, 0, 15, 0)


def test_an_early_bird_widens_the_sheet():
    assert grid.hours_shown([]) == range(8, 18)
    assert grid.hours_shown([Place(6, 30, 7, 0), Place(18, 0, 19, 15)]) == range(6, 20)
    assert grid.cut(Place(0, 0, 24, 0), range(6, 20)) == Place(6, 0, 20, 0)
    assert grid.cut(Place(20, 0, 24, 0), range(6, 20)) is None


def test_what_overlaps_stands_side_by_side():
    spans = [span("09:00", "10:00"), span("09:30", "10:30"), span("10:00", "11:00"), span("12:00", "13:00")]
    assert grid.tracks(spans) == [(1, 2), (2, 2), (1, 2), (1, 1)]


minutes = st.tuples(st.integers(0, 600), st.integers(5, 90)).map(
    lambda pair: Span(
        datetime(2026, 5, 20, tzinfo=UTC) + timedelta(minutes=pair[0]),
        datetime(2026, 5, 20, tzinfo=UTC) + timedelta(minutes=sum(pair)),
    )
)


@given(st.lists(minutes, max_size=8))
def test_two_that_overlap_are_never_in_one_track(spans):
    placed = list(zip(spans, grid.tracks(spans), strict=True))
    for index, (one, (track, count)) in enumerate(placed):
        assert track <= count <= grid.MOST_TRACKS
        for other, (others, _) in placed[index + 1 :]:
            if count < grid.MOST_TRACKS:
                assert not (one.overlaps(other) and track == others)


@given(st.lists(minutes, max_size=8), st.lists(minutes, max_size=8))
def test_what_is_free_is_open_and_not_taken(open_, taken):
    for one in grid.free(open_, taken, datetime(2026, 5, 20, tzinfo=UTC)):
        assert any(each.start <= one.start and one.end <= each.end for each in open_)
        assert not any(one.overlaps(busy) for busy in taken)
        assert one.end - one.start >= grid.SHORTEST_FREE


def test_every_hour_of_a_day_has_its_moment():
    spring = grid.hour_moments(date(2026, 3, 29), BERLIN)
    assert len(spring) == 25
    assert spring[3] - spring[2] == 0, "the hour from two to three is skipped"
    assert spring[24] - spring[0] == 23 * 3600
    autumn = grid.hour_moments(date(2026, 10, 25), BERLIN)
    assert autumn[24] - autumn[0] == 25 * 3600
