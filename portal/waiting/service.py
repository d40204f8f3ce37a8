"""Offer what came free to those who wait: one person a time, one time a person, the gate asked at each step.

Whatever concerns one client's waiting is done under the lock of that client's row, as in bookings; whatever concerns
one freed time under the lock of its own. `offer_next` and `lapse_next` do one step in a transaction of their own: so
any number of workers may do them at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.availability.queries import clinic_zone
from portal.availability.rules import Span
from portal.bookings import gates
from portal.bookings import queries as bookings
from portal.bookings import rules as booking
from portal.bookings import service as appointments
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock, jobs
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.treatments import queries as treatments
from portal.waiting import notices, queries, rules
from portal.waiting.models import FreedTime, WaitingEntry, WaitingOffer
from portal.waiting.rules import EndReason, OfferState

OFFER = "waiting.offer"  # the job that does every step that is due
_PERSON = Person.__table__  # type: ignore[attr-defined]
_BACK = ("To the waiting list", "/waiting")
_MOVED = "Taken from the waiting list"
_GONE = "This time has gone on to the next person. You stay on the list, and we write when another one comes free."


def freed(db: Session, time: booking.FreedTime) -> None:
    """The listener: a time has come free. It is offered once the grace is over, so that a drag in the calendar, a
    mistake put right, or a slot that is taken again at once disturb nobody.
    """
    at = clock.now()
    if time.starts_at - rules.LEAD > at and queries.anybody_waits(db):
        grace = timedelta(minutes=clinic.policy(db).waiting_grace_minutes)
        db.add(FreedTime(**time._asdict(), freed_at=at, offer_from=at + grace))


def offer_next(db: Session) -> bool:
    """Offer one freed time to whoever is next; done with it when nobody can have it, as it may be taken by now. False
    when there is nothing to offer, or when it is too late in the evening to write to anybody.
    """
    at = clock.now()
    if queries.quiet(db).holds(at):
        return False
    time = queries.pending(db, at)
    if time is None:
        return False
    if queries.open_offer_of(db, time.id):  # another worker was quicker between our look and our lock
        return True
    if not any(_offered(db, time, entry) for entry in queries.in_line(db, time)):
        time.done_at = at
    return True


def lapse_next(db: Session) -> bool:
    """End one offer that was not answered in time; False when there is none."""
    offer = queries.expired(db, clock.now())
    if offer is None:
        return False
    _lock(db, offer)
    if offer.is_open:
        _close(db, offer, OfferState.LAPSED)
        audit.record(db, None, "waiting.lapsed", offer, offer.client_id)
        notices.lapsed(db, offer)
    return True


def accept(db: Session, client: Viewer, offer: WaitingOffer) -> Appointment:
    """Yes: book the time, or move to it what is given back for it, in one. The gate is asked again. Saying it twice
    gives the same appointment. Refused when the time to answer is over or the gate has shut.
    """
    _lock(db, offer)
    if offer.appointment_id:
        return bookings.appointment(db, client, offer.appointment_id)
    entry = db.get_one(WaitingEntry, offer.entry_id, populate_existing=True)
    if not (offer.is_answerable(clock.now()) and entry.is_living):
        raise Refused(_GONE, _BACK)
    appointment = _booked(db, client, entry, offer)
    _close(db, offer, OfferState.ACCEPTED)
    offer.appointment_id = appointment.id
    entry.ended_at, entry.end_reason = clock.now(), EndReason.TAKEN
    db.flush()
    audit.record(db, client, "waiting.accepted", offer, offer.client_id)
    go_on(db, offer.id)
    return appointment


def decline(db: Session, client: Viewer, offer: WaitingOffer) -> None:
    """No: the next person is asked. Refused when it is not open any more; saying no twice is saying it once."""
    _lock(db, offer)
    if offer.state is OfferState.DECLINED:
        return
    if not offer.is_answerable(clock.now()):
        raise Refused(_GONE, _BACK)
    _close(db, offer, OfferState.DECLINED)
    audit.record(db, client, "waiting.declined", offer, offer.client_id)
    go_on(db, offer.id)


def withdraw(db: Session, offer: WaitingOffer) -> None:
    """Take an open offer back; the next person is asked. The caller holds the client's lock."""
    _close(db, offer, OfferState.WITHDRAWN)
    audit.record(db, None, "waiting.withdrawn", offer, offer.client_id)
    go_on(db, offer.id)


def shut_offers(db: Session) -> list[WaitingOffer]:
    """Open offers that the gate no longer allows: facts change while people think."""
    return [offer for offer in queries.every_open_offer(db) if not _allows(db, offer)]


