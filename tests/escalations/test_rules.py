"""Who is told when, over nights, weekends, holidays and clock changes; by when somebody must have acted."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.availability.rules import Hours, Span, opening
from portal.escalations import rules
from portal.escalations.rules import Alarm, Clocks, Step
from portal.side_effects.rules import Level

BOB, ERIN, FRAN, GUS = (UUID(int=number) for number in range(1, 5))
BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = Clocks()
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def week(first: str, days: int = 28, zone: ZoneInfo = BERLIN, closed: tuple[str, ...] = ()) -> list[Span]:
    """Monday to Friday, 9 to 17, and what of it is left without closed days."""
    hours = [Hours(weekday, time(9), time(17)) for weekday in range(5)]
    dates = [date.fromisoformat(first) + timedelta(days=number) for number in range(days)]
    open_days = [day for day in dates if day.isoformat() not in closed]
    return [Span(one.start, one.end) for day in open_days for one in opening(hours, day, zone)]


def told(steps: tuple[Step, ...]) -> list[tuple[UUID, ...]]:
    return [step.to for step in steps]


def walls(steps: tuple[Step, ...], zone: ZoneInfo = BERLIN) -> list[str]:
    return [f"{step.at.astimezone(zone):%a %d %H:%M}" for step in steps]


@pytest.mark.parametrize(
    "raised, wanted",
    [
        ("2026-03-03T10:00", ["Tue 03 10:00", "Tue 03 10:15", "Tue 03 10:30"]),
        ("2026-03-07T23:50", ["Sat 07 23:50", "Sun 08 00:05", "Sun 08 00:20"]),
        ("2026-03-29T01:55", ["Sun 29 01:55", "Sun 29 03:10", "Sun 29 03:25"]),  # the clocks go forward at two
        ("2026-10-25T02:50", ["Sun 25 02:50", "Sun 25 02:05", "Sun 25 02:20"]),  # and back at three
    ],
)
def test_an_urgent_report_waits_for_no_opening_hour(raised, wanted):
    steps = rules.plan(Level.URGENT, at(raised), CLOCKS, [ERIN, BOB], [BOB, ERIN, FRAN], week("2026-03-02"))
    assert walls(steps) == wanted
    assert told(steps) == [(ERIN,), (BOB,), (ERIN, BOB, FRAN)]
    assert all(step.by_mail for step in steps)


@pytest.mark.parametrize(
    "raised, closed, wanted",
    [
        # in the morning: four hours the same day, twelve the next, twenty the day after that
        ("2026-03-03T10:00", (), ["Tue 03 10:00", "Tue 03 14:00", "Wed 04 14:00", "Thu 05 14:00"]),
        # four hours are over as we close: then as we open again
        ("2026-03-03T13:00", (), ["Tue 03 13:00", "Wed 04 09:00", "Thu 05 09:00", "Fri 06 09:00"]),
        # at night, and a minute before we close
        ("2026-03-03T23:00", (), ["Wed 04 09:00", "Wed 04 13:00", "Thu 05 13:00", "Fri 06 13:00"]),
        ("2026-03-03T16:59", (), ["Tue 03 16:59", "Wed 04 12:59", "Thu 05 12:59", "Fri 06 12:59"]),
        # over a weekend, and over one that a holiday makes longer
        ("2026-03-06T17:00", (), ["Mon 09 09:00", "Mon 09 13:00", "Tue 10 13:00", "Wed 11 13:00"]),
        ("2026-03-06T15:00", ("2026-03-09",), ["Fri 06 15:00", "Tue 10 11:00", "Wed 11 11:00", "Thu 12 11:00"]),
        # over the night in which the clocks change hours are still hours on our wall
        ("2026-03-27T15:00", (), ["Fri 27 15:00", "Mon 30 11:00", "Tue 31 11:00", "Wed 01 11:00"]),
        ("2026-10-23T15:00", (), ["Fri 23 15:00", "Mon 26 11:00", "Tue 27 11:00", "Wed 28 11:00"]),
    ],
)
def test_a_report_for_today_is_told_again_while_we_are_open(raised, closed, wanted):
    steps = rules.plan(Level.DAY, at(raised), CLOCKS, [BOB], [BOB, ERIN, FRAN], week(raised[:10], closed=closed))
    assert walls(steps) == wanted
    assert told(steps) == [(BOB,), (ERIN,), (BOB, ERIN, FRAN), (BOB, ERIN, FRAN)]


@pytest.mark.parametrize("again", [(), (4,), (4, 12), (4, 12, 20, 24)])
def test_however_often_it_is_told_again_the_last_time_is_everybodys(again):
    clocks = Clocks(day_again=tuple(timedelta(hours=one) for one in again))
    steps = rules.plan(Level.DAY, at("2026-03-03T10:00"), clocks, [BOB], [BOB, ERIN, FRAN], week("2026-03-03"))
    assert len(steps) == len(again) + 1
    assert steps[-1].to == (BOB, ERIN, FRAN)


def test_who_asks_for_a_person_is_heard_at_night_and_the_rest_waits_for_the_day():
    people, hours = [BOB, ERIN, FRAN], week("2026-03-06")
    steps = rules.plan(Level.DAY, at("2026-03-06T23:00"), CLOCKS, [BOB], people, hours, at_once=True)
    assert walls(steps) == ["Fri 06 23:00", "Mon 09 13:00", "Tue 10 13:00", "Wed 11 13:00"]
    assert told(steps) == [(BOB,), (ERIN,), (BOB, ERIN, FRAN), (BOB, ERIN, FRAN)]


def test_a_clinic_may_be_told_outside_its_hours_too():
    clocks = Clocks(day_outside_hours=True)
    steps = rules.plan(Level.DAY, at("2026-03-06T22:00"), clocks, [BOB], [BOB], week("2026-03-06"))
    assert walls(steps) == ["Fri 06 22:00", "Sat 07 02:00", "Sat 07 10:00", "Sat 07 18:00"]
    assert rules.act_by(Level.DAY, at("2026-03-06T22:00"), at("2026-03-07T22:00"), clocks, week("2026-03-06")) == at(
        "2026-03-07T06:00"
    )


def test_a_clinic_that_names_no_hours_is_never_silent():
    steps = rules.plan(Level.DAY, at("2026-03-06T22:00"), CLOCKS, [BOB], [BOB], [])
    assert walls(steps) == ["Fri 06 22:00", "Sat 07 02:00", "Sat 07 10:00", "Sat 07 18:00"]


def test_after_the_last_hours_that_are_known_time_counts_as_it_passes():
    only = [Span(at("2026-03-06T09:00"), at("2026-03-06T11:00"))]
    assert rules.after_open(at("2026-03-06T08:00"), timedelta(hours=4), only) == at("2026-03-06T13:00")
    assert rules.after_open(at("2026-03-07T08:00"), timedelta(hours=4), only) == at("2026-03-07T12:00")


@pytest.mark.parametrize("level", [level for level in Level if level not in rules.ALARMS])
def test_what_has_no_hurry_is_one_persons_task_for_seven_days(level):
    steps = rules.plan(level, at("2026-03-06T22:00"), CLOCKS, [BOB, ERIN], [BOB, ERIN], week("2026-03-06"))
    assert walls(steps) == ["Mon 09 09:00", "Fri 13 22:00"]
    assert told(steps) == [(BOB,), (BOB, ERIN)]
    assert [step.by_mail for step in steps] == [False, True]
    assert rules.due(level, at("2026-03-06T22:00"), CLOCKS) == at("2026-03-13T22:00")


def test_a_task_is_told_of_before_it_is_overdue_whatever_the_hours():
    later = [Span(at("2026-03-20T09:00"), at("2026-03-20T17:00"))]
    steps = rules.plan(Level.EXPECTED, at("2026-03-06T22:00"), CLOCKS, [BOB], [BOB], later)
    assert walls(steps) == ["Fri 20 09:00", "Fri 20 09:00"]


@pytest.mark.parametrize(
    "people, wanted",
    [([], [(), (), ()]), ([BOB], [(BOB,)] * 3), ([BOB, ERIN], [(BOB,), (ERIN,), (BOB, ERIN)])],
)
def test_few_people_are_asked_again(people, wanted):
    assert told(rules.plan(Level.URGENT, at("2026-03-06T22:00"), CLOCKS, [], people, [])) == wanted


@pytest.mark.parametrize(
    "level, promised, acts",
    [
        (Level.URGENT, "2026-03-06T17:30", "2026-03-06T18:40"),
        (Level.DAY, "2026-03-07T16:30", "2026-03-09T16:40"),
        (Level.EXPECTED, "2026-03-13T16:30", "2026-03-13T16:30"),
    ],
)
def test_each_level_has_its_promise_and_its_time_to_act(level, promised, acts):
    raised, seen = at("2026-03-06T16:30"), at("2026-03-06T16:40")
    due = rules.due(level, raised, CLOCKS)
    assert due == at(promised)
    assert rules.act_by(level, seen, due, CLOCKS, week("2026-03-06")) == at(acts)


def test_who_takes_a_task_late_still_has_time_to_act():
    seen, due = at("2026-03-16T09:00"), at("2026-03-13T16:30")
    assert rules.act_by(Level.EXPECTED, seen, due, CLOCKS, week("2026-03-16")) == at("2026-03-17T09:00")


@pytest.mark.parametrize(
    "named, at_work, away, wanted",
    [
        ((), (), (), (BOB, ERIN, FRAN)),
        ((ERIN,), (), (), (ERIN, BOB, FRAN)),
        ((FRAN, ERIN), (), (), (FRAN, ERIN, BOB)),
        ((FRAN, ERIN), (BOB,), (), (BOB, FRAN, ERIN)),  # who is at work comes first
        ((FRAN, ERIN), (), (FRAN,), (ERIN, BOB, FRAN)),  # who is on leave comes last
        ((FRAN, ERIN), (FRAN, BOB), (FRAN,), (BOB, ERIN, FRAN)),
        ((GUS, ERIN), (GUS,), (), (ERIN, BOB, FRAN)),  # who has left is not asked
    ],
)
def test_who_is_on_duty(named, at_work, away, wanted):
    assert rules.in_duty_order(named, [BOB, ERIN, FRAN], set(at_work), set(away)) == wanted


@pytest.mark.parametrize(
    "seen, left_by, wanted",
    [
        ((), None, (BOB, ERIN, FRAN)),
        ((ERIN,), None, (ERIN, BOB, FRAN)),  # told already: the next is somebody else
        ((ERIN, ERIN, BOB), None, (ERIN, BOB, FRAN)),
        ((GUS,), None, (BOB, ERIN, FRAN)),
        ((), BOB, (ERIN, FRAN, BOB)),  # had it and did nothing
        ((BOB,), BOB, (BOB, ERIN, FRAN)),
    ],
)
def test_who_is_next(seen, left_by, wanted):
    assert rules.in_line((BOB, ERIN, FRAN), seen, left_by) == wanted


def test_what_is_left_of_a_span_and_what_is_one():
    def span(begins: int, ends: int) -> Span:
        return Span(*(datetime(2026, 3, 3, hour, tzinfo=UTC) for hour in (begins, ends)))

    assert list(rules.without(span(9, 17), [span(12, 13), span(8, 10), span(16, 20)])) == [span(10, 12), span(13, 16)]
    assert list(rules.without(span(9, 17), [span(9, 17)])) == []
    assert list(rules.without(span(9, 17), [span(18, 19), span(7, 8)])) == [span(9, 17)]
    assert rules.joined([span(12, 13), span(9, 10), span(10, 11), span(9, 11)]) == [span(9, 11), span(12, 13)]


def test_the_load_of_each_week_is_counted_by_the_clinics_mondays():
    now = at("2026-03-18T12:00")
    monday = at("2026-03-16T00:10")  # a Sunday still, in UTC
    alarms = [
        Alarm(monday, at("2026-03-16T01:10"), at("2026-03-16T00:20"), at("2026-03-16T01:10")),
        Alarm(monday, at("2026-03-16T01:10"), at("2026-03-16T00:50"), at("2026-03-16T01:11")),
        Alarm(at("2026-03-18T11:00"), at("2026-03-19T11:00"), None, None),
        Alarm(at("2026-03-15T23:00"), at("2026-03-16T00:00"), None, None),
    ]
    this, last, before = rules.by_week([monday, monday, at("2026-03-13T10:00")], alarms, now, BERLIN, 3)
    assert (this.begins, this.reports, this.alarms, this.in_time, this.waiting) == (date(2026, 3, 16), 2, 3, 1, 1)
    assert this.median_minutes == 25
    assert (last.reports, last.alarms, last.in_time, last.waiting, last.median_minutes) == (1, 1, 0, 0, None)
    assert (before.reports, before.alarms) == (0, 0)


@st.composite
def clinics(draw):
    """Any zone, any week, some closed days, and a moment in a year with its clock changes."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 364)))
    quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
    rows = draw(st.lists(st.tuples(st.integers(0, 6), quarters, quarters), max_size=6))
    hours = [Hours(weekday, min(two), max(two)) for weekday, *two in rows if two[0] != two[1]]
    closed = draw(st.sets(st.integers(0, 27), max_size=10))
    days = [first + timedelta(days=number) for number in range(28) if number not in closed]
    spans = rules.joined([Span(one.start, one.end) for day in days for one in opening(hours, day, zone)])
    raised = datetime.combine(first, draw(quarters), zone).astimezone(UTC)
    return raised, spans


