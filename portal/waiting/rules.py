"""Who is next for a time that came free, and until when they may answer. Pure: the gate is asked by whoever calls.

Days and parts of the day are what the clinic's wall clock shows; moments are aware.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.availability.rules import instant

LEAD = timedelta(hours=2)  # an offer ends at least so long before its time, so that a yes leaves time to travel
SHORTEST = timedelta(minutes=30)  # nobody is asked who has less time to answer than this
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Part(StrEnum):
    """A part of the day, by when the appointment begins."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @property
    def begins(self) -> time:
        """The first minute of this part; it lasts until the next one begins, the evening until midnight."""
        return {Part.MORNING: time(0), Part.AFTERNOON: time(12), Part.EVENING: time(17)}[self]

    @property
    def limits(self) -> str:
        """“12 to 17”, as the form says it."""
        return {Part.MORNING: "until 12", Part.AFTERNOON: "12 to 17", Part.EVENING: "from 17"}[self]


CELLS = tuple(f"{weekday}:{part}" for weekday in range(7) for part in Part)


class OfferState(StrEnum):
    """OPEN until the client answers, the time to answer is over, or the clinic takes it back."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class EndReason(StrEnum):
    """Why somebody no longer waits."""

    TAKEN = "taken"
    LEFT = "left"
    REMOVED = "removed"
    OVER = "over"
    BOOKED = "booked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wish:
    """What suits somebody who waits. No practitioners: any. No cells: any time. Days inclusive, or None.
    `earlier_than`: the start of the appointment they would give back.
    """

    practitioner_ids: frozenset[UUID] = frozenset()
    cells: frozenset[str] = frozenset()
    not_before: date | None = None
    not_after: date | None = None
    earlier_than: datetime | None = None

    def misfit(self, practitioner_id: UUID, starts_at: datetime, zone: ZoneInfo) -> str | None:
        """Why this time does not suit, for the team; None when it does."""
        wall = starts_at.astimezone(zone)
        if self.practitioner_ids and practitioner_id not in self.practitioner_ids:
            return "Wants another practitioner."
        if self.not_before and wall.date() < self.not_before:
            return "Wants a later day."
        if self.not_after and wall.date() > self.not_after:
            return "Wants an earlier day."
        if self.earlier_than and starts_at >= self.earlier_than:
            return "Has an earlier time already."
        if self.cells and cell_of(wall) not in self.cells:
            return "Cannot come at this time of the week."
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One living entry, as the order needs it."""

    entry_id: UUID
    made_at: datetime
    wish: Wish


@dataclass(frozen=True, slots=True)
class Happened:
    """What has become of somebody who waits. `booked`: practitioner and start of what was booked for the same treatment
    since they wait. The appointment they would give back began at `swap_was` and begins at `swap_is` (None: cancelled).
    """

    is_active: bool = True
    booked: Sequence[tuple[UUID, datetime]] = ()
    swap_was: datetime | None = None
    swap_is: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours on the clinic's wall in which nobody is written to or must answer; over midnight, or none if equal."""

    begins: time
    ends: time
    zone: ZoneInfo

    def holds(self, at: datetime) -> bool:
        """True inside the quiet hours; their last minute is out again."""
        return any(start <= at < end for start, end in self._around(at))

    def end_of(self, at: datetime) -> datetime:
        """When the quiet hours around `at` are over; `at` itself outside them."""
        return next((end for start, end in self._around(at) if start <= at < end), at)

    def before(self, at: datetime) -> datetime:
        """`at`, or, if that is inside the quiet hours, the moment they begin."""
        return next((start for start, end in self._around(at) if start < at <= end), at)

    def after_waking(self, at: datetime, length: timedelta) -> datetime:
        """The moment at which `length` has passed since `at`, not counting quiet hours."""
        left, begun = length, at
        for start, end in self._spans(at):
            if begun + left <= start:
                break
            left -= max(start - begun, timedelta(0))
            begun = max(begun, end)
        return begun + left

    def _around(self, at: datetime) -> list[tuple[datetime, datetime]]:
        spans = self._spans(at)
        return [next(spans), next(spans), next(spans)] if self.begins != self.ends else []

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The quiet hours from the day before `at` on, for ever; none where they begin as they end."""
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        while self.begins != self.ends:
            last = day + timedelta(days=int(self.ends < self.begins))
            yield self._moment(day, self.begins), self._moment(last, self.ends)
            day += timedelta(days=1)

    def _moment(self, day: date, at: time) -> datetime:
        return instant(day, at, self.zone)


def cell_of(wall: datetime) -> str:
    """The cell of the week in which an appointment begins, by the wall clock it is given in: “0:morning” is Monday."""
    part = [part for part in Part if part.begins <= wall.time()][-1]
    return f"{wall.weekday()}:{part}"


def line(
    waiting: Sequence[Waiting], practitioner_id: UUID, starts: Sequence[datetime], zone: ZoneInfo
) -> list[Waiting]:
    """Those whom one of these starts suits, who has waited longest first."""
    suited = [one for one in waiting if any(one.wish.misfit(practitioner_id, start, zone) is None for start in starts)]
    return sorted(suited, key=lambda one: (one.made_at, one.entry_id))


def ending(wish: Wish, happened: Happened, at: datetime, zone: ZoneInfo) -> EndReason | None:
    """Why somebody need not wait any longer; None while they should."""
    if not happened.is_active:
        return EndReason.CLOSED
    if wish.not_after and at.astimezone(zone).date() > wish.not_after:
        return EndReason.OVER
    if happened.swap_was and happened.swap_is and happened.swap_is <= at:
        return EndReason.OVER
    moved = bool(happened.swap_was and happened.swap_is and happened.swap_is < happened.swap_was)
    suits = (wish.misfit(who, start, zone) is None for who, start in happened.booked)
    return EndReason.BOOKED if moved or any(suits) else None


def answer_by(at: datetime, starts_at: datetime, length: timedelta, quiet: Quiet) -> datetime | None:
    """Until when an offer made at `at` may be answered, to the minute: `length` of waking time, never inside the quiet
    hours, never later than LEAD before the time itself. None when that leaves less than SHORTEST (or `length`, if that
    is shorter).
    """
    asked = at.replace(second=0, microsecond=0)
    by = min(quiet.after_waking(asked, length), quiet.before(starts_at - LEAD))
    return by if quiet.after_waking(asked, min(length, SHORTEST)) <= by else None


def in_words(cells: Collection[str]) -> str:
    """“Monday to Thursday: morning; Friday: all day”, “Any day, any time” for none or all."""
    by_parts: dict[tuple[Part, ...], list[int]] = {}
    for weekday in range(len(DAYS)):
        if parts := tuple(part for part in Part if f"{weekday}:{part}" in cells):
            by_parts.setdefault(parts, []).append(weekday)
    if not by_parts or len(by_parts.get(tuple(Part), ())) == len(DAYS):
        return "Any day, any time"
    return "; ".join(f"{_days(weekdays)}: {_parts(parts)}" for parts, weekdays in by_parts.items())


def _days(weekdays: Sequence[int]) -> str:
    """Three or more in a row are named by the first and the last."""
    if len(weekdays) == len(DAYS):
        return "Every day"
    runs: list[list[int]] = []
    for weekday in weekdays:
        if runs and weekday == runs[-1][-1] + 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    return ", ".join(
        f"{DAYS[run[0]]} to {DAYS[run[-1]]}" if run[2:] else ", ".join(DAYS[one] for one in run) for run in runs
    )


def _parts(parts: Sequence[Part]) -> str:
    return "all day" if len(parts) == len(Part) else " and ".join(parts)
