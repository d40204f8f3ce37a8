"""Appointments as iCalendar (RFC 5545, 7986, 5546): UTC times, a stable UID, and by default not a word about health."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.bookings.models import Appointment
from portal.bookings.rules import State

SUMMARY = "Appointment"
_MOST_OCTETS = 75


class Method(StrEnum):
    """What a calendar does with a file: take it in, ask its owner, take it out."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `status` is CONFIRMED, TENTATIVE or CANCELLED; organizer and attendee are (name, e-mail address)."""

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    status: str
    changed_at: datetime
    summary: str = SUMMARY
    location: str = ""
    page: str = ""
    organizer: tuple[str, str] | None = None
    attendee: tuple[str, str] | None = None


def status_of(appointment: Appointment) -> str:
    """Booked and on hold is TENTATIVE; what took place or was missed stays CONFIRMED."""
    if appointment.state is State.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if appointment.is_on_hold else "CONFIRMED"


def event(appointment: Appointment, clinic_name: str, address: str, page: str, at: datetime) -> bytes:
    """One appointment as a file to keep. `page` is its full address in the portal, `at` the moment of writing."""
    place = ", ".join(filter(None, (clinic_name, address)))
    return calendar([entry(appointment, at, location=place, page=page)], method=Method.PUBLISH)


def entry(appointment: Appointment, changed_at: datetime, **more: Any) -> Entry:
    """The event of an appointment as it is now; `more` fills the fields of Entry that say more."""
    known: dict[str, Any] = {
        "id": appointment.id,
        "sequence": appointment.revision,
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "status": status_of(appointment),
        "changed_at": changed_at,
    }
    return Entry(**known | more)


def calendar(entries: Iterable[Entry], *, method: Method | None = None, about: Iterable[str] = ()) -> bytes:
    """A whole file. `about`: finished lines on the calendar itself. Without a method it is a feed (RFC 5546, 1.4)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//appointments//EN", *about]
    lines += [f"METHOD:{method}"] if method else []
    lines += [line for one in entries for line in _event(one)]
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def text(words: str) -> str:
    """TEXT values: backslash, semicolon, comma and line breaks are escaped, other control characters dropped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return "".join(char for char in words if char.isprintable())


def _event(one: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.id}@appointments.portal"
    yield f"SEQUENCE:{one.sequence}"
    yield f"DTSTAMP:{_utc(one.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(one.changed_at)}"
    yield f"DTSTART:{_utc(one.starts_at)}"
    yield f"DTEND:{_utc(one.ends_at)}"
    yield f"SUMMARY:{text(one.summary)}"
    yield f"STATUS:{one.status}"
    if one.location:
        yield f"LOCATION:{text(one.location)}"
    if one.page:
        yield f"URL:{one.page}"
    if one.organizer:
        yield f"ORGANIZER;{_called(one.organizer[0])}:mailto:{one.organizer[1]}"
    if one.attendee:
        yield f"ATTENDEE;{_called(one.attendee[0])};PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{one.attendee[1]}"
    yield "END:VEVENT"


def _called(name: str) -> str:
    """A parameter's value in quotes, in which a quote itself cannot stand."""
    return f'CN="{"".join(char for char in name if char.isprintable() and char != chr(34))}"'


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line; what follows begins with a space, and no character is cut in two."""
    part = ""
    for char in line:
        if len((part + char).encode()) > _MOST_OCTETS:
            yield part
            part = " "
        part += char
    yield part
