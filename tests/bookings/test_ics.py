"""The calendar file, against the lines of RFC 5545 that calendars stumble over."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.bookings import ics
from portal.bookings.models import Appointment
from portal.bookings.rules import State

START = datetime(2026, 3, 29, 8, 0, tzinfo=UTC)
PERSON = UUID(int=7)


def file(clinic="Your clinic", address="Lindenstraße 5, Berlin", **changes):
    appointment = Appointment(
        id=UUID(int=1),
        client_id=PERSON,
        practitioner_id=PERSON,
        treatment_id=PERSON,
        booked_by_id=PERSON,
        starts_at=START,
        ends_at=START + timedelta(minutes=30),
        blocked_from=START,
        blocked_until=START,
        **changes,
    )
    return ics.event(appointment, clinic, address, "https://clinic.example.test/appointments/1", START)


def unfolded(raw):
    return raw.decode().replace("\r\n ", "").split("\r\n")


def test_times_are_utc_and_every_line_ends_with_crlf():
    raw = file()
    assert b"DTSTART:20260329T080000Z\r\n" in raw
    assert b"DTEND:20260329T083000Z\r\n" in raw
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_text_is_escaped():
    lines = unfolded(file(clinic="Hair; Skin, & \\ Co", address="Line 1\r\nLine 2\nLine\x073"))
    assert "LOCATION:Hair\\; Skin\\, & \\\\ Co\\, Line 1\\nLine 2\\nLine3" in lines


def test_it_says_only_that_it_is_an_appointment():
    lines = unfolded(file())
    assert "SUMMARY:Appointment" in lines
    assert "METHOD:PUBLISH" in lines
    assert not [line for line in lines if line.startswith(("DESCRIPTION", "ATTENDEE", "ORGANIZER", "COMMENT"))]


def test_without_an_address_the_place_is_the_clinic():
    assert "LOCATION:Your clinic" in unfolded(file(address=""))


def test_long_lines_are_folded_without_cutting_a_character():
    raw = file(clinic="ß€𝛑" * 40, address="ß€𝛑" * 60)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert f"LOCATION:{'ß€𝛑' * 40}\\, {'ß€𝛑' * 60}" in unfolded(raw)
    for line in raw.split(b"\r\n"):
        line.decode()


@pytest.mark.parametrize(
    "changes, status",
    [
        ({}, "CONFIRMED"),
        ({"on_hold_since": START, "on_hold_until": START}, "TENTATIVE"),
        ({"state": State.CANCELLED, "on_hold_since": START, "on_hold_until": START}, "CANCELLED"),
        ({"state": State.ATTENDED}, "CONFIRMED"),
        ({"state": State.NO_SHOW}, "CONFIRMED"),
    ],
)
def test_the_status_follows_the_appointment(changes, status):
    assert f"STATUS:{status}" in unfolded(file(**changes))


def test_a_change_keeps_the_uid_and_raises_the_sequence():
    before, after = unfolded(file()), unfolded(file(revision=2, state=State.CANCELLED))
    uid = next(line for line in before if line.startswith("UID:"))
    assert uid in after
    assert "SEQUENCE:2" in after
    assert "STATUS:CANCELLED" in after
