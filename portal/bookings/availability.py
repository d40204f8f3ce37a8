"""What stands in the practitioners' diaries, read with a fixed number of queries, and the free times between."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.accounts.models import Person
from portal.bookings import rules
from portal.bookings.models import Appointment, TimeOff, WorkingHours
from portal.bookings.rules import Hours, Length, Span, State
from portal.treatments.models import Treatment

_TAKES_TIME = (State.BOOKED, State.ATTENDED)


@dataclass(frozen=True, slots=True)
class Slot:
    """One time that can be booked with one practitioner."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID
    practitioner_name: str

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.starts_at.isoformat()}/{self.practitioner_id}"


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The free times of one day in the clinic's zone."""

    day: date
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class Diaries:
    """Hours and taken time of some practitioners, and the client's own appointments."""

    people: Sequence[Person]
    hours: Mapping[UUID, list[Hours]]
    taken: Mapping[UUID, list[Span]]
    clients_own: Sequence[Span]

    def free(self, length: Length, zone: ZoneInfo, days: Sequence[date], within: Span) -> list[SlotDay]:
        """Free times by day; where several practitioners are free, the one with the least to do that day is offered."""
        found: dict[date, dict[datetime, list[Slot]]] = {day: {} for day in days}
        for person in self.people:
            spans = rules.free_slots(self.hours[person.id], self.taken[person.id], length, zone, days, within)
            for span in spans:
                if not any(span.overlaps(own) for own in self.clients_own):
                    times = found[span.start.astimezone(zone).date()]
                    times.setdefault(span.start, []).append(Slot(span.start, span.end, person.id, person.name))
        return [SlotDay(day, [self._fairest(times[start]) for start in sorted(times)]) for day, times in found.items()]

    def _fairest(self, offers: list[Slot]) -> Slot:
        return min(offers, key=lambda slot: (self._busy(slot), slot.practitioner_name))

    def _busy(self, slot: Slot) -> int:
        day = timedelta(hours=12)
        return sum(abs(span.start - slot.starts_at) < day for span in self.taken[slot.practitioner_id])


def length_of(treatment: Treatment) -> Length:
    return Length(treatment.minutes, treatment.buffer_before, treatment.buffer_after)


def diaries(
    db: Session, people: Sequence[Person], around: Span, client_id: UUID | None = None, moving: UUID | None = None
) -> Diaries:
    """Read four tables once. `moving`: an appointment whose own time counts as free, because it would leave it."""
    ids = [person.id for person in people]
    hours: dict[UUID, list[Hours]] = {person_id: [] for person_id in ids}
    taken: dict[UUID, list[Span]] = {person_id: [] for person_id in ids}
    for row in db.exec(select(WorkingHours).where(col(WorkingHours.practitioner_id).in_(ids))):
        hours[row.practitioner_id].append(row.hours)
    away = select(TimeOff).where(col(TimeOff.practitioner_id).in_(ids), TimeOff.ends_at > around.start)
    for off in db.exec(away.where(TimeOff.starts_at < around.end)):
        taken[off.practitioner_id].append(off.span)
    for one in _appointments(db, around, moving, col(Appointment.practitioner_id).in_(ids)):
        taken[one.practitioner_id].append(one.blocked)
    own = _appointments(db, around, moving, Appointment.client_id == client_id) if client_id else ()
    return Diaries(people, hours, taken, [one.span for one in own])


def around(days: Sequence[date], zone: ZoneInfo) -> Span:
    """The days with one more on each side, so that buffers and long visits are seen."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=2)
    return Span(rules.instant(first, time.min, zone), rules.instant(last, time.min, zone))


def _appointments(db: Session, around: Span, moving: UUID | None, whose: object) -> Iterable[Appointment]:
    wanted = select(Appointment).where(
        whose,  # type: ignore[arg-type]
        col(Appointment.state).in_(_TAKES_TIME),
        Appointment.blocked_until > around.start,
        Appointment.blocked_from < around.end,
    )
    return db.exec(wanted.where(Appointment.id != moving) if moving else wanted)
