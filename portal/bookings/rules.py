"""When an appointment may be: pure arithmetic over hours in wall time and spans of absolute time.

Hours are what a clock on the clinic's wall shows; spans are aware UTC. On a day when the clocks change, hours keep
their place on the wall, an hour that does not exist offers nothing, and an hour that comes twice is offered twice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=15)
NOTICE = timedelta(hours=12)
HORIZON = timedelta(days=60)
STAFF_HORIZON = timedelta(days=180)
CHANGE_UNTIL = timedelta(hours=24)
REMIND_BEFORE = timedelta(hours=24)
EARLY = timedelta(minutes=30)
MOST_MOVES = 3
MOST_OPEN = 3


class State(StrEnum):
    """BOOKED → ATTENDED, CANCELLED or NO_SHOW; a no-show entered by mistake can still become attended."""

    BOOKED = "booked"
    ATTENDED = "attended"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; both aware UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """True when the two share any time; touching ends do not."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """One row of a week: `weekday` 0 is Monday; `opens` and `closes` on the wall; valid days inclusive or None."""

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None

    def apply_on(self, day: date) -> bool:
        """True when somebody works these hours on this day."""
        after = self.valid_from is None or self.valid_from <= day
        return after and day.weekday() == self.weekday and (self.valid_until is None or day <= self.valid_until)

    def clash_with(self, other: "Hours") -> bool:
        """True when both would apply to the same moment of some day."""
        days = (self.valid_from or date.min) <= (other.valid_until or date.max)
        days = days and (other.valid_from or date.min) <= (self.valid_until or date.max)
        return days and self.weekday == other.weekday and self.opens < other.closes and other.opens < self.closes


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
        """All the practitioner's time that an appointment at `start` takes."""
        return Span(start - timedelta(minutes=self.before), self.ends(start) + timedelta(minutes=self.after))


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


def opening(hours: Iterable[Hours], day: date, zone: ZoneInfo) -> list[Span]:
    """When the door is open on one day. The clock on the wall never shows a time outside the hours, so of a time that
    comes twice the opening takes the second and the closing the first.
    """
    spans = [
        Span(instant(day, row.opens, zone, later=True), instant(day, row.closes, zone))
        for row in hours
        if row.apply_on(day)
    ]
    return sorted((span for span in spans if span.start < span.end), key=lambda span: span.start)


def free_slots(
    hours: Sequence[Hours], taken: Iterable[Span], length: Length, zone: ZoneInfo, days: Iterable[date], within: Span
) -> list[Span]:
    """Every start, a STEP apart from the opening, at which one practitioner can take an appointment of this length.

    The appointment lies inside the hours and starts inside `within`; with its buffers it touches nothing in `taken`
    (other appointments with theirs, and time off). Returns appointments without buffers, in order.
    """
    busy = _merged(taken)
    starts = [span.start for span in busy]
    found = []
    for day in days:
        for start in _starts(opening(hours, day, zone), length):
            blocked = length.blocks(start)
            nearest = bisect_left(starts, blocked.end) - 1
            is_free = nearest < 0 or busy[nearest].end <= blocked.start
            if within.start <= start < within.end and is_free:
                found.append(Span(start, length.ends(start)))
    return found


def _starts(spans: Iterable[Span], length: Length) -> Iterator[datetime]:
    for span in spans:
        start = span.start
        while length.ends(start) <= span.end:
            yield start
            start += STEP


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def bookable(at: datetime, *, by_client: bool) -> Span:
    """From when until when a new appointment may start: clients give NOTICE, the team may book the next minute."""
    return Span(at + NOTICE, at + HORIZON) if by_client else Span(at, at + STAFF_HORIZON)


def may_change(starts_at: datetime, at: datetime, *, by_client: bool) -> bool:
    """True while it may be moved or cancelled: by the client up to CHANGE_UNTIL before, by the team until it starts."""
    return at <= starts_at - CHANGE_UNTIL if by_client else at < starts_at


def may_attend(starts_at: datetime, at: datetime) -> bool:
    """True once somebody can have come: EARLY before the start."""
    return at >= starts_at - EARLY


def first_rested(after: date, others: Iterable[date], days: int) -> date:
    """The first day, `days` or more after `after`, that is also `days` or more away from every other session."""
    day = after + timedelta(days=days)
    for other in sorted(others):
        if abs((other - day).days) < days:
            day = other + timedelta(days=days)
    return day


def in_words(moment: datetime, zone: str) -> str:
    """“Saturday 28 March 2026, 10:00 CET” for a notice: the clinic's clock, named."""
    local = moment.astimezone(ZoneInfo(zone))
    name = local.tzname() or "UTC"
    named = name if name[:1].isalpha() else f"UTC{local:%z}"
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} {named}"
