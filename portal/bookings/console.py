"""Booking from the command line: for the desk that has only a terminal. The gate is asked as everywhere."""

from datetime import datetime

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.rules import in_words, instant
from portal.bookings import service
from portal.kit.errors import NotFound, Refused
from portal.treatments import queries as treatments


def book(db: Session, client: str, practitioner: str, treatment: str, at: str) -> str:
    """Book for the client with one e-mail address in the name of the practitioner with another; returns what is booked.
    `treatment` is the word in its address, `at` a time on the clinic's wall such as 2026-05-04T10:00.
    """
    actor = _person(db, practitioner)
    if not actor.is_practitioner:
        raise Refused(f"{practitioner} is no practitioner.")
    zone = availability.clinic_zone(db)
    try:
        wall = datetime.fromisoformat(at)
    except ValueError:
        raise Refused("Please give the time like this: 2026-05-04T10:00.") from None
    moment = wall if wall.tzinfo else instant(wall.date(), wall.time(), zone)
    wanted = treatments.by_slug(db, treatment)
    made = service.book(db, actor, _person(db, client).id, wanted, actor.id, moment)
    return in_words(made.starts_at, zone.key)


def _person(db: Session, email: str) -> Viewer:
    found = accounts.by_email(db, email)
    if found is None:
        raise NotFound(f"Nobody here has the e-mail address {email}.")
    return found.as_viewer()
