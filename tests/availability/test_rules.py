"""Hours, breaks, one-off openings and closed days, by table: what stands on the wall is kept when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from portal.availability import rules
from portal.availability.rules import Hours, Span, Window

BERLIN, LORD_HOWE, SANTIAGO = (ZoneInfo(name) for name in ("Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"))
MONDAY = date(2026, 5, 4)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HERE, THERE = UUID(int=1), UUID(int=2)


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def hours(opens, closes, weekday=0, **more):
    return Hours(weekday, time.fromisoformat(opens), time.fromisoformat(closes), **more)


def window(opens, closes, place=None, day=MONDAY):
    return Window(at(f"{day}T{opens}"), at(f"{day}T{closes}"), place)


def walls(windows, zone=BERLIN):
    return " ".join(f"{one.start.astimezone(zone):%H:%M%z}-{one.end.astimezone(zone):%H:%M%z}" for one in windows)


@pytest.mark.parametrize(
    "zone, day, opens, closes, expected",
    [
        pytest.param(BERLIN, SPRING, "09:00", "10:30", "09:00+0200-10:30+0200", id="spring-day"),
        pytest.param(BERLIN, AUTUMN, "09:00", "10:30", "09:00+0100-10:30+0100", id="autumn-day"),
        pytest.param(BERLIN, SPRING, "01:30", "04:15", "01:30+0100-04:15+0200", id="across-the-gap"),
        pytest.param(BERLIN, SPRING, "02:00", "03:00", "", id="an-hour-that-is-not"),
        pytest.param(BERLIN, SPRING, "02:30", "04:15", "03:00+0200-04:15+0200", id="opens-in-the-gap"),
        pytest.param(BERLIN, SPRING, "00:30", "02:30", "00:30+0100-03:00+0200", id="closes-in-the-gap"),
        pytest.param(BERLIN, AUTUMN, "02:00", "03:00", "02:00+0100-03:00+0100", id="an-hour-that-comes-twice"),
        pytest.param(BERLIN, AUTUMN, "01:00", "02:30", "01:00+0200-02:30+0200", id="closes-at-the-first"),
        pytest.param(BERLIN, AUTUMN, "02:45", "04:00", "02:45+0100-04:00+0100", id="opens-at-the-second"),
        pytest.param(
            LORD_HOWE, date(2026, 10, 4), "01:00", "04:00", "01:00+1030-04:00+1100", id="half-an-hour-is-missing"
        ),
        pytest.param(
            LORD_HOWE, date(2026, 4, 5), "01:00", "04:00", "01:00+1100-04:00+1030", id="half-an-hour-comes-twice"
        ),
        pytest.param(SANTIAGO, date(2026, 9, 6), "00:30", "02:00", "01:00-0300-02:00-0300", id="midnight-is-skipped"),
        pytest.param(SANTIAGO, date(2026, 4, 4), "22:00", "23:30", "22:00-0300-23:30-0300", id="before-midnight-twice"),
    ],
)
def test_hours_keep_their_place_on_the_wall(zone, day, opens, closes, expected):
    assert walls(rules.opening([hours(opens, closes, day.weekday())], day, zone), zone) == expected


@pytest.mark.parametrize(
    "day, opens, closes, expected",
    [
        pytest.param(MONDAY, "12:00", "13:00", "12:00+0200-13:00+0200", id="ordinary"),
        pytest.param(AUTUMN, "02:00", "03:00", "02:00+0200-03:00+0100", id="an-hour-that-comes-twice-is-off-twice"),
        pytest.param(SPRING, "02:00", "03:00", "", id="an-hour-that-is-not"),
    ],
)
def test_a_break_covers_every_moment_the_wall_shows_in_it(day, opens, closes, expected):
    assert walls(rules.breaks([hours(opens, closes, day.weekday(), is_break=True)], day, BERLIN)) == expected


@pytest.mark.parametrize(
    "row, day, expected",
    [
        pytest.param(hours("9:00".zfill(5), "17:00"), MONDAY, True, id="its-weekday"),
        pytest.param(hours("09:00", "17:00", 1), MONDAY, False, id="another-weekday"),
        pytest.param(hours("09:00", "17:00", valid_from=MONDAY), MONDAY, True, id="from-that-day"),
        pytest.param(hours("09:00", "17:00", valid_from=MONDAY + timedelta(days=1)), MONDAY, False, id="not-yet"),
        pytest.param(hours("09:00", "17:00", valid_until=MONDAY), MONDAY, True, id="that-day-still"),
        pytest.param(hours("09:00", "17:00", valid_until=MONDAY - timedelta(days=1)), MONDAY, False, id="no-longer"),
    ],
)
def test_hours_hold_between_their_first_and_last_day(row, day, expected):
    assert row.apply_on(day) is expected


@pytest.mark.parametrize(
    "one, other, clash",
    [
        pytest.param(hours("09:00", "12:00"), hours("11:00", "13:00"), True, id="overlap"),
        pytest.param(hours("09:00", "12:00"), hours("12:00", "13:00"), False, id="touch"),
        pytest.param(hours("09:00", "12:00"), hours("11:00", "13:00", 1), False, id="another-day"),
        pytest.param(hours("09:00", "12:00"), hours("11:00", "12:00", is_break=True), False, id="a-break-in-it"),
        pytest.param(
            hours("09:00", "12:00", is_break=True), hours("11:00", "12:30", is_break=True), True, id="two-breaks"
        ),
        pytest.param(
            hours("09:00", "12:00", valid_until=date(2026, 5, 31)),
            hours("09:00", "12:00", valid_from=date(2026, 6, 1)),
            False,
            id="one-after-the-other",
        ),
        pytest.param(
            hours("09:00", "12:00", place_id=HERE), hours("10:00", "11:00", place_id=THERE), True, id="places"
        ),
    ],
)
def test_rows_clash_when_both_speak_of_one_moment(one, other, clash):
    assert one.clash_with(other) is clash
    assert other.clash_with(one) is clash


@pytest.mark.parametrize(
    "week, once, expected",
    [
        pytest.param([hours("09:00", "12:00")], [], "09:00-12:00", id="the-week"),
        pytest.param([hours("09:00", "12:00"), hours("12:00", "15:00")], [], "09:00-15:00", id="rows-that-touch"),
        pytest.param([hours("09:00", "12:00"), hours("13:00", "15:00")], [], "09:00-12:00 13:00-15:00", id="a-gap"),
        pytest.param([hours("09:00", "12:00")], [window("11:00", "14:00")], "09:00-14:00", id="longer-once"),
        pytest.param([], [window("18:00", "20:00")], "18:00-20:00", id="only-once"),
        pytest.param(
            [hours("09:00", "17:00", place_id=HERE)],
            [window("11:00", "13:00", THERE)],
            "09:00-11:00 11:00-13:00* 13:00-17:00",
            id="elsewhere-once",
        ),
        pytest.param(
            [hours("09:00", "12:00", place_id=HERE)],
            [window("08:00", "13:00", THERE)],
            "08:00-13:00*",
            id="elsewhere-all-day",
        ),
        pytest.param(
            [hours("09:00", "12:00", place_id=HERE), hours("12:00", "15:00", place_id=THERE)],
            [],
            "09:00-12:00 12:00-15:00*",
            id="places-are-not-joined",
        ),
    ],
)
def test_the_week_and_what_is_once(week, once, expected):
    found = rules.at_work(week, once, [MONDAY], BERLIN)
    shown = [
        f"{one.start.astimezone(BERLIN):%H:%M}-{one.end.astimezone(BERLIN):%H:%M}{'*' * (one.place_id == THERE)}"
        for one in found
    ]
    assert " ".join(shown) == expected


@pytest.mark.parametrize(
    "first, from_time, last, until, hours_long",
    [
        (MONDAY, None, MONDAY, None, 24),
        (SPRING, None, SPRING, None, 23),
        (AUTUMN, None, AUTUMN, None, 25),
        (MONDAY, time(12), MONDAY, time(14), 2),
        (MONDAY, time(12), date(2026, 5, 5), None, 36),
        (AUTUMN, time(2), AUTUMN, time(3), 2),
    ],
)
def test_days_on_the_wall_are_as_long_as_they_are(first, from_time, last, until, hours_long):
    span = rules.wall_span(first, from_time, last, until, BERLIN)
    assert span.end - span.start == timedelta(hours=hours_long)


@pytest.mark.parametrize(
    "start, end, expected",
    [
        ("2026-05-04T00:00", "2026-05-05T00:00", MONDAY),
        ("2026-05-01T00:00", "2026-05-05T00:00", MONDAY),
        ("2026-05-04T08:00", "2026-05-05T00:00", None),
        ("2026-05-04T00:00", "2026-05-04T12:00", None),
    ],
)
def test_whole_days_are_known_as_such(start, end, expected):
    assert Span(at(start), at(end)).last_day("Europe/Berlin") == expected


def test_a_day_without_a_midnight_is_a_whole_day_too():
    span = rules.wall_span(date(2026, 9, 6), None, date(2026, 9, 6), None, SANTIAGO)
    assert span.end - span.start == timedelta(hours=23)
    assert span.last_day("America/Santiago") == date(2026, 9, 6)


def test_a_notice_names_the_clock():
    assert rules.in_words(at("2026-05-04T10:00"), "Europe/Berlin") == "Monday 4 May 2026, 10:00 CEST"
    assert rules.in_words(at("2026-05-04T10:00"), "Asia/Dubai") == "Monday 4 May 2026, 12:00 UTC+0400"
