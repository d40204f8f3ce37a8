"""The page on which a time is chosen: two weeks of free times, only on days on which the gate is open."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.queries import SlotDay
from portal.availability.rules import instant
from portal.bookings import gates, queries
from portal.bookings.models import Appointment
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.suitability.answer import GateAnswer, Overriding
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

WINDOW = 14


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says, as text: a first day, a practitioner, whether days on which the gate is shut are shown to
    a practitioner too, and whether the sessions after it move along. What cannot be read counts as not said.
    """

    start: str = ""
    who: str = ""
    in_spite: bool = False
    with_following: bool = False

    @property
    def day(self) -> date | None:
        try:
            day = date.fromisoformat(self.start)
        except ValueError:
            return None
        return day if date(2000, 1, 1) <= day < date(2200, 1, 1) else None

    @property
    def practitioner_id(self) -> UUID | None:
        try:
            return UUID(self.who)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Chooser:
    """Everything the page shows. `gate` is the answer for the first day shown; `days` have at least one free time."""

    treatment: Treatment
    practitioners: Sequence[Person]
    practitioner_id: UUID | None
    gate: GateAnswer
    days: list[SlotDay]
    first: date
    last: date
    earlier: date | None
    later: date | None
    horizon: date
    in_spite: bool = False

    @property
    def may_override(self) -> bool:
        """Whether a practitioner could decide in spite of the gate on the first day shown."""
        return not self.gate.is_open and self.gate.overriding is not Overriding.NEVER

    @property
    def opens_on(self) -> date | None:
        """The day from which times are shown if one only waits; None beyond the horizon."""
        day = self.gate.opens_on
        return day if day and day <= self.horizon else None

    @property
    def is_shut(self) -> bool:
        """True when no time can be offered because of the gate, on any day shown."""
        return not self.gate.is_open and not self.days

    @property
    def count(self) -> int:
        return sum(len(day.slots) for day in self.days)


def chooser(
    db: Session,
    viewer: Viewer,
    client_id: UUID,
    treatment: Treatment,
    asked: Asked,
    moving: Appointment | None = None,
    leaving: Sequence[UUID] = (),
) -> Chooser:
    """Two weeks from the day asked for; else from the first day on which waiting alone will have opened the gate.

    Today counts even where it is too near to be booked here: what is free then is named, for a call.
    """
    zone = availability.clinic_zone(db)
    within = queries.movable_within(db, viewer, moving) if moving else queries.windows(db, viewer).bookable(clock.now())
    moving_id = moving.id if moving else None
    soonest, last = (moment.astimezone(zone).date() for moment in (clock.now(), within.end))
    ask = gates.gates_of(db, client_id, treatment, moving_id, leaving=leaving)

    @functools.cache
    def gate_on(day: date) -> GateAnswer:
        return ask(instant(day, time(12), zone))

    in_spite = asked.in_spite and viewer.is_practitioner
    first = min(max(asked.day or (soonest if in_spite else gate_on(soonest).opens_on) or soonest, soonest), last)
    people = accounts.practitioners(db)
    practitioner_id = next((one.id for one in people if one.id == asked.practitioner_id), None)
    offered = queries.slots(db, viewer, treatment, first, WINDOW, practitioner_id, client_id, moving_id, within)
    return Chooser(
        treatment=treatment,
        practitioners=people,
        practitioner_id=practitioner_id,
        gate=gate_on(first),
        days=[day for day in offered if (day.slots or day.by_call) and (in_spite or gate_on(day.day).is_open)],
        first=first,
        last=first + timedelta(days=WINDOW - 1),
        earlier=max(first - timedelta(days=WINDOW), soonest) if first > soonest else None,
        later=first + timedelta(days=WINDOW) if first + timedelta(days=WINDOW) <= last else None,
        horizon=last,
        in_spite=in_spite,
    )


def treatment_for(db: Session, client_id: UUID, slug: str) -> Treatment:
    """The treatment named, or what comes next for this client: a session where only time keeps it shut, else the
    consultation. Raises NotFound.
    """
    if slug:
        return treatments.by_slug(db, slug)
    offered = treatments.offered(db)
    for one in offered:
        answer = gates.gate_of(db, client_id, one, clock.now()) if one.needs_verdict else None
        if answer and (answer.is_open or answer.opens_on):
            return one
    if not offered:
        raise NotFound("The clinic offers nothing to book yet. Please call us.")
    return next((one for one in offered if one.is_consultation), offered[0])
