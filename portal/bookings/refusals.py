"""Why an appointment may not be booked or changed, apart from the gate: each as a Refused with its way out."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability.rules import Span
from portal.bookings import queries
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import Refused
from portal.treatments.models import Treatment


def require_offer(
    db: Session,
    actor: Viewer,
    client: Person,
    treatment: Treatment,
    known: Sequence[Appointment],
    *,
    is_free_of_limits: bool,
) -> None:
    """The treatment is offered, the account is open, one consultation at a time, and so many open appointments.
    `known`: what is open now.
    """
    if not treatment.is_active:
        raise Refused("The clinic no longer offers this treatment.")
    if not client.is_active:
        raise Refused("This account is closed, so nothing can be booked for it.")
    if treatment.is_consultation and any(one.treatment_id == treatment.id for one in known):
        raise Refused(
            "A consultation is booked already. Move it, or cancel it first.", ("See appointments", "/appointments")
        )
    most = clinic.policy(db).most_open
    if actor.is_client and not is_free_of_limits and len(known) >= most:
        raise call_us(db, f"You have {most} open appointments, as many as can be booked here.")


def require_ahead(db: Session, actor: Viewer | None, starts_at: datetime, within: Span | None) -> None:
    """Not in the past, and for clients not too soon."""
    if starts_at <= clock.now():
        raise Refused("That time has passed. Please choose another one.")
    limits = within or queries.windows(db, actor).bookable(clock.now())
    if starts_at < limits.start:
        raise call_us(db, f"That is less than {clinic.policy(db).notice_hours} hours from now.")


def require_movable(db: Session, actor: Viewer, appointment: Appointment, *, is_free_of_limits: bool = False) -> None:
    """Refuses to move what is over, and for a client what is too near or was moved too often."""
    _require_open(appointment)
    if is_free_of_limits:
        return
    policy = clinic.policy(db)
    if not queries.windows(db, actor).may_move(appointment.starts_at, clock.now()):
        raise _ask_us(db, appointment, f"It is less than {policy.move_until_hours} hours until this appointment.")
    if actor.is_client and appointment.moves >= policy.most_moves:
        raise _ask_us(db, appointment, f"You have moved this appointment {policy.most_moves} times already.")


def require_cancellable(db: Session, actor: Viewer, appointment: Appointment) -> None:
    """Refuses to cancel what is over, and for a client what is too near."""
    _require_open(appointment)
    if not queries.windows(db, actor).may_cancel(appointment.starts_at, clock.now()):
        hours = clinic.policy(db).cancel_until_hours
        raise _ask_us(db, appointment, f"It is less than {hours} hours until this appointment.")


def call_us(db: Session, sentence: str) -> Refused:
    """The sentence, and the clinic's telephone."""
    profile = clinic.profile(db)
    return Refused(f"{sentence} Please call us: {profile.phone}.", ("Call us", profile.phone_href))


def _require_open(appointment: Appointment) -> None:
    if not appointment.is_booked:
        raise Refused("This appointment is no longer open, so there is nothing to change.")
    if clock.now() >= appointment.starts_at:
        raise Refused("This appointment has begun, so it can no longer be changed here.")


def _ask_us(db: Session, appointment: Appointment, sentence: str) -> Refused:
    phone = clinic.profile(db).phone
    return Refused(
        f"{sentence} Ask us for the change on its page, or call us: {phone}.",
        ("To the appointment", f"/appointments/{appointment.id}"),
    )
