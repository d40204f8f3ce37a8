"""The search for free times. Slots are computed, never cut beforehand: whole seconds since 1970 inside, so that ninety
days of ten people cost little whatever is booked already.
"""

import hashlib
import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.availability import rules
from portal.availability.rules import Length, Span, Window

_MINUTE = 60


class Stretches(NamedTuple):
    """Spans as two columns of seconds since 1970: what a database hands over without making an object of each."""

    begins: Sequence[float]
    ends: Sequence[float]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> "Stretches":
        """Spans in this form."""
        return cls([one.start.timestamp() for one in spans], [one.end.timestamp() for one in spans])

    @property
    def spans(self) -> list[Span]:
        """The same as spans."""
        pairs = zip(self.begins, self.ends, strict=True)
        return [Span(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in pairs]


Taken = Mapping[UUID, Sequence[Span] | Stretches]


@dataclass(frozen=True, slots=True)
class Slot:
    """One time that can be booked: with whom, and where and with what if the treatment needs it."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID
    practitioner_name: str
    place_id: UUID | None = None
    room_id: UUID | None = None
    device_id: UUID | None = None

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.starts_at.isoformat()}/{self.practitioner_id}"


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The free times of one day in the clinic's zone; `by_call`: free too, but not for booking without us."""

    day: date
    slots: list[Slot]
    by_call: list[Slot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Worker:
    """A practitioner in the days searched. `away`: breaks and time off, which no buffer touches."""

    id: UUID
    name: str
    windows: Sequence[Window]
    away: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """A room or a device that serves the treatment; at one place, or anywhere. `away`: out of order."""

    id: UUID
    place_id: UUID | None = None
    away: Sequence[Span] = ()


class Closed(NamedTuple):
    """The whole clinic, or one place, is shut."""

    start: datetime
    end: datetime
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that is known of some days besides what is booked. `rooms` or `devices` None: the treatment needs none;
    empty: it needs one and there is none, so nothing is free. The first that fits and is free is taken.
    """

    zone: ZoneInfo
    days: Sequence[date]
    workers: Sequence[Worker]
    step_minutes: int
    closed: Sequence[Closed] = ()
    rooms: Sequence[Thing] | None = None
    devices: Sequence[Thing] | None = None

    @property
    def around(self) -> Span:
        """Between which moments taken time matters."""
        return rules.around(self.days, self.zone)

    @property
    def subjects(self) -> list[UUID]:
        """Whose taken time matters: practitioners, rooms, devices."""
        things = (*(self.rooms or ()), *(self.devices or ()))
        return [one.id for one in self.workers] + [one.id for one in things]

    def free(
        self, taken: Taken, busy: Sequence[Span], length: Length, within: Span, by_call: Span | None = None
    ) -> list[SlotDay]:
        """Free times by day, in order; every day is there, even empty. One slot a time: of several free practitioners
        the one with the least to do that day, and between equals another one each day.

        `taken`: of each subject, with buffers. `busy`: the client's own appointments, without. A start in `within` may
        be booked; one that is only in the wider `by_call` is named, for a call.
        """
        search = _Search(self, taken, busy, length)
        found = [SlotDay(day, []) for day in self.days]
        limits, wider = _seconds(*within), _seconds(*(by_call or within))
        for start, offers in search.offers(min(limits[0], wider[0]), max(limits[1], wider[1])):
            number = search.day_of(start)
            if limits[0] <= start < limits[1]:
                found[number].slots.append(search.fairest(start, number, offers))
            elif wider[0] <= start < wider[1]:
                found[number].by_call.append(search.fairest(start, number, offers))
        return found


class _Offer(NamedTuple):
    worker: Worker
    place_id: UUID | None
    room_id: UUID | None
    device_id: UUID | None


class _Barred:
    """At which starts something is not free: after one moment and before another, both excluded, for each span. It is
    free where as many ranges have ended as begun, which two sorted lists tell without joining the ranges.
    """

    def __init__(self, begins: list[float], ends: list[float]) -> None:
        self._begins, self._ends = sorted(begins), sorted(ends)

    def allows(self, start: int) -> bool:
        return bisect_left(self._begins, start) == bisect_right(self._ends, start)


class _Search:
    """One search: what is taken becomes ranges of starts that are barred, once for each practitioner, room, device."""

    def __init__(self, calendar: Calendar, taken: Taken, busy: Sequence[Span], length: Length) -> None:
        self._calendar, self._busy = calendar, busy
        known = {one: taken.get(one, ()) for one in calendar.subjects}
        self._taken = {who: one if isinstance(one, Stretches) else Stretches.of(one) for who, one in known.items()}
        self._minutes, self._step = length.minutes * _MINUTE, calendar.step_minutes * _MINUTE
        self._before, self._after = length.before * _MINUTE, length.after * _MINUTE
        last = calendar.days[-1] + timedelta(days=1)
        edges = [rules.instant(day, time.min, calendar.zone) for day in (*calendar.days, last)]
        self._edges = [int(edge.timestamp()) for edge in edges]
        self._rooms, self._devices = (self._things(kind) for kind in (calendar.rooms, calendar.devices))
        self._starts = {one.id: sorted(self._taken[one.id].begins) for one in calendar.workers}
        self._ranks: dict[tuple[int, UUID], tuple[int, bytes]] = {}

    def offers(self, first: int, end: int) -> Iterator[tuple[int, list[_Offer]]]:
        """Each start in [first, end) at which somebody is free with all that is needed, in order."""
        times: dict[int, dict[UUID | None, list[Worker]]] = {}
        for worker in self._calendar.workers:
            for start, place_id in self._times(worker, max(first, self._edges[0]), min(end, self._edges[-1])):
                times.setdefault(start, {}).setdefault(place_id, []).append(worker)
        for start in sorted(times):
            at_places = (self._equipped(start, place_id, who) for place_id, who in times[start].items())
            if offers := list(itertools.chain.from_iterable(at_places)):
                yield start, offers

    def day_of(self, start: int) -> int:
        return bisect_right(self._edges, start) - 1

    def fairest(self, start: int, number: int, offers: list[_Offer]) -> Slot:
        best = offers[0] if len(offers) == 1 else min(offers, key=lambda one: self._rank(number, one.worker.id))
        moment = datetime.fromtimestamp(start, UTC)
        end = datetime.fromtimestamp(start + self._minutes, UTC)
        return Slot(moment, end, best.worker.id, best.worker.name, best.place_id, best.room_id, best.device_id)

    def _rank(self, number: int, worker_id: UUID) -> tuple[int, bytes]:
        """How many visits begin that day, then a die that shows the same whoever asks, and another number each day."""
        known = self._ranks.get((number, worker_id))
        if known is None:
            starts, day = self._starts[worker_id], self._calendar.days[number]
            count = bisect_left(starts, self._edges[number + 1]) - bisect_left(starts, self._edges[number])
            die = hashlib.blake2b(worker_id.bytes + day.isoformat().encode(), digest_size=8).digest()
            known = self._ranks[number, worker_id] = (count, die)
        return known

    def _times(self, worker: Worker, first: int, end: int) -> Iterator[tuple[int, UUID | None]]:
        """Starts, a step apart from the beginning of each window, at which one practitioner is free."""
        barred: dict[UUID | None, _Barred] = {}
        for window in worker.windows:
            opens, closes = _seconds(window.start, window.end)
            skipped = max(0, -((opens - first) // self._step))
            starts = range(opens + skipped * self._step, min(closes - self._minutes + 1, end), self._step)
            if starts and window.place_id not in barred:
                barred[window.place_id] = self._barred_for(worker, window.place_id)
            yield from ((start, window.place_id) for start in starts if barred[window.place_id].allows(start))

    def _barred_for(self, worker: Worker, place_id: UUID | None) -> _Barred:
        shut = [Span(one.start, one.end) for one in self._calendar.closed if one.place_id in {None, place_id}]
        return self._barred(self._taken[worker.id], [*worker.away, *shut], self._busy)

    def _things(self, things: Sequence[Thing] | None) -> list[tuple[Thing, _Barred]] | None:
        if things is None:
            return None
        return [(one, self._barred(self._taken[one.id], one.away)) for one in things]

    def _barred(self, taken: Stretches, away: Sequence[Span], own: Sequence[Span] = ()) -> _Barred:
        """`own`: the client's appointments, which buffers may touch."""
        lead, tail, off, busy = self._minutes + self._after, self._before, Stretches.of(away), Stretches.of(own)
        begins = [start - lead for some in (taken.begins, off.begins) for start in some]
        ends = [end + tail for some in (taken.ends, off.ends) for end in some]
        return _Barred([*begins, *(start - self._minutes for start in busy.begins)], [*ends, *busy.ends])

    def _equipped(self, start: int, place_id: UUID | None, who: list[Worker]) -> list[_Offer]:
        """What these practitioners can offer at one place: all that is needed, or nothing."""
        room_id, device_id = (_first_free(things, start, place_id) for things in (self._rooms, self._devices))
        if (self._rooms is not None and room_id is None) or (self._devices is not None and device_id is None):
            return []
        return [_Offer(worker, place_id, room_id, device_id) for worker in who]


def _first_free(things: list[tuple[Thing, _Barred]] | None, start: int, place_id: UUID | None) -> UUID | None:
    fitting = ((one, barred) for one, barred in things or () if one.place_id in {None, place_id})
    return next((one.id for one, barred in fitting if barred.allows(start)), None)


def _seconds(start: datetime, end: datetime) -> tuple[int, int]:
    """Whole seconds since 1970, never less than the span."""
    return math.floor(start.timestamp()), math.ceil(end.timestamp())
