"""Book, move, cancel, attend. The gate is asked, and the time checked, inside the transaction, for everybody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import notices, queries, rules
from portal.bookings.availability import length_of
from portal.bookings.models import Appointment, AppointmentMove
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.courses import queries as courses
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

_PERSON = Person.__table__  # type: ignore[attr-defined]


def book(
    db: Session, actor: Viewer, client_id: UUID, treatment: Treatment, practitioner_id: UUID, starts_at: datetime
) -> Appointment:
    """Take a free time. Refused where the gate is shut, the time is not free or a limit is reached; the same client
    asking twice for the same time gets the same appointment.
    """
    client = accounts.client(db, actor, client_id)
    _lock(db, practitioner_id, client_id)
    if twin := _same(db, client_id, treatment, practitioner_id, starts_at):
        return twin
    _require_offer(db, actor, client, treatment)
    _require_gate(db, actor, client_id, treatment, starts_at)
    _require_free(db, actor, treatment, practitioner_id, starts_at, client_id)
    course = courses.running(db, client_id)
    appointment = Appointment(
        client_id=client_id,
        practitioner_id=practitioner_id,
        treatment_id=treatment.id,
        course_id=course.id if course and course.treatment_id == treatment.id else None,
        booked_by_id=actor.id,
        **_times(treatment, starts_at),
    )
    db.add(appointment)
    _settle(db, appointment)
    audit.record(db, actor, "bookings.booked", appointment, client_id)
    notices.booked(db, actor, appointment)
    return appointment


def move(
    db: Session, actor: Viewer, appointment: Appointment, starts_at: datetime, practitioner_id: UUID, reason: str
) -> Appointment:
    """Give an appointment another time or practitioner. Clients up to a day before and three times, the team until it
    begins; the gate holds for both.
    """
    _lock(db, practitioner_id, appointment.client_id, appointment.practitioner_id)
    db.refresh(appointment)
    if appointment.is_booked and (appointment.starts_at, appointment.practitioner_id) == (starts_at, practitioner_id):
        return appointment
    require_movable(db, actor, appointment)
    old = appointment.starts_at, appointment.practitioner_id
    treatment = treatments.get(db, appointment.treatment_id)
    _require_gate(db, actor, appointment.client_id, treatment, starts_at, appointment.id)
    _require_free(db, actor, treatment, practitioner_id, starts_at, appointment.client_id, appointment.id)
    db.add(_moved(actor, appointment, starts_at, reason))
    appointment.sqlmodel_update({"practitioner_id": practitioner_id, **_times(treatment, starts_at)})
    appointment.revision += 1
    appointment.moves += actor.is_client
    _settle(db, appointment)
    audit.record(db, actor, "bookings.moved", appointment, appointment.client_id)
    notices.moved(db, actor, appointment, *old)
    return appointment


def cancel(db: Session, actor: Viewer, appointment: Appointment, reason: str) -> None:
    """Give a booked time back. Clients up to a day before, the team until it begins."""
    _lock(db, appointment.practitioner_id, appointment.client_id)
    db.refresh(appointment)
    require_changeable(db, actor, appointment)
    appointment.state = State.CANCELLED
    appointment.cancelled_at, appointment.cancelled_by_id = clock.now(), actor.id
    appointment.cancelled_reason, appointment.session_number = reason, None
    appointment.revision += 1
    _settle(db, appointment)
    audit.record(db, actor, "bookings.cancelled", appointment, appointment.client_id)
    notices.cancelled(db, actor, appointment)


def attend(db: Session, practitioner: Viewer, appointment: Appointment) -> None:
    """The client came. Doing it twice does nothing; a no-show entered by mistake is put right."""
    _lock(db, appointment.practitioner_id, appointment.client_id)
    db.refresh(appointment)
    if appointment.state is State.ATTENDED:
        return
    if appointment.state is State.CANCELLED:
        raise Refused("This appointment was cancelled.")
    if not rules.may_attend(appointment.starts_at, clock.now()):
        raise Refused("This appointment has not begun yet.")
    appointment.state = State.ATTENDED
    _settle(db, appointment)
    audit.record(db, practitioner, "bookings.attended", appointment, appointment.client_id)


def no_show(db: Session, practitioner: Viewer, appointment: Appointment) -> None:
    """The client did not come."""
    _lock(db, appointment.practitioner_id, appointment.client_id)
    db.refresh(appointment)
    if not appointment.is_booked or clock.now() < appointment.starts_at:
        raise Refused("Only a booked appointment whose time has come can be missed.")
    appointment.state, appointment.session_number = State.NO_SHOW, None
    _settle(db, appointment)
    audit.record(db, practitioner, "bookings.missed", appointment, appointment.client_id)


def remind(db: Session) -> None:
    """The tick: one reminder a day before each appointment and each new time it is moved to."""
    for appointment in queries.due_for_reminder(db):
        appointment.reminded_for = appointment.starts_at
        notices.reminder(db, appointment)


def require_changeable(db: Session, actor: Viewer, appointment: Appointment) -> None:
    """Refuses to touch what is over, cancelled, or, for a client, too near."""
    if not appointment.is_booked:
        raise Refused("This appointment is no longer open, so there is nothing to change.")
    if clock.now() >= appointment.starts_at:
        raise Refused("This appointment has begun, so it can no longer be changed here.")
    if not rules.may_change(appointment.starts_at, clock.now(), by_client=actor.is_client):
        raise _call_us(db, "It is less than 24 hours until this appointment, so it cannot be changed here.")


def require_movable(db: Session, actor: Viewer, appointment: Appointment) -> None:
    """As above, and a client moves one appointment only so often."""
    require_changeable(db, actor, appointment)
    if actor.is_client and appointment.moves >= rules.MOST_MOVES:
        raise _call_us(db, f"You have moved this appointment {rules.MOST_MOVES} times already.")


def _require_offer(db: Session, actor: Viewer, client: Person, treatment: Treatment) -> None:
    if not treatment.is_active:
        raise Refused("The clinic no longer offers this treatment.")
    if not client.is_active:
        raise Refused("This account is closed, so nothing can be booked for it.")
    if treatment.is_consultation and queries.open_appointments(db, client.id, treatment.id):
        raise Refused(
            "A consultation is booked already. Move it, or cancel it first.", ("See appointments", "/appointments")
        )
    if actor.is_client and len(queries.open_appointments(db, client.id)) >= rules.MOST_OPEN:
        raise _call_us(db, f"You have {rules.MOST_OPEN} open appointments, as many as can be booked here.")


def _require_gate(
    db: Session, actor: Viewer, client_id: UUID, treatment: Treatment, at: datetime, moving: UUID | None = None
) -> None:
    answer = queries.gate_of(db, client_id, treatment, at, moving)
    if not answer.is_open:
        raise Refused(answer.to_client if actor.is_client else answer.to_clinic)


def _require_free(
    db: Session,
    actor: Viewer,
    treatment: Treatment,
    practitioner_id: UUID,
    starts_at: datetime,
    client_id: UUID,
    moving: UUID | None = None,
) -> None:
    if starts_at <= clock.now():
        raise Refused("That time has passed. Please choose another one.")
    within = rules.bookable(clock.now(), by_client=actor.is_client)
    if starts_at < within.start:
        raise _call_us(db, "That is less than 12 hours from now.")
    day = starts_at.astimezone(queries.clinic_zone(db)).date()
    for offer in queries.slots(db, actor, treatment, day, 1, practitioner_id, client_id, moving):
        if any(slot.starts_at == starts_at for slot in offer.slots):
            return
    raise Refused("That time is no longer free. Please choose another one.")


def _lock(db: Session, *people: UUID) -> None:
    """One at a time for each practitioner and each client; always in the same order, so nobody waits in a circle."""
    for person_id in sorted(set(people)):
        lock_row(db, _PERSON, person_id)


def _same(db: Session, client_id: UUID, treatment: Treatment, who: UUID, starts_at: datetime) -> Appointment | None:
    known = queries.open_appointments(db, client_id, treatment.id)
    return next((one for one in known if (one.starts_at, one.practitioner_id) == (starts_at, who)), None)


def _times(treatment: Treatment, starts_at: datetime) -> dict[str, Any]:
    """When it is and what it blocks. Nobody is reminded of a time that was chosen within the last day before it."""
    length = length_of(treatment)
    blocked = length.blocks(starts_at)
    soon = starts_at - clock.now() <= rules.REMIND_BEFORE
    return {
        "starts_at": starts_at,
        "ends_at": length.ends(starts_at),
        "blocked_from": blocked.start,
        "blocked_until": blocked.end,
        "reminded_for": starts_at if soon else None,
    }


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
    db.flush()
    for number, one in enumerate(queries.course_in_order(db, appointment.client_id, appointment.course_id), start=1):
        one.session_number = number


def _call_us(db: Session, sentence: str) -> Refused:
    profile = clinic.profile(db)
    return Refused(f"{sentence} Please call us: {profile.phone}.", ("Call us", profile.phone_href))
