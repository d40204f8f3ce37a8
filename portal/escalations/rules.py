"""When whom is told of a report, and by when somebody must have acted. Pure: moments are aware, lists are in order.

Where the numbers come from: clinical.md 4.2, `realert_hours`, a draft of this portal that was not tried on patients.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.availability.rules import Span
from portal.side_effects.rules import Level

T = TypeVar("T")
ALARMS = frozenset(level for level in Level if level.is_alarm)
ACT_FIRST = "Please write down first what was done about it; then close the report."


class ActionKind(StrEnum):
    """What a practitioner did about a report."""

    ADVICE = "advice"
    PRESCRIPTION_ELSEWHERE = "prescription_elsewhere"
    VISIT_BOOKED = "visit_booked"
    REFERRED = "referred"
    PHOTO_ASKED = "photo_asked"
    OTHER = "other"

    @property
    def label(self) -> str:
        """As forms and lists say it."""
        return _LABELS[self]


_LABELS = {
    ActionKind.ADVICE: "Advice given",
    ActionKind.PRESCRIPTION_ELSEWHERE: "Prescription by another doctor",
    ActionKind.VISIT_BOOKED: "Visit booked",
    ActionKind.REFERRED: "Referred",
    ActionKind.PHOTO_ASKED: "Photo asked for",
    ActionKind.OTHER: "Something else",
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clinic's limits. Urgent: in time that passes. Day: in time the clinic is open, unless `day_outside_hours`;
    but what the client was promised (`…_due`) is always time that passes. Told again after 15 minutes and after 4, 12
    and 20 hours: clinical.md 4.2; everybody after 30 minutes instead of 60, because earlier is always safe.
    """

    urgent_next: timedelta = timedelta(minutes=15)
    urgent_all: timedelta = timedelta(minutes=30)
    urgent_due: timedelta = timedelta(minutes=60)
    urgent_act: timedelta = timedelta(hours=2)
    day_again: tuple[timedelta, ...] = (timedelta(hours=4), timedelta(hours=12), timedelta(hours=20))
    day_due: timedelta = timedelta(hours=24)
    day_act: timedelta = timedelta(hours=8)
    day_outside_hours: bool = False
    follow_up_due: timedelta = timedelta(days=7)


class Step(NamedTuple):
    """At which moment whom to tell; always by a notice, and by an e-mail too if `by_mail`."""

    at: datetime
    to: tuple[UUID, ...]
    by_mail: bool = True


def plan(
    level: Level,
    raised_at: datetime,
    policy: Clocks,
    on_duty: Sequence[UUID],
    everyone: Sequence[UUID],
    opening_hours: Sequence[Span],
    *,
    at_once: bool = False,
) -> tuple[Step, ...]:
    """All steps until somebody says they have seen it, in order. Which step is which never depends on the hours.

    Urgent: who is on duty at once, the next person, then everybody, at any hour. Day: who is on duty, the next person,
    then everybody again and again, when the clinic is open; the last step is always everybody's. Below: a task that
    one person is told of; everybody when its days are over. `opening_hours`: from `raised_at` on, as far as they are
    known. `at_once`: the client asks for a person, so the first one is told at any hour.
    """
    line = tuple(dict.fromkeys((*on_duty, *everyone)))
    first, second = line[:1], line[1:2] or line[:1]
    hours = () if policy.day_outside_hours else opening_hours
    if level is Level.URGENT:
        moments = (raised_at, raised_at + policy.urgent_next, raised_at + policy.urgent_all)
        return tuple(map(Step, moments, (first, second, line)))
    begins = raised_at if at_once else after_open(raised_at, timedelta(0), hours)
    if level is Level.DAY:
        again = (after_open(raised_at, length, hours) for length in policy.day_again)
        *steps, last = map(Step, (begins, *again), itertools.chain((first, second), itertools.repeat(line)))
        return (*steps, last._replace(to=line))
    return Step(begins, first, by_mail=False), Step(max(begins, raised_at + policy.follow_up_due), line)


