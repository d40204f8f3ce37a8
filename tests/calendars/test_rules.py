"""When a reminder goes out: a table of what a person would ask, and properties over five zones that change clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars.rules import LATE, NOT_LATER_THAN, Detail, QuietHours, details_for, due, touches

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(21), time(8))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# Both halves of the globe, a shift of half an hour, changes at midnight, at two and at the end of Ramadan's year.
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"]


def wall(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    "starts, hours, goes_out",
    [
        pytest.param("2026-05-20 10:00", 24, "2026-05-19 10:00", id="a day before, at the same time"),
        pytest.param("2026-03-29 10:00", 24, "2026-03-28 10:00", id="the night had 23 hours"),
        pytest.param("2026-10-25 10:00", 24, "2026-10-24 10:00", id="the night had 25 hours"),
        pytest.param("2026-10-27 10:00", 72, "2026-10-24 10:00", id="three days over the change"),
        pytest.param("2026-05-20 22:00", 24, "2026-05-20 08:00", id="quiet: in the morning, well before"),
        pytest.param("2026-05-20 08:30", 2, "2026-05-19 20:45", id="quiet and early: the evening before"),
        pytest.param("2026-05-20 11:00", 4, "2026-05-20 08:00", id="the end of the quiet hours is just well before"),
        pytest.param("2026-05-20 10:59", 4, "2026-05-19 20:45", id="a minute less, and it is not"),
    ],
)
def test_a_reminder_goes_out_by_the_clock_on_the_wall(starts, hours, goes_out):
    (touch,) = touches(wall(starts), [hours], BERLIN, NIGHT)
    assert touch.at == wall(goes_out)


def test_each_reminder_ends_after_half_a_day_or_where_the_next_begins_or_before_the_start():
    starts = wall("2026-05-20 10:00")
    early, late = touches(starts, [24, 72], BERLIN, NIGHT)
    assert (early.hours, late.hours) == (72, 24)
    assert early.until == early.at + LATE
    assert touches(starts, [24, 30], BERLIN, QuietHours(time(0), time(0)))[0].until == late.at
    afternoon = wall("2026-05-20 15:00")
    assert touches(afternoon, [4], BERLIN, NIGHT)[0].until == afternoon - NOT_LATER_THAN


def test_two_reminders_never_come_together():
    """Nine and ten hours before eight in the morning both lie in the night: one is enough."""
    assert [touch.hours for touch in touches(wall("2026-05-20 09:00"), [9, 10], BERLIN, NIGHT)] == [9]


@pytest.mark.parametrize(
    "chosen, at, expected",
    [
        pytest.param("2026-05-01 09:00", "2026-05-17 10:00", 72, id="the first"),
        pytest.param("2026-05-01 09:00", "2026-05-19 10:00", 24, id="the second"),
        pytest.param("2026-05-01 09:00", "2026-05-17 09:59", None, id="not a minute early"),
        pytest.param("2026-05-01 09:00", "2026-05-19 22:00", None, id="not in quiet hours, however late it is"),
        pytest.param("2026-05-18 09:00", "2026-05-18 09:01", None, id="booked two days before: not the first"),
        pytest.param("2026-05-18 09:00", "2026-05-19 10:00", 24, id="booked two days before: the second"),
        pytest.param("2026-05-19 10:01", "2026-05-19 10:02", None, id="booked a minute too late for it"),
        pytest.param("2026-05-01 09:00", "2026-05-19 20:59", 24, id="hours late is better than never"),
        pytest.param("2026-05-01 09:00", "2026-05-20 08:00", None, id="a day late is not"),
    ],
)
def test_only_who_can_need_it_is_reminded(chosen, at, expected):
    found = due(wall("2026-05-20 10:00"), wall(chosen), wall(at), [72, 24], BERLIN, NIGHT)
    assert (found.hours if found else None) == expected


def test_without_quiet_hours_any_time_will_do():
    none = QuietHours(time(0), time(0))
    (touch,) = touches(wall("2026-05-20 03:00"), [24], BERLIN, none)
    assert touch.at == wall("2026-05-19 03:00")


def test_only_a_practitioner_may_choose_names():
    assert Detail.NAMES in details_for(is_practitioner=True)
    assert Detail.NAMES not in details_for(is_practitioner=False)


zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - made aware at once
    lambda one: one.replace(tzinfo=UTC, second=0, microsecond=0)
)
quiet_hours = st.builds(
    QuietHours, st.sampled_from([time(20), time(21, 30), time(23)]), st.sampled_from([time(6), time(8)])
)
kinds = st.lists(st.sampled_from([2, 12, 24, 48, 72]), min_size=1, max_size=3, unique=True)


@st.composite
def near_a_change(draw, zone):
    """A moment within three days after the clocks of this zone changed, or anywhere."""
    moment = draw(moments)
    for _ in range(370):
        if moment.astimezone(zone).utcoffset() != (moment - timedelta(days=1)).astimezone(zone).utcoffset():
            return moment + timedelta(minutes=draw(st.integers(0, 3 * 24 * 12)) * 5)
        moment += timedelta(days=1)
    return moment


def told(starts_at, chosen_at, hours, zone, quiet):
    """Everything that goes out when somebody looks every quarter of an hour, from four days before."""
    sent: dict[int, datetime] = {}
    at = starts_at - timedelta(days=4)
    while at < starts_at + timedelta(hours=1):
        touch = due(starts_at, chosen_at, at, hours, zone, quiet)
        if touch and touch.hours not in sent:
            sent[touch.hours] = at
        at += timedelta(minutes=15)
    return sent


@settings(max_examples=80, deadline=None)
@given(data=st.data(), zone=zones, hours=kinds, quiet=quiet_hours, booked=st.integers(0, 5 * 24 * 60))
def test_none_late_none_at_night_none_for_who_just_booked(data, zone, hours, quiet, booked):
    starts_at = data.draw(near_a_change(zone))
    chosen_at = starts_at - timedelta(minutes=booked)
    sent = told(starts_at, chosen_at, hours, zone, quiet)
    for kind, at in sent.items():
        assert not quiet.hold_at(at, zone)
        assert at < starts_at - NOT_LATER_THAN
        assert chosen_at <= at
        planned = next(one.at for one in touches(starts_at, hours, zone, quiet) if one.hours == kind)
        assert planned <= at < planned + LATE
    assert len(set(sent.values())) == len(sent), "two at once"


@settings(max_examples=80, deadline=None)
@given(data=st.data(), zone=zones, hours=st.sampled_from([24, 48, 72]))
def test_a_reminder_is_never_an_hour_off_on_the_day_of_a_change(data, zone, hours):
    """Whoever comes between nine and eight is reminded at the same time on the wall, days before."""
    day = data.draw(near_a_change(zone)).astimezone(zone).date()
    begins = time(*divmod(data.draw(st.integers(9 * 60, 20 * 60)), 60))
    starts_at = datetime.combine(day, begins, zone).astimezone(UTC)
    (touch,) = touches(starts_at, [hours], zone, NIGHT)
    local = touch.at.astimezone(zone)
    assert local.time() == begins
    assert local.date() == day - timedelta(hours=hours)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), zone=zones, hours=kinds, quiet=quiet_hours)
def test_every_reminder_that_is_planned_can_be_sent(data, zone, hours, quiet):
    starts_at = data.draw(near_a_change(zone))
    sent = told(starts_at, LONG_AGO, hours, zone, quiet)
    planned = [one for one in touches(starts_at, hours, zone, quiet) if one.until - one.at > timedelta(minutes=30)]
    assert set(sent) >= {one.hours for one in planned if not quiet.hold_at(one.at + timedelta(minutes=15), zone)}


def test_the_zones_do_change_their_clocks():
    """Else the properties above would prove nothing."""
    for name in ZONES:
        offsets = {datetime(2026, month, 1, tzinfo=ZoneInfo(name)).utcoffset() for month in range(1, 13)}
        assert len(offsets) == 2, name
