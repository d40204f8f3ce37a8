"""A person's whole calendar as a file that programs read again and again."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.bookings import ics
from portal.bookings import queries as bookings
from portal.bookings.queries import Visit
from portal.calendars import queries
from portal.calendars.models import CalendarFeed
from portal.calendars.rules import Detail
from portal.clinic import queries as clinic

_AGAIN = "PT1H"


def file(db: Session, feed: CalendarFeed, person: Person, base_url: str) -> bytes:
    """Everything the feed holds, as little told of it as its owner chose. The same until something changes."""
    shown = queries.in_feed(db, person)
    changed, where = queries.changed_at(db, shown), queries.addresses(db, shown)
    visits = bookings.visits(db, shown) if feed.detail is not Detail.PLAIN else [None] * len(shown)
    entries = []
    for one, visit in zip(shown, visits, strict=True):
        more = _more(feed.detail, visit, person, where, base_url) if visit else {}
        entries.append(ics.entry(one, changed[one.id], **more))
    return ics.calendar(entries, about=_about(db, feed.detail))


def etag(content: bytes) -> str:
    """A strong validator of the content, quoted."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _about(db: Session, detail: Detail) -> list[str]:
    name = "Appointments" if detail is Detail.PLAIN else f"Appointments, {clinic.profile(db).name}"
    return [
        f"NAME:{ics.text(name)}",
        f"X-WR-CALNAME:{ics.text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{_AGAIN}",
        f"X-PUBLISHED-TTL:{_AGAIN}",
    ]


def _more(
    detail: Detail, visit: Visit, person: Person, where: Mapping[UUID | None, str], base_url: str
) -> dict[str, str]:
    one = visit.appointment
    named = detail is Detail.NAMES and person.is_practitioner and one.practitioner_id == person.id
    return {
        "summary": f"{visit.client_name}: {visit.title}" if named else visit.title,
        "location": where.get(one.place_id, where[None]),
        "page": f"{base_url}/appointments/{one.id}",
    }
