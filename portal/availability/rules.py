"""Hours in wall time and spans of absolute time: pure arithmetic, right through every clock change.

Hours are what a clock on the clinic's wall shows; spans are aware UTC. On a day when the clocks change, hours keep
their place on the wall, an hour that does not exist offers nothing, and an hour that comes twice is offered twice.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo


class ResourceKind(StrEnum):
    """What a treatment may need besides a person."""

    ROOM = "room"
    DEVICE = "device"


class Span(NamedTuple):
    """From `start` up to, not including, `end`; both aware UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """True when the two share any time; touching ends do not."""
        return self.start < other.end and other.start < self.end

    def last_day(self, zone: str) -> date | None:
        """The last of whole days; None when it does not go from midnight to midnight on the wall."""
        there = ZoneInfo(zone)
        first, after = (moment.astimezone(there).date() for moment in self)
        whole = self.start == instant(first, time.min, there) and self.end == instant(after, time.min, there)
        return after - timedelta(days=1) if whole else None


class Window(NamedTuple):
    """When somebody works, and where; None while the clinic names no place. Aware UTC."""

    start: datetime
    end: datetime
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """One row of a week: `weekday` 0 is Monday; `opens` and `closes` on the wall; valid days inclusive or None.

    A break is a row too: nothing is offered in it, and no appointment's buffer reaches into it.
    """

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None
    place_id: UUID | None = None
    is_break: bool = False

    def apply_on(self, day: date) -> bool:
        """True when this row holds on this day."""
        after = self.valid_from is None or self.valid_from <= day
        return after and day.weekday() == self.weekday and (self.valid_until is None or day <= self.valid_until)

    def clash_with(self, other: "Hours") -> bool:
        """True when both would say the same kind of thing about the same moment of some day."""
        days = (self.valid_from or date.min) <= (other.valid_until or date.max)
        days = days and (other.valid_from or date.min) <= (self.valid_until or date.max)
        same = self.weekday == other.weekday and self.is_break == other.is_break
        return days and same and self.opens < other.closes and other.opens < self.closes


@dataclass(frozen=True, slots=True)
class Length:
    """What a treatment takes, with time to prepare before and to tidy after; minutes."""

    minutes: int
    before: int = 0
    after: int = 0

    def ends(self, start: datetime) -> datetime:
        """When the appointment itself is over."""
        return start + timedelta(minutes=self.minutes)

    def blocks(self, start: datetime) -> Span:
        """All the time of the practitioner, the room and the device that an appointment at `start` takes."""
        return Span(start - timedelta(minutes=self.before), self.ends(start) + timedelta(minutes=self.after))


@functools.lru_cache(maxsize=8192)
def instant(day: date, at: time, zone: ZoneInfo, *, later: bool = False) -> datetime:
    """A wall time as a moment in UTC. One that comes twice is the first, or the second if `later`; one that the clocks
    skip is the moment of the jump.
    """
    wall = datetime.combine(day, at, zone)
    moment = wall.replace(fold=int(later)).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    before, after = sorted(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return _jump(before, after, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The minute between two moments at which the zone's offset changes."""
    first = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == first:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def opening(hours: Iterable[Hours], day: date, zone: ZoneInfo) -> list[Window]:
    """When and where the week says somebody works on one day, breaks not yet taken out. The clock on the wall never
    shows a time outside the hours, so of a time that comes twice the opening takes the second, the closing the first.
    """
    windows = [
        Window(instant(day, row.opens, zone, later=True), instant(day, row.closes, zone), row.place_id)
        for row in hours
        if not row.is_break and row.apply_on(day)
    ]
    return sorted((one for one in windows if one.start < one.end), key=lambda one: one.start)


def breaks(hours: Iterable[Hours], day: date, zone: ZoneInfo) -> list[Span]:
    """The pauses of one day: every moment at which the wall shows a time inside one."""
    spans = [
        Span(instant(day, row.opens, zone), instant(day, row.closes, zone, later=True))
        for row in hours
        if row.is_break and row.apply_on(day)
    ]
    return [span for span in spans if span.start < span.end]


def at_work(hours: Sequence[Hours], once: Sequence[Window], days: Iterable[date], zone: ZoneInfo) -> list[Window]:
    """The week and the one-off openings together: who is elsewhere once is not where the week says. Windows of one
    place that touch are one, so that an appointment may lie across the seam. In order of time.
    """
    weekly = (window for day in days for window in opening(hours, day, zone))
    found = [*once]
    for one in weekly:
        found += _outside(one, [each for each in once if each.place_id != one.place_id])
    return sorted(
        (window for place in {one.place_id for one in found} for window in _joined(found, place)),
        key=lambda one: one.start,
    )


def _outside(window: Window, others: Iterable[Window]) -> Iterator[Window]:
    """What is left of a window without the time of the others."""
    start = window.start
    for other in sorted(others, key=lambda one: one.start):
        if start < min(other.start, window.end):
            yield Window(start, min(other.start, window.end), window.place_id)
        start = max(start, other.end)
    if start < window.end:
        yield Window(start, window.end, window.place_id)


def _joined(windows: Iterable[Window], place_id: UUID | None) -> list[Window]:
    joined: list[Window] = []
    for one in sorted((each for each in windows if each.place_id == place_id), key=lambda each: each.start):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, one.end), place_id)
        else:
            joined.append(one)
    return joined


def wall_span(first: date, from_time: time | None, last: date, until_time: time | None, zone: ZoneInfo) -> Span:
    """From a day and time to a day and time on the wall; without times whole days. May be empty or backwards."""
    start = instant(first, from_time or time.min, zone)
    if until_time:
        return Span(start, instant(last, until_time, zone, later=True))
    return Span(start, instant(last + timedelta(days=1), time.min, zone))


def around(days: Sequence[date], zone: ZoneInfo) -> Span:
    """The days with one more on each side, so that buffers and long visits are seen."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=2)
    return Span(instant(first, time.min, zone), instant(last, time.min, zone))


def in_words(moment: datetime, zone: str) -> str:
    """“Saturday 28 March 2026, 10:00 CET” for a notice: the clinic's clock, named."""
    local = moment.astimezone(ZoneInfo(zone))
    name = local.tzname() or "UTC"
    named = name if name[:1].isalpha() else f"UTC{local:%z}"
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} {named}"