def withdraw_shut(db: Session, offer: WaitingOffer) -> None:
    """Take such an offer back, unless it was answered meanwhile."""
    _lock(db, offer)
    if offer.is_open:
        withdraw(db, offer)
        notices.withdrawn(db, offer)


def go_on(db: Session, why: object) -> None:
    """Have every step done that is due, as soon as this transaction has ended; once for each `why`."""
    jobs.enqueue(db, OFFER, f"{OFFER}:{why}")


def _offered(db: Session, time: FreedTime, entry: WaitingEntry) -> bool:
    """Keep a slot within the freed time for this person and tell them, if it suits, is free and the gate is open."""
    treatment = treatments.get(db, entry.treatment_id)
    swapped = queries.swapped_by(db, entry)
    moving = swapped.id if swapped else None
    zone, within = clinic_zone(db), Span(time.starts_at, time.ends_at)
    day = time.starts_at.astimezone(zone).date()
    found = bookings.slots(db, None, treatment, day, 1, time.practitioner_id, entry.client_id, moving, within)
    wish = entry.waiting(swapped.starts_at if swapped else None).wish
    ask = gates.gates_of(db, entry.client_id, treatment, moving)
    for slot in (slot for offer in found for slot in offer.slots):
        suits = wish.misfit(slot.practitioner_id, slot.starts_at, zone) is None
        by = _answer_by(db, slot.starts_at) if suits else None
        if by and ask(slot.starts_at).is_open:
            return _kept(db, time, entry, slot.starts_at, by, moving)
    return False


def _allows(db: Session, offer: WaitingOffer) -> bool:
    shown = queries.shown_offer(db, offer)
    leaving = shown.swapped.id if shown.swapped else None
    return gates.gate_of(db, offer.client_id, shown.treatment, offer.starts_at, leaving).is_open


def _kept(
    db: Session, time: FreedTime, entry: WaitingEntry, starts_at: datetime, by: datetime, moving: UUID | None
) -> bool:
    treatment = treatments.get(db, entry.treatment_id)
    lock_row(db, _PERSON, entry.client_id)  # what we read from here on stays true
    db.refresh(entry)
    if not entry.is_living or queries.open_offers(db, [entry.id]):
        return False
    try:
        kept = appointments.hold(
            db,
            None,
            entry.client_id,
            treatment,
            time.practitioner_id,
            starts_at,
            booking.HoldFor.OFFER,
            by,
            moving=moving,
        )
    except Refused:
        return False
    offer = WaitingOffer(
        entry_id=entry.id,
        client_id=entry.client_id,
        freed_id=time.id,
        slot_hold_id=kept.id,
        practitioner_id=time.practitioner_id,
        starts_at=starts_at,
        offered_at=clock.now(),
        answer_by=by,
    )
    db.add(offer)
    db.flush()
    audit.record(db, None, "waiting.offered", offer, offer.client_id)
    notices.offered(db, offer)
    return True


def _booked(db: Session, client: Viewer, entry: WaitingEntry, offer: WaitingOffer) -> Appointment:
    swapped = queries.swapped_by(db, entry)
    if swapped and swapped.starts_at <= offer.starts_at:
        raise Refused("Your own appointment is earlier by now, so there is nothing to gain.", _BACK)
    if swapped:
        if offer.slot_hold_id:
            appointments.release(db, offer.slot_hold_id)
        return appointments.move(db, client, swapped, offer.starts_at, offer.practitioner_id, _MOVED, offered=True)
    treatment = treatments.get(db, entry.treatment_id)
    held = offer.slot_hold_id
    return appointments.book(
        db, client, entry.client_id, treatment, offer.practitioner_id, offer.starts_at, held, offered=True
    )


def _close(db: Session, offer: WaitingOffer, state: OfferState) -> None:
    offer.state, offer.answered_at = state, clock.now()
    if offer.slot_hold_id:
        appointments.release(db, offer.slot_hold_id)
        offer.slot_hold_id = None
    db.flush()


def _lock(db: Session, offer: WaitingOffer) -> None:
    """One at a time for each client; the offer as it is now, not as it was when it was looked at."""
    lock_row(db, _PERSON, offer.client_id)
    db.refresh(offer)


def _answer_by(db: Session, starts_at: datetime) -> datetime | None:
    length = timedelta(minutes=clinic.policy(db).waiting_answer_minutes)
    return rules.answer_by(clock.now(), starts_at, length, queries.quiet(db))
