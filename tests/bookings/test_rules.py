"""Free times, by table: what stands on the wall is kept when the clocks change, and nothing is doubled or lost."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.bookings import rules
from portal.bookings.rules import Hours, Length, Span

BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
MONDAY = date(2026, 5, 4)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
EVER = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
HOUR = Length(60)


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def slots(opens, closes, day=MONDAY, length=HOUR, taken=(), within=EVER, zone=BERLIN):
    hours = [Hours(day.weekday(), time.fromisoformat(opens), time.fromisoformat(closes))]
    return rules.free_slots(hours, taken, length, zone, [day], within)


def on_the_wall(spans, zone=BERLIN):
    return " ".join(f"{span.start.astimezone(zone):%H:%M%z}" for span in spans)


def test_slots_are_a_quarter_of_an_hour_apart_and_end_inside_the_hours():
    found = slots("09:00", "11:00")
    assert on_the_wall(found) == "09:00+0200 09:15+0200 09:30+0200 09:45+0200 10:00+0200"
    assert found[-1].end == at("2026-05-04T11:00")


@pytest.mark.parametrize(
    "day, opens, closes, expected",
    [
        pytest.param(SPRING, "09:00", "10:30", "09:00+0200 09:15+0200 09:30+0200", id="spring-day"),
        pytest.param(AUTUMN, "09:00", "10:30", "09:00+0100 09:15+0100 09:30+0100", id="autumn-day"),
        pytest.param(SPRING, "01:30", "04:15", "01:30+0100 01:45+0100 03:00+0200 03:15+0200", id="across-the-gap"),
        pytest.param(SPRING, "02:00", "03:00", "", id="an-hour-that-is-not"),
        pytest.param(SPRING, "02:30", "04:15", "03:00+0200 03:15+0200", id="opens-in-the-gap"),
        pytest.param(SPRING, "00:30", "02:30", "00:30+0100 00:45+0100 01:00+0100", id="closes-in-the-gap"),
        pytest.param(AUTUMN, "02:00", "03:00", "02:00+0100", id="an-hour-that-comes-twice"),
        pytest.param(AUTUMN, "01:00", "02:30", "01:00+0200 01:15+0200 01:30+0200", id="closes-at-the-first"),
        pytest.param(AUTUMN, "02:45", "04:00", "02:45+0100 03:00+0100", id="opens-at-the-second"),
    ],
)
def test_hours_keep_their_place_on_the_wall(day, opens, closes, expected):
    assert on_the_wall(slots(opens, closes, day)) == expected


def test_a_night_that_is_an_hour_longer_offers_both_hours_once_each():
    found = on_the_wall(slots("01:00", "04:00", AUTUMN, Length(30))).split()
    assert len(found) == len(set(found)) == 15
    assert {"02:00+0200", "02:00+0100"} <= set(found)


@pytest.mark.parametrize("day, count", [(date(2026, 4, 5), 13), (date(2026, 10, 4), 9)])
def test_a_half_hour_shift_in_the_south_is_counted_too(day, count):
    assert len(slots("01:00", "04:00", day, Length(30), zone=LORD_HOWE)) == count


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]
)
def test_through_a_whole_year_every_slot_is_inside_the_hours_and_none_comes_twice(zone):
    place = ZoneInfo(zone)
    days = [date(2026, 1, 1) + timedelta(days=count) for count in range(365)]
    week = [Hours(weekday, time(0, 30), time(5, 0)) for weekday in range(7)]
    found = rules.free_slots(week, [], Length(45), place, days, Span(at("2025-12-01T00:00"), at("2027-02-01T00:00")))
    starts = [span.start for span in found]
    assert starts == sorted(set(starts))
    assert {start.astimezone(place).date() for start in starts} == set(days)
    assert all(time(0, 30) <= span.start.astimezone(place).time() <= time(5, 0) for span in found)
    assert all(time(0, 30) <= span.end.astimezone(place).time() <= time(5, 0) for span in found)
    assert all(span.end - span.start == timedelta(minutes=45) for span in found)


@pytest.mark.parametrize(
    "taken, expected",
    [
        pytest.param(("10:00", "10:30"), "09:00 09:15 10:45 11:00", id="buffers-keep-away"),
        pytest.param(
            ("08:00", "08:50"), "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="ends-before-the-buffer"
        ),
        pytest.param(("08:00", "08:51"), "09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="a-minute-into-it"),
        pytest.param(("07:00", "13:00"), "", id="away-all-day"),
        pytest.param(("11:40", "12:00"), "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45 11:00", id="after-all"),
    ],
)
def test_taken_time_and_buffers_never_touch(taken, expected):
    start, end = (at(f"2026-05-04T{one}") for one in taken)
    found = slots("09:00", "11:30", length=Length(30, before=10, after=10), taken=[Span(start, end)])
    assert " ".join(text[:5] for text in on_the_wall(found).split()) == expected


def test_taken_spans_may_overlap_each_other_and_come_in_any_order():
    taken = [Span(at("2026-05-04T10:00"), at("2026-05-04T10:30")), Span(at("2026-05-04T09:00"), at("2026-05-04T11:00"))]
    assert on_the_wall(slots("09:00", "12:00", taken=taken)) == "11:00+0200"
    assert on_the_wall(slots("09:00", "12:00", taken=taken[::-1])) == "11:00+0200"


def test_only_starts_within_notice_and_horizon_are_offered():
    within = Span(at("2026-05-04T09:20"), at("2026-05-04T09:45"))
    assert on_the_wall(slots("09:00", "12:00", within=within)) == "09:30+0200"


@pytest.mark.parametrize(
    "valid, day, works",
    [
        ((None, None), MONDAY, True),
        ((MONDAY, MONDAY), MONDAY, True),
        ((date(2026, 5, 5), None), MONDAY, False),
        ((None, date(2026, 5, 3)), MONDAY, False),
        ((None, None), date(2026, 5, 5), False),
    ],
)
def test_hours_hold_on_their_weekday_within_their_dates(valid, day, works):
    assert Hours(0, time(9), time(11), *valid).apply_on(day) is works


@pytest.mark.parametrize(
    "other, clash",
    [
        (Hours(0, time(10), time(12)), True),
        (Hours(0, time(11), time(12)), False),
        (Hours(1, time(9), time(11)), False),
        (Hours(0, time(9), time(11), valid_from=date(2026, 6, 1)), False),
        (Hours(0, time(9), time(11), valid_from=date(2026, 5, 31)), True),
    ],
)
def test_two_rows_clash_only_where_both_hold(other, clash):
    row = Hours(0, time(9), time(11), valid_until=date(2026, 5, 31))
    assert row.clash_with(other) is other.clash_with(row) is clash


@pytest.mark.parametrize(
    "hours, client, team", [(25, True, True), (24, True, True), (23, False, True), (-1, False, False)]
)
def test_a_client_changes_up_to_a_day_before_and_the_team_until_it_begins(hours, client, team):
    begins = at("2026-05-04T09:00")
    moment = begins - timedelta(hours=hours)
    assert rules.may_change(begins, moment, by_client=True) is client
    assert rules.may_change(begins, moment, by_client=False) is team


def test_the_first_rested_day_is_away_from_every_other_session():
    first, second, third = date(2026, 5, 1), date(2026, 5, 30), date(2026, 8, 1)
    assert rules.first_rested(first, [first, second, third], 28) == date(2026, 6, 27)
    assert rules.first_rested(first, [first, third], 28) == date(2026, 5, 29)


def test_a_moment_in_words_names_its_zone():
    assert rules.in_words(at("2026-10-25T09:00"), "Europe/Berlin") == "Sunday 25 October 2026, 09:00 CET"
    assert rules.in_words(at("2026-07-01T09:00"), "America/Sao_Paulo").endswith("04:00 UTC-0300")
