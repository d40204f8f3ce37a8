"""What people are told about appointments: both sides, never whoever did it. Only the time; e-mails say nothing."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.bookings import rules
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.notifications.service import tell

_SUBJECT = "About your appointment"
_REMINDER = "A reminder of your appointment"


def booked(db: Session, actor: Viewer, appointment: Appointment) -> None:
    """A new appointment."""
    when, name = _when(db, appointment.starts_at), _client(db, appointment)
    _others(
        db,
        actor,
        appointment,
        "booked",
        lambda own: f"Your appointment: {when}." if own else f"{name} is booked: {when}.",
    )


def moved(db: Session, actor: Viewer, appointment: Appointment, old: datetime, old_practitioner: UUID) -> None:
    """From a time to another; a practitioner who loses it is told too."""
    before, now, name = _when(db, old), _when(db, appointment.starts_at), _client(db, appointment)
    _others(
        db,
        actor,
        appointment,
        "moved",
        lambda own: f"{'Your' if own else name + '’s'} appointment of {before} is moved to {now}.",
        old_practitioner,
    )


def cancelled(db: Session, actor: Viewer, appointment: Appointment) -> None:
    """It will not take place."""
    when, name = _when(db, appointment.starts_at), _client(db, appointment)
    _others(
        db,
        actor,
        appointment,
        "cancelled",
        lambda own: f"{'Your' if own else name + '’s'} appointment of {when} is cancelled.",
    )


def reminder(db: Session, appointment: Appointment) -> None:
    """To the client, once for each time the appointment has had."""
    key = f"bookings.reminder:{appointment.id}:{appointment.starts_at:%Y%m%d%H%M}"
    text = f"Your appointment is soon: {_when(db, appointment.starts_at)}."
    tell(db, appointment.client_id, key, text, _href(appointment), by_mail=_REMINDER)


def _others(
    db: Session,
    actor: Viewer,
    appointment: Appointment,
    verb: str,
    text: Callable[[bool], str],
    *more: UUID,
) -> None:
    key = f"bookings.{verb}:{appointment.id}:{appointment.revision}"
    for person_id in {appointment.client_id, appointment.practitioner_id, *more} - {actor.id}:
        tell(db, person_id, key, text(person_id == appointment.client_id), _href(appointment), by_mail=_SUBJECT)


def _client(db: Session, appointment: Appointment) -> str:
    return accounts.person(db, appointment.client_id).name


def _when(db: Session, moment: datetime) -> str:
    return rules.in_words(moment, clinic.profile(db).time_zone)


def _href(appointment: Appointment) -> str:
    return f"/appointments/{appointment.id}"
