"""Book, hold, move, cancel, attend. The gate is asked, and the time taken, inside the transaction, for everybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col, delete

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.availability.rules import Span
from portal.bookings import claims, gatekeeping, gates, notices, queries, refusals, rules, taking
from portal.bookings.models import Appointment, AppointmentMove, SlotHold
from portal.bookings.rules import FreedTime, HoldFor, Override, State
from portal.bookings.taking import Wanted
from portal.clinic import queries as clinic
from portal.courses import queries as courses
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.kit.events import Event
from portal.treatments.models import Treatment

MISSED = Event()  # told (db, Appointment): it was marked as a no-show
FREED = Event()  # told (db, FreedTime): a time that was taken can be had again
_PERSON = Person.__table__  # type: ignore[attr-defined]


def book(
    db: Session,
    actor: Viewer,
    client_id: UUID,
    treatment: Treatment,
    practitioner_id: UUID,
    starts_at: datetime,
    hold_id: UUID | None = None,
    *,
    offered: bool = False,
    override: Override | None = None,
    within: Span | None = None,
) -> Appointment:
    """Take a free time. Refused where the gate is shut, the time is not free or a limit is reached; the same client
    asking twice for the same time gets the same appointment.

    `hold_id`: the time is kept for this client already. `offered`: the clinic offered it, so its limits for clients do
    not count. `override`: a practitioner lets it pass although the gate is shut. `within`: other limits than usual.
    """
    client = accounts.client(db, actor, client_id)
    lock_row(db, _PERSON, client_id)
    treatment, known = queries.treatment_in_force(db, treatment.id), queries.open_appointments(db, client_id)
    if twin := _same(known, treatment, practitioner_id, starts_at):
        return twin
    refusals.require_offer(db, actor, client, treatment, known, is_free_of_limits=offered or within is not None)
    answer = gates.gate_of(db, client_id, treatment, starts_at)
    gatekeeping.require_open(actor, answer, override)
    wanted = Wanted(uuid4(), client_id, treatment, practitioner_id, starts_at)
    limits = within or (taking.any_time() if offered else None)
    where = taking.take(db, None if offered else actor, wanted, limits)
    if hold_id and (kept := db.get(SlotHold, hold_id)) and kept.client_id == client_id:
        release(db, hold_id)
    appointment = _drawn_up(db, actor, wanted, where)
    _settle(db, appointment)
    audit.record(db, actor, "bookings.booked", appointment, client_id)
    notices.booked(db, actor, appointment)
    if override and not answer.is_open:
        gatekeeping.let_pass(db, actor, appointment, answer, override)
    gatekeeping.recheck_after(db, appointment, known)
    return appointment


def hold(
    db: Session,
    actor: Viewer | None,
    client_id: UUID,
    treatment: Treatment,
    practitioner_id: UUID,
    starts_at: datetime,
    kind: HoldFor = HoldFor.CONFIRMING,
    expires_at: datetime | None = None,
    *,
    moving: UUID | None = None,
) -> SlotHold:
    """Keep a free time for a client until `expires_at` (the clinic's minutes): then it frees itself. Who confirms holds
    one time at once. Refused where the gate is shut or the time is not free. No actor: the clinic offers it. `moving`:
    the appointment that would leave its time for this one.
    """
    lock_row(db, _PERSON, client_id)
    treatment = queries.treatment_in_force(db, treatment.id)
    if actor:
        client, known = accounts.client(db, actor, client_id), queries.open_appointments(db, client_id)
        refusals.require_offer(db, actor, client, treatment, known, is_free_of_limits=False)
    gatekeeping.require_open(actor, gates.gate_of(db, client_id, treatment, starts_at, moving), None)
    until = expires_at or clock.now() + timedelta(minutes=clinic.policy(db).slot_hold_minutes)
    wanted = Wanted(uuid4(), client_id, treatment, practitioner_id, starts_at)
    if kind is HoldFor.OFFER and queries.holds_over(db, client_id, wanted.blocked):
        raise Refused("Another time is kept for them then, and what is offered must not take that away.")
    where = taking.take(db, actor, wanted, None if actor else taking.any_time(), until)
    if kind is HoldFor.CONFIRMING:
        for before in queries.confirming(db, client_id):
            if (one := db.get(SlotHold, before)) and one.kind is kind:
                release(db, before)
    times, treatment_id = wanted.times, treatment.id
    kept = SlotHold(
        id=wanted.owner_id,
        client_id=client_id,
        treatment_id=treatment_id,
        kind=kind,
        expires_at=until,
        **times,
        **where,
    )
    db.add(kept)
    db.flush()
    return kept


def release(db: Session, hold_id: UUID) -> None:
    """Give a held time back; fine when it is gone already."""
    claims.free(db, hold_id)
    db.exec(delete(SlotHold).where(col(SlotHold.id) == hold_id))  # whether or not it is being swept away meanwhile


def move(
    db: Session,
    actor: Viewer,
    appointment: Appointment,
    starts_at: datetime,
    practitioner_id: UUID,
    reason: str,
    *,
    offered: bool = False,
    leaving: tuple[UUID, ...] = (),
    override: Override | None = None,
) -> Appointment:
    """Give an appointment another time or practitioner. A client's windows and number of moves hold for clients, unless
    the clinic `offered` it; the gate holds for everybody. `leaving`: following sessions that are about to move too.
    """
    lock_row(db, _PERSON, appointment.client_id)
    db.refresh(appointment)
    if appointment.is_booked and (appointment.starts_at, appointment.practitioner_id) == (starts_at, practitioner_id):
        return appointment
    refusals.require_movable(db, actor, appointment, is_free_of_limits=offered)
    old = appointment.starts_at, appointment.practitioner_id
    freed = FreedTime(appointment.practitioner_id, appointment.starts_at, appointment.ends_at)
    treatment = queries.treatment_in_force(db, appointment.treatment_id)
    answer = gates.gates_of(db, appointment.client_id, treatment, appointment.id, leaving=leaving)(starts_at)
    gatekeeping.require_open(actor, answer, override)
    wanted = Wanted(appointment.id, appointment.client_id, treatment, practitioner_id, starts_at)
    within = taking.any_time() if offered else queries.movable_within(db, actor, appointment)
    where = taking.take(db, None if offered else actor, wanted, within)
    db.add(_moved(actor, appointment, starts_at, reason))
    appointment.put({**wanted.times, **where})
    appointment.moves += actor.is_client and not offered
    _settle(db, appointment)
    audit.record(db, actor, "bookings.moved", appointment, appointment.client_id)
    notices.moved(db, actor, appointment, *old)
    if override and not answer.is_open:
        gatekeeping.let_pass(db, actor, appointment, answer, override)
    gatekeeping.answered_by_doing(db, actor, appointment)
    FREED.tell(db, freed)
    if not leaving:
        gatekeeping.recheck(db, appointment.client_id)
    return appointment


def cancel(
    db: Session, actor: Viewer | None, appointment: Appointment, reason: str, *, at_clients_wish: bool = False
) -> None:
    """Give a booked time back. Clients up to the clinic's limit, the team until it begins, no actor: the portal itself.
    Given up late at the client's wish, the clinic's amount for that is recorded.
    """
    lock_row(db, _PERSON, appointment.client_id)
    db.refresh(appointment)
    if actor:
        refusals.require_cancellable(db, actor, appointment)
    policy, at = clinic.policy(db), clock.now()
    late = rules.is_late(appointment.starts_at, at, timedelta(hours=policy.cancel_until_hours))
    appointment.is_late_cancel = late and bool(actor and (actor.is_client or at_clients_wish))
    appointment.fee_cents = policy.late_cancel_fee_cents if appointment.is_late_cancel else 0
    appointment.state = State.CANCELLED
    appointment.cancelled_at, appointment.cancelled_by_id = at, actor.id if actor else None
    appointment.cancelled_reason, appointment.session_number = reason, None
    appointment.revision += 1
    claims.free(db, appointment.id)
    _settle(db, appointment)
    audit.record(db, actor, "bookings.cancelled", appointment, appointment.client_id)
    notices.cancelled(db, actor, appointment)
    gatekeeping.answered_by_doing(db, actor, appointment)
    FREED.tell(db, FreedTime(appointment.practitioner_id, appointment.starts_at, appointment.ends_at))
    gatekeeping.recheck(db, appointment.client_id)


def attend(db: Session, practitioner: Viewer, appointment: Appointment, zones: tuple[str, ...] = ()) -> None:
    """The client came. Doing it twice does nothing; a no-show entered by mistake is put right. `zones`: what the signed
    record says was treated. Refused while it is on hold.
    """
    lock_row(db, _PERSON, appointment.client_id)
    db.refresh(appointment)
    if appointment.state is State.CANCELLED:
        raise Refused("This appointment was cancelled.")
    if appointment.on_hold_codes:  # also when it was marked as missed meanwhile
        raise Refused(
            "This appointment is on hold: the gate is shut. Its page says why, and what can be done.",
            ("To the appointment", f"/appointments/{appointment.id}"),
        )
    if not rules.may_attend(appointment.starts_at, clock.now()):
        raise Refused("This appointment has not begun yet.")
    appointment.zones_done = list(zones) or appointment.zones_done
    if appointment.state is not State.ATTENDED:
        appointment.state, appointment.fee_cents = State.ATTENDED, 0
        _settle(db, appointment)
        audit.record(db, practitioner, "bookings.attended", appointment, appointment.client_id)
    db.flush()
    gatekeeping.recheck(db, appointment.client_id)


def no_show(db: Session, practitioner: Viewer, appointment: Appointment) -> None:
    """The client did not come; the clinic's amount for that is recorded."""
    lock_row(db, _PERSON, appointment.client_id)
    db.refresh(appointment)
    if not appointment.is_booked or clock.now() < appointment.starts_at:
        raise Refused("Only a booked appointment whose time has come can be missed.")
    appointment.state, appointment.session_number = State.NO_SHOW, None
    appointment.fee_cents = clinic.policy(db).no_show_fee_cents
    appointment.on_hold_since = appointment.on_hold_until = None
    _settle(db, appointment)
    audit.record(db, practitioner, "bookings.missed", appointment, appointment.client_id)
    MISSED.tell(db, appointment)
    gatekeeping.recheck(db, appointment.client_id)


def waive_fee(db: Session, practitioner: Viewer, appointment: Appointment) -> None:
    """Nothing is asked for this late cancellation or absence after all."""
    appointment.fee_cents = 0
    audit.record(db, practitioner, "bookings.fee_waived", appointment, appointment.client_id)


def let_go(db: Session) -> None:
    """The tick: what was on hold for as long as the clinic keeps its time, and is still not allowed, is given up."""
    found = queries.out_of_patience(db)
    for appointment in found:  # every client first: who books has their client, then waits for time
        lock_row(db, _PERSON, appointment.client_id)
    for appointment in found:
        db.refresh(appointment)
        gatekeeping.recheck(db, appointment.client_id)
        if appointment.is_on_hold and appointment.on_hold_until and appointment.on_hold_until <= clock.now():
            cancel(db, None, appointment, "It was on hold, and its time was kept as long as the clinic keeps it.")


def sweep(db: Session) -> None:
    """The tick: what was kept for somebody who let it lapse is forgotten."""
    claims.forget_lapsed(db)
    for lapsed in queries.lapsed_holds(db):
        db.delete(lapsed)


def _drawn_up(db: Session, actor: Viewer, wanted: Wanted, where: Mapping[str, Any]) -> Appointment:
    course = courses.running(db, wanted.client_id)
    return Appointment(
        id=wanted.owner_id,
        client_id=wanted.client_id,
        treatment_id=wanted.treatment.id,
        course_id=course.id if course and course.treatment_id == wanted.treatment.id else None,
        booked_by_id=actor.id,
        deposit_cents=wanted.treatment.deposit_cents or 0,
        **wanted.times,
        **where,
    )


def _same(known: Sequence[Appointment], treatment: Treatment, who: UUID, starts_at: datetime) -> Appointment | None:
    wanted = (treatment.id, who, starts_at)
    return next((one for one in known if (one.treatment_id, one.practitioner_id, one.starts_at) == wanted), None)


def _moved(actor: Viewer, appointment: Appointment, to: datetime, reason: str) -> AppointmentMove:
    return AppointmentMove(
        appointment_id=appointment.id,
        client_id=appointment.client_id,
        moved_by_id=actor.id,
        from_starts_at=appointment.starts_at,
        to_starts_at=to,
        from_practitioner_id=appointment.practitioner_id,
        reason=reason,
    )


def _settle(db: Session, appointment: Appointment) -> None:
    """Number the sessions of the course by time: 1, 2, 3, whatever was moved or cancelled."""
    db.add(appointment)
    db.flush()
    for number, one in enumerate(queries.course_in_order(db, appointment.client_id, appointment.course_id), start=1):
        one.session_number = number