def passed(start: datetime, end: datetime, spans: list[Span]) -> timedelta:
    """How long it was open between two moments: said another way than the rule does."""
    parts = [max(min(ends, end) - max(begins, start), timedelta(0)) for begins, ends in spans]
    return sum(parts, timedelta(0))


@given(clinics(), st.integers(0, 60))
def test_so_many_open_hours_are_exactly_so_many_open_hours(clinic, hours):
    raised, spans = clinic
    moment, length = rules.after_open(raised, timedelta(hours=hours), spans), timedelta(hours=hours)
    known = passed(raised, datetime.max.replace(tzinfo=UTC), spans)
    if known > length:
        assert passed(raised, moment, spans) == length
        assert any(begins <= moment < ends for begins, ends in spans), "somebody is there"
    else:
        last = max([raised, *(ends for _, ends in spans)])
        assert moment == last + (length - known)


@given(clinics(), st.sampled_from(list(Level)), st.lists(st.sampled_from([BOB, ERIN, FRAN]), unique=True))
def test_steps_are_in_order_and_leave_nobody_out(clinic, level, duty):
    raised, spans = clinic
    steps = rules.plan(level, raised, CLOCKS, duty, [BOB, ERIN, FRAN], spans)
    moments = [step.at for step in steps]
    assert moments == sorted(moments)
    assert moments[0] >= raised
    assert set(steps[-1].to) == {BOB, ERIN, FRAN}
    assert all(len(set(step.to)) == len(step.to) > 0 for step in steps)
    assert len(steps) == {Level.URGENT: 3, Level.DAY: 4}.get(level, 2), "a step is known by its number"
