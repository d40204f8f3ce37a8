"""What people are told about appointments: both sides, never whoever did it. Only the time; e-mails say nothing.

A client also gets the e-mail of what they did themselves: it carries the invitation for their calendar.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability.rules import in_words
from portal.bookings import queries
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.notifications.service import tell, write

_SUBJECT = "About your appointment"


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


def cancelled(db: Session, actor: Viewer | None, appointment: Appointment) -> None:
    """It will not take place."""
    when, name = _when(db, appointment.starts_at), _client(db, appointment)
    _others(
        db,
        actor,
        appointment,
        "cancelled",
        lambda own: f"{'Your' if own else name + '’s'} appointment of {when} is cancelled.",
    )


def on_hold(db: Session, held: Sequence[Appointment]) -> None:
    """The gate has shut since they were booked: both sides learn it, and until when the time of one is kept."""
    until = _when(db, held[0].on_hold_until) if held and held[0].on_hold_until else ""
    _once_for_all(db, held, "on_hold", f"is on hold, and kept until {until}", "are on hold")


def stand_again(db: Session, again: Sequence[Appointment]) -> None:
    """What kept them on hold is gone."""
    _once_for_all(db, again, "stands", "stands again", "stand again")


def without_practitioner(db: Session, person: Person) -> None:
    """A practitioner's account is closed: the others learn how many booked appointments need somebody else."""
    count = len(queries.ahead_with(db, person.id))
    if not count:
        return
    what = "1 appointment" if count == 1 else f"{count} appointments"
    text = f"{person.name} no longer works here, and {what} with {person.name} must be moved or cancelled."
    for other in accounts.practitioners(db):
        if other.id != person.id:
            tell(db, other.id, f"bookings.left:{person.id}:{clock.now():%Y%m%d%H%M}", text, "/agenda", by_mail=_SUBJECT)


def to_countersign(db: Session, practitioner: Viewer, appointment: Appointment, override_id: UUID) -> None:
    """Every other practitioner: one of them countersigns."""
    text = f"A decision about {_client(db, appointment)}’s appointment waits for a second practitioner."
    for person in accounts.practitioners(db):
        if person.id != practitioner.id:
            tell(db, person.id, f"bookings.countersign:{override_id}", text, _href(appointment), by_mail=_SUBJECT)


def change_asked(db: Session, client: Viewer, appointment: Appointment, request_id: UUID) -> None:
    """Every practitioner: whoever is in answers."""
    text = f"{client.name} asks to change the appointment of {_when(db, appointment.starts_at)}."
    for person in accounts.practitioners(db):
        tell(db, person.id, f"bookings.asked:{request_id}", text, _href(appointment), by_mail=_SUBJECT)


def change_answered(db: Session, practitioner: Viewer, appointment: Appointment, request_id: UUID) -> None:
    """The client: there is an answer to read."""
    text = f"{practitioner.name} has answered what you asked about your appointment."
    tell(db, appointment.client_id, f"bookings.answered:{request_id}", text, _href(appointment), by_mail=_SUBJECT)


def _once_for_all(db: Session, changed: Sequence[Appointment], verb: str, one: str, many: str) -> None:
    """One notice for each person concerned, however many of a client's appointments it is about; in order of time."""
    for person_id in sorted({person for row in changed for person in (row.client_id, row.practitioner_id)}):
        mine = [row for row in changed if person_id in {row.client_id, row.practitioner_id}]
        first, is_own = mine[0], person_id == mine[0].client_id
        whose, when = "Your" if is_own else f"{_client(db, first)}’s", _when(db, first.starts_at)
        text, href = f"{whose} appointment of {when} {one}.", _href(first)
        if len(mine) > 1:
            text = f"{whose} next {len(mine)} appointments, from {when} on, {many}."
            href = "/appointments" if is_own else f"/clients/{first.client_id}"
        key = f"bookings.{verb}:{first.id}:{first.revision}"
        tell(db, person_id, key, text, href, by_mail=_SUBJECT, invite=first.id if len(mine) == 1 else None)


def _others(
    db: Session,
    actor: Viewer | None,
    appointment: Appointment,
    verb: str,
    text: Callable[[bool], str],
    *more: UUID,
) -> None:
    key = f"bookings.{verb}:{appointment.id}:{appointment.revision}"
    for person_id in {appointment.client_id, appointment.practitioner_id, *more} - {actor.id if actor else None}:
        words, href = text(person_id == appointment.client_id), _href(appointment)
        tell(db, person_id, key, words, href, by_mail=_SUBJECT, invite=appointment.id)
    if actor and actor.id == appointment.client_id:
        write(db, actor.id, _SUBJECT, _href(appointment), invite=appointment.id)


def _client(db: Session, appointment: Appointment) -> str:
    return accounts.person(db, appointment.client_id).name


def _when(db: Session, moment: datetime) -> str:
    return in_words(moment, clinic.profile(db).time_zone)


def _href(appointment: Appointment) -> str:
    return f"/appointments/{appointment.id}"