def due(level: Level, raised_at: datetime, policy: Clocks) -> datetime:
    """By when somebody must have acted; from then on it is red until somebody has."""
    lengths = {Level.URGENT: policy.urgent_due, Level.DAY: policy.day_due}
    return raised_at + lengths.get(level, policy.follow_up_due)


def act_by(
    level: Level, seen_at: datetime, due_at: datetime, policy: Clocks, opening_hours: Sequence[Span]
) -> datetime:
    """How long who has said “I have seen this” may take before it goes to the next person."""
    if level is Level.URGENT:
        return seen_at + policy.urgent_act
    by = after_open(seen_at, policy.day_act, () if policy.day_outside_hours else opening_hours)
    return by if level is Level.DAY else max(by, due_at)


def after_open(start: datetime, length: timedelta, opening_hours: Sequence[Span]) -> datetime:
    """The moment inside the hours at which they have lasted for `length` since `start`; after the last hours that are
    known (or without any) time counts as it passes: a clinic that names no hours is never silent.
    """
    left, last = length, start
    for begins, ends in opening_hours:
        lasts = ends - max(begins, start)
        if left < lasts:
            return max(begins, start) + left
        left -= max(lasts, timedelta(0))
        last = max(last, ends)
    return last + left


def in_duty_order(
    named: Sequence[UUID], everyone: Sequence[UUID], at_work: Collection[UUID], away: Collection[UUID]
) -> tuple[UUID, ...]:
    """Who is asked first: those at work, then those at home, those on leave last; among equals as the clinic named
    them, then everybody else. Who works here no longer is left out.
    """
    line = dict.fromkeys((*(one for one in named if one in everyone), *everyone))
    return tuple(sorted(line, key=lambda one: 2 if one in away else 0 if one in at_work else 1))


def in_line(duty: Sequence[UUID], told: Sequence[UUID], left_by: UUID | None) -> tuple[UUID, ...]:
    """The order of one round: who was told in it stays in front, so that the next person is somebody else; who had it
    and did nothing comes last.
    """
    first = tuple(dict.fromkeys(one for one in told if one in duty))
    rest = tuple(one for one in duty if one not in first)
    return (*first, *(one for one in rest if one != left_by), *(one for one in rest if one == left_by))


def without(span: Span, others: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span without the time of others."""
    start = span.start
    for other in sorted(others):
        if start < min(other.start, span.end):
            yield Span(start, min(other.start, span.end))
        start = max(start, other.end)
    if start < span.end:
        yield Span(start, span.end)


def joined(spans: Sequence[Span]) -> list[Span]:
    """The same time as spans that neither touch nor overlap, in order."""
    found: list[Span] = []
    for one in sorted(spans):
        if found and one.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


class Alarm(NamedTuple):
    """One report at an alarming level: when it was raised, promised, seen and acted on."""

    raised_at: datetime
    due_at: datetime
    seen_at: datetime | None
    acted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Week:
    """The alarm load of one week. `in_time`: acted on as promised; `waiting`: neither acted on nor due."""

    begins: date
    reports: int
    alarms: int
    in_time: int
    waiting: int
    median_minutes: float | None


def by_week(
    reports: Sequence[datetime], alarms: Sequence[Alarm], at: datetime, zone: ZoneInfo, weeks: int
) -> list[Week]:
    """The last weeks of the clinic's calendar, the present one first; a quiet week is there too."""
    present = monday_of(at, zone)
    mondays = [present - timedelta(weeks=number) for number in range(weeks)]
    return [
        _week(
            monday,
            sum(monday_of(moment, zone) == monday for moment in reports),
            [one for one in alarms if monday_of(one.raised_at, zone) == monday],
            at,
        )
        for monday in mondays
    ]


def monday_of(moment: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week a moment lies in, by the clinic's wall."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _week(monday: date, reports: int, alarms: Sequence[Alarm], at: datetime) -> Week:
    minutes = [(one.seen_at - one.raised_at) / timedelta(minutes=1) for one in alarms if one.seen_at]
    in_time = sum(one.acted_at is not None and one.acted_at <= one.due_at for one in alarms)
    waiting = sum(one.acted_at is None and at < one.due_at for one in alarms)
    return Week(monday, reports, len(alarms), in_time, waiting, median(minutes) if minutes else None)
