"""Reads of who waits, what came free, and what is offered to whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability.queries import clinic_zone
from portal.bookings import gates
from portal.bookings.models import Appointment, AppointmentMove
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.suitability.answer import GateAnswer
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment
from portal.waiting import rules
from portal.waiting.models import FreedTime, WaitingEntry, WaitingOffer
from portal.waiting.rules import EndReason, Happened, OfferState, Quiet

T = TypeVar("T", WaitingEntry, WaitingOffer)


@dataclass(frozen=True, slots=True)
class Place:
    """One entry as a page shows it. `swapped`: what they would give back; `gate`: what it says about today."""

    entry: WaitingEntry
    treatment: Treatment
    client_name: str
    practitioners: str
    offer: WaitingOffer | None
    swapped: Appointment | None
    gate: GateAnswer


@dataclass(frozen=True, slots=True)
class Offered:
    """One offer as a page shows it."""

    offer: WaitingOffer
    treatment: Treatment
    practitioner_name: str
    swapped: Appointment | None


def entries(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[WaitingEntry]:
    """What a client waits for, the longest first."""
    wanted = _visible_to(viewer, WaitingEntry).where(WaitingEntry.client_id == client_id)
    return db.exec(_living(wanted)).all()


def entry(db: Session, viewer: Viewer, entry_id: UUID) -> WaitingEntry:
    """One living entry. Raises NotFound."""
    found = db.exec(_living(_visible_to(viewer, WaitingEntry).where(WaitingEntry.id == entry_id))).first()
    if found is None:
        raise NotFound("There is no such place on the waiting list.")
    return found


def entry_for(db: Session, client_id: UUID, treatment_id: UUID) -> WaitingEntry | None:
    """A client's living entry for a treatment; for the verb that makes or changes it."""
    wanted = select(WaitingEntry).where(WaitingEntry.client_id == client_id, WaitingEntry.treatment_id == treatment_id)
    return db.exec(_living(wanted)).first()


def everybody(db: Session, viewer: Viewer, limit: int = 200) -> Sequence[WaitingEntry]:
    """Everybody who waits, in order; for practitioners."""
    return db.exec(_living(_visible_to(viewer, WaitingEntry)).limit(limit)).all() if viewer.is_practitioner else ()


def offer(db: Session, viewer: Viewer, offer_id: UUID) -> WaitingOffer:
    """One offer, open or not. Raises NotFound."""
    found = db.exec(_visible_to(viewer, WaitingOffer).where(WaitingOffer.id == offer_id)).first()
    if found is None:
        raise NotFound("There is no such offer.")
    return found


def places(db: Session, shown: Sequence[WaitingEntry]) -> list[Place]:
    """Entries already seen, with what a page says of each. The gate is asked once for each."""
    ids = {UUID(person) for one in shown for person in one.practitioner_ids} | {one.client_id for one in shown}
    names = accounts.names(db, list(ids))
    known = {one.id: one for one in treatments.everything(db)}
    offers = {one.entry_id: one for one in open_offers(db, [one.id for one in shown])}
    return [_place(db, one, known[one.treatment_id], names, offers.get(one.id)) for one in shown]


def shown_offer(db: Session, one: WaitingOffer) -> Offered:
    """An offer already seen, with names and what would be given back."""
    entry = db.get_one(WaitingEntry, one.entry_id)
    swapped = swapped_by(db, entry) if one.is_open else None
    name = accounts.names(db, [one.practitioner_id])[one.practitioner_id]
    return Offered(one, treatments.get(db, entry.treatment_id), name, swapped)


def open_offers(db: Session, entry_ids: Sequence[UUID]) -> Sequence[WaitingOffer]:
    """The open offers of some entries."""
    wanted = select(WaitingOffer).where(col(WaitingOffer.entry_id).in_(entry_ids))
    return db.exec(wanted.where(WaitingOffer.state == OfferState.OPEN)).all()


