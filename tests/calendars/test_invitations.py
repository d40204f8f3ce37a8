"""Invitations in e-mails, as a mail server receives them and a strict parser reads them."""

from datetime import timedelta

import icalendar
import pytest
from sqlmodel import select

from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit.db import transaction
from portal.kit.mail import OutboxMail, SmtpTransport
from tests.make_bookings import at_clinic
from tests.tools.smtp import mail_server


@pytest.fixture
def server(app, engine):
    before = app.state.mail_transport
    with mail_server() as made:
        app.state.mail_transport = SmtpTransport(made.host, made.port, "", "", tls=False)
        yield made
    app.state.mail_transport = before


@pytest.fixture
def received(server, run_jobs):
    """Sends what waits; gives the invitations that came, by addressee, in order."""

    def run():
        run_jobs()
        return [(mail.recipients[0], invitation(mail.message)) for mail in server.received]

    return run


def invitation(message):
    """The part a calendar acts upon: its method, and its event."""
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    method, text = part["content-type"].params["method"], part.get_content()
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["method"]) == method
    (file,) = [one for one in message.walk() if one.get_content_type() == "application/ics"]
    assert file.get_filename() == "appointment.ics"
    assert icalendar.Calendar.from_ical(file.get_content()) == calendar
    return method, event


def test_both_sides_are_invited_also_the_client_who_booked(received, booked, cast):
    got = dict(received())
    assert set(got) == {cast.alice.email, cast.bob.email}
    for address, (method, event) in got.items():
        assert method == "REQUEST"
        assert event.decoded("dtstart") == booked.starts_at
        assert str(event["uid"]) == f"{booked.id}@appointments.portal"
        assert str(event["attendee"]) == f"mailto:{address}"


def test_it_names_nobody_but_its_addressee_and_no_treatment(engine, received, booked, cast):
    with transaction(engine) as db:
        clinic.stored(db).email = "front@clinic.example"
    for address, (_, event) in received():
        raw = event.to_ical().decode()
        assert str(event["summary"]) == "Appointment"
        assert str(event["organizer"]) == "mailto:front@clinic.example"
        others = {"Alice", "alice@"} if address == cast.bob.email else {"Bob", "bob@"}
        for word in (*others, "onsultation", "needling"):
            assert word not in raw


def test_a_move_is_the_same_invitation_with_a_higher_sequence(engine, received, booked, bob):
    first = dict(received())["alice@example.test"][1]
    with transaction(engine) as db:
        later = at_clinic(db, booked.starts_at.date() + timedelta(days=1), 15)
        bookings.move(db, bob, db.get_one(Appointment, booked.id), later, bob.id, "away")
    method, event = [one for to, one in received() if to == "alice@example.test"][-1]
    assert (method, str(event["uid"])) == ("REQUEST", str(first["uid"]))
    assert event["sequence"] > first["sequence"]
    assert event.decoded("dtstart") == later


def test_a_cancellation_takes_it_out_again(engine, received, booked, bob):
    received()
    with transaction(engine) as db:
        bookings.cancel(db, bob, db.get_one(Appointment, booked.id), "ill")
    method, event = [one for to, one in received() if to == "alice@example.test"][-1]
    assert (method, str(event["status"])) == ("CANCEL", "CANCELLED")


def test_a_practitioner_who_loses_it_is_told_to_take_it_out(engine, received, booked, alice, bob, erin):
    received()
    with transaction(engine) as db:
        later = at_clinic(db, booked.starts_at.date() + timedelta(days=1), 15)
        bookings.move(db, alice, db.get_one(Appointment, booked.id), later, erin.id, "work")
    got = received()
    assert [method for to, (method, _) in got if to == bob.email] == ["REQUEST", "CANCEL"]
    assert [method for to, (method, _) in got if to == erin.email] == ["REQUEST"]


def test_a_mail_that_was_delayed_never_holds_the_old_time(engine, received, booked, bob):
    with transaction(engine) as db:
        later = at_clinic(db, booked.starts_at.date() + timedelta(days=1), 15)
        bookings.move(db, bob, db.get_one(Appointment, booked.id), later, bob.id, "away")
    assert {event.decoded("dtstart") for _, (_, event) in received()} == {later}


def test_the_outbox_holds_no_time_and_no_name(engine, booked):
    with transaction(engine, write=False) as db:
        rows = db.exec(select(OutboxMail)).all()
    assert {row.invite_id for row in rows} == {booked.id}
    assert "BEGIN" not in "".join(row.text for row in rows)


def test_an_address_nobody_has_any_more_gets_the_mail_without_an_invitation(engine, server, run_jobs, booked):
    with transaction(engine) as db:
        for row in db.exec(select(OutboxMail)):
            row.to = "gone@example.test"
    run_jobs()
    assert len(server.received) == 2
    assert not [
        part for mail in server.received for part in mail.message.walk() if part.get_content_subtype() == "calendar"
    ]
