"""One appointment as an iCalendar file (RFC 5545): UTC times, a stable UID, and not a word about health."""

from collections.abc import Iterator
from datetime import UTC, datetime

from portal.bookings.models import Appointment
from portal.bookings.rules import State

_MOST_OCTETS = 75


def event(appointment: Appointment, clinic_name: str, address: str, page: str, at: datetime) -> bytes:
    """The file. `page` is the full address of the appointment in the portal, `at` the moment of writing."""
    state = "CANCELLED" if appointment.state is State.CANCELLED else "CONFIRMED"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//portal//appointments//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{appointment.id}@appointments.portal",
        f"SEQUENCE:{appointment.revision}",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(appointment.ends_at)}",
        f"SUMMARY:{_text(f'Appointment at {clinic_name}')}",
        f"LOCATION:{_text(address)}",
        f"URL:{page}",
        f"STATUS:{state}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """TEXT values: backslash, semicolon, comma and line breaks are escaped, other control characters dropped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return "".join(char for char in words if char.isprintable())


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line; what follows begins with a space, and no character is cut in two."""
    part = ""
    for char in line:
        if len((part + char).encode()) > _MOST_OCTETS:
            yield part
            part = " "
        part += char
    yield part