def swaps(db: Session, client_id: UUID, treatment_id: UUID) -> list[Appointment]:
    """What a client has booked of a treatment and could give back, soonest first."""
    wanted = select(Appointment).where(
        Appointment.client_id == client_id,
        Appointment.treatment_id == treatment_id,
        Appointment.state == State.BOOKED,
        Appointment.starts_at > clock.now(),
    )
    return list(db.exec(wanted.order_by(col(Appointment.starts_at))))


def swapped_by(db: Session, one: WaitingEntry) -> Appointment | None:
    """What a yes would give back: the appointment named; of consultations, of which there is one at once, that one."""
    booked = swaps(db, one.client_id, one.treatment_id)
    if treatments.get(db, one.treatment_id).is_consultation:
        return next(iter(booked), None)
    return next((each for each in booked if each.id == one.swaps_appointment_id), None)


def quiet(db: Session) -> Quiet:
    """The clinic's quiet hours."""
    policy = clinic.policy(db)
    return Quiet(policy.quiet_from, policy.quiet_until, clinic_zone(db))


def anybody_waits(db: Session) -> bool:
    return db.exec(_living(select(WaitingEntry)).limit(1)).first() is not None


def pending(db: Session, at: datetime) -> FreedTime | None:
    """The longest free of the times whose grace is over and which nobody is asked about; locked, and no time that
    another worker has just locked.
    """
    asked = select(WaitingOffer.id).where(
        col(WaitingOffer.freed_id) == col(FreedTime.id), WaitingOffer.state == OfferState.OPEN
    )
    wanted = select(FreedTime).where(col(FreedTime.done_at).is_(None), FreedTime.offer_from <= at, ~asked.exists())
    wanted = wanted.order_by(col(FreedTime.offer_from), col(FreedTime.freed_at)).limit(1)
    return db.exec(wanted.with_for_update(skip_locked=True)).first()


def open_offer_of(db: Session, freed_id: UUID) -> WaitingOffer | None:
    wanted = select(WaitingOffer).where(WaitingOffer.freed_id == freed_id, WaitingOffer.state == OfferState.OPEN)
    return db.exec(wanted).first()


def expired(db: Session, at: datetime) -> WaitingOffer | None:
    """An open offer whose time to answer is over."""
    wanted = select(WaitingOffer).where(WaitingOffer.state == OfferState.OPEN, WaitingOffer.answer_by <= at)
    return db.exec(wanted.order_by(col(WaitingOffer.answer_by)).limit(1)).first()


def every_open_offer(db: Session) -> Sequence[WaitingOffer]:
    return db.exec(select(WaitingOffer).where(WaitingOffer.state == OfferState.OPEN)).all()


def in_line(db: Session, freed: FreedTime) -> list[WaitingEntry]:
    """Whom a freed time suits, in order: open accounts, treatments that are offered; nobody who is asked about another
    time just now, or was asked about this one before, or has just given it up.
    """
    wanted = select(WaitingEntry).join(Person, col(Person.id) == col(WaitingEntry.client_id))
    wanted = wanted.join(Treatment, col(Treatment.id) == col(WaitingEntry.treatment_id))
    wanted = wanted.where(col(Person.is_active), col(Treatment.is_active))
    wanted = wanted.where(col(WaitingEntry.client_id).not_in(_gave_up(freed)))
    found = {one.id: one for one in db.exec(_living(wanted.where(col(WaitingEntry.id).not_in(_asked(freed)))))}
    step = timedelta(minutes=clinic.policy(db).step_minutes)
    count = -(-(freed.ends_at - freed.starts_at) // step)
    starts = [freed.starts_at + number * step for number in range(count)]
    waiting = [one.waiting() for one in found.values()]
    return [found[one.entry_id] for one in rules.line(waiting, freed.practitioner_id, starts, clinic_zone(db))]


def to_end(db: Session) -> list[tuple[WaitingEntry, EndReason]]:
    """Who need not wait any longer, and why. Two queries, however many wait."""
    wanted = select(WaitingEntry, Person.is_active).join(Person, col(Person.id) == col(WaitingEntry.client_id))
    rows = db.exec(wanted.where(col(WaitingEntry.ended_at).is_(None)).order_by(col(WaitingEntry.made_at))).all()
    known = _appointments(db, {one.client_id for one, _ in rows}, {one.treatment_id for one, _ in rows})
    zone, at = clinic_zone(db), clock.now()
    found = []
    for one, is_active in rows:
        mine = [each for each in known if (each.client_id, each.treatment_id) == (one.client_id, one.treatment_id)]
        happened = _happened(one, mine, is_active=is_active)
        if reason := rules.ending(one.waiting(happened.swap_is).wish, happened, at, zone):
            found.append((one, reason))
    return found


def _visible_to(viewer: Viewer, table: type[T]) -> SelectOfScalar[T]:
    """A practitioner sees everybody who waits, a client themself, an admin nobody."""
    seen = select(table)
    return seen if viewer.is_practitioner else seen.where(col(table.client_id) == viewer.id)


def _living(wanted: SelectOfScalar[WaitingEntry]) -> SelectOfScalar[WaitingEntry]:
    return wanted.where(col(WaitingEntry.ended_at).is_(None)).order_by(col(WaitingEntry.made_at))


def _asked(freed: FreedTime) -> SelectOfScalar[UUID]:
    """Entries that were asked about this time before, also when it came free before, or are asked about any now."""
    this_time = sa.and_(
        col(WaitingOffer.practitioner_id) == freed.practitioner_id,
        col(WaitingOffer.starts_at) >= freed.starts_at,
        col(WaitingOffer.starts_at) < freed.ends_at,
        col(WaitingOffer.state) != OfferState.WITHDRAWN,
    )
    now = col(WaitingOffer.state) == OfferState.OPEN
    return select(WaitingOffer.entry_id).where(sa.or_(col(WaitingOffer.freed_id) == freed.id, now, this_time))


def _gave_up(freed: FreedTime) -> sa.CompoundSelect[UUID]:
    """Clients who had this time and gave it up: they would not thank us for it."""
    cancelled = sa.select(col(Appointment.client_id)).where(
        col(Appointment.state) == State.CANCELLED,
        col(Appointment.practitioner_id) == freed.practitioner_id,
        col(Appointment.starts_at) == freed.starts_at,
    )
    left = sa.select(col(AppointmentMove.client_id)).where(
        col(AppointmentMove.from_practitioner_id) == freed.practitioner_id,
        col(AppointmentMove.from_starts_at) == freed.starts_at,
    )
    return cancelled.union(left)


def _appointments(db: Session, clients: Iterable[UUID], of: Iterable[UUID]) -> Sequence[Appointment]:
    wanted = select(Appointment).where(col(Appointment.client_id).in_(clients), col(Appointment.treatment_id).in_(of))
    return db.exec(wanted.where(col(Appointment.state).in_((State.BOOKED, State.ATTENDED)))).all()


def _happened(one: WaitingEntry, mine: Sequence[Appointment], *, is_active: bool) -> Happened:
    swap = next((each for each in mine if each.id == one.swaps_appointment_id), None)
    others = (each for each in mine if each is not swap and each.booked_at > one.made_at)
    booked = [(each.practitioner_id, each.starts_at) for each in others]
    return Happened(is_active, booked, one.swaps_starts_at, swap.starts_at if swap else None)


def _place(
    db: Session, one: WaitingEntry, treatment: Treatment, names: dict[UUID, str], offer: WaitingOffer | None
) -> Place:
    swapped = swapped_by(db, one)
    gate = gates.gate_of(db, one.client_id, treatment, clock.now(), swapped.id if swapped else None)
    people = [names[UUID(person)] for person in one.practitioner_ids if UUID(person) in names]
    return Place(one, treatment, names[one.client_id], ", ".join(people) or "Anybody", offer, swapped, gate)
