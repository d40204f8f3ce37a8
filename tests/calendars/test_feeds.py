"""A person's calendar address: secret, revocable, silent; and what calendars need to follow every change."""

import re
from datetime import timedelta

import icalendar
import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.calendars import service
from portal.calendars.models import CalendarFeed
from portal.calendars.rules import FEED_READS_AN_HOUR, Detail
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused
from tests.make_bookings import at_clinic


def made(engine, viewer, detail=Detail.PLAIN):
    with transaction(engine) as db:
        return f"/calendar/{service.make_feed(db, viewer, detail)}.ics"


def events(answer):
    """Read by a strict parser that is not ours."""
    assert answer.status_code == 200
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_address_is_shown_once_and_works_without_signing_in(alice_browser, visitor, booked):
    assert alice_browser.post("/calendar", data={"detail": "plain"}).status_code == 303
    page = alice_browser.get("/calendar").text
    address = re.search(r"http://127.0.0.1:8000(/calendar/[\w-]{43}\.ics)", page)[1]
    assert address not in alice_browser.get("/calendar").text
    (event,) = events(visitor.get(address))
    assert event.decoded("dtstart") == booked.starts_at
    assert event.decoded("dtend") == booked.ends_at


def test_it_says_nothing_but_that_there_is_an_appointment(engine, visitor, alice, booked):
    (event,) = events(visitor.get(made(engine, alice)))
    assert str(event["summary"]) == "Appointment"
    assert set(event) == {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "STATUS"}


@pytest.mark.parametrize(
    "who, detail, summary",
    [
        ("alice", Detail.TREATMENT, "Free consultation"),
        ("bob", Detail.PLAIN, "Appointment"),
        ("bob", Detail.TREATMENT, "Free consultation"),
        ("bob", Detail.NAMES, "Alice Ash: Free consultation"),
    ],
)
def test_it_says_as_much_as_its_owner_chose(engine, visitor, cast, booked, who, detail, summary):
    (event,) = events(visitor.get(made(engine, getattr(cast, who), detail)))
    assert str(event["summary"]) == summary


def test_nobody_elses_appointments_are_in_it(engine, visitor, charlie, erin, booked):
    for other in (charlie, erin):
        assert events(visitor.get(made(engine, other))) == []


def test_a_wrong_a_renewed_and_a_revoked_address_are_no_addresses(engine, visitor, alice, alice_browser, at_work):
    first = made(engine, alice)
    second = made(engine, alice)
    assert visitor.get("/calendar/wrong.ics").status_code == 404
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200
    assert alice_browser.post("/calendar/revoke").status_code == 303
    assert visitor.get(second).status_code == 404
    with transaction(engine, write=False) as db:
        assert [row.revoked_at is None for row in db.exec(select(CalendarFeed))] == [False, False]


def test_a_closed_account_has_no_calendar(engine, visitor, alice, booked):
    address = made(engine, alice)
    with transaction(engine) as db:
        db.get_one(Person, alice.id).is_active = False
    assert visitor.get(address).status_code == 404


def test_only_the_fingerprint_of_the_token_is_kept(engine, alice):
    token = made(engine, alice)[10:-4]
    with transaction(engine, write=False) as db:
        row = db.exec(select(CalendarFeed)).one()
        assert len(token) == 43
        assert token not in repr(row.model_dump())


def test_moved_and_cancelled_keep_the_uid_and_raise_the_sequence(engine, visitor, alice, bob, booked):
    address = made(engine, alice)
    (first,) = events(visitor.get(address))
    with transaction(engine) as db:
        later = at_clinic(db, booked.starts_at.date() + timedelta(days=1), 15)
        bookings.move(db, bob, db.get_one(Appointment, booked.id), later, bob.id, "away")
    (moved,) = events(visitor.get(address))
    assert moved.decoded("dtstart") == later
    with transaction(engine) as db:
        bookings.cancel(db, bob, db.get_one(Appointment, booked.id), "ill")
    (gone,) = events(visitor.get(address))
    assert {str(one["uid"]) for one in (first, moved, gone)} == {f"{booked.id}@appointments.portal"}
    assert [one["sequence"] for one in (first, moved, gone)] == [0, 1, 2]
    assert [str(one["status"]) for one in (first, moved, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert first["last-modified"].dt <= moved["last-modified"].dt <= gone["last-modified"].dt


def test_on_hold_is_tentative(engine, visitor, alice, booked):
    with transaction(engine) as db:
        row = db.get_one(Appointment, booked.id)
        row.on_hold_since, row.on_hold_until = clock.now(), row.starts_at
    (event,) = events(visitor.get(made(engine, alice)))
    assert str(event["status"]) == "TENTATIVE"


@pytest.mark.parametrize("days, there", [(27, True), (29, False)])
def test_cancelled_ones_stay_for_four_weeks(engine, visitor, alice, booked, days, there):
    with transaction(engine) as db:
        row = db.get_one(Appointment, booked.id)
        row.state, row.cancelled_at = "cancelled", clock.now()
    address = made(engine, alice)
    with clock.travelled(timedelta(days=days)):
        assert bool(events(visitor.get(address))) is there


@pytest.mark.parametrize("days, there", [(64, True), (66, False)])
def test_it_reaches_sixty_days_back(engine, visitor, alice, booked, days, there):
    address = made(engine, alice)
    with clock.travelled(timedelta(days=days)):
        assert bool(events(visitor.get(address))) is there


def test_what_has_not_changed_is_not_sent_again(engine, visitor, alice, bob, booked):
    address = made(engine, alice)
    tag = visitor.get(address).headers["etag"]
    again = visitor.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    with transaction(engine) as db:
        bookings.cancel(db, bob, db.get_one(Appointment, booked.id), "ill")
    assert visitor.get(address, headers={"if-none-match": tag}).status_code == 200


def test_it_is_kept_by_nobody_on_the_way(engine, visitor, alice, booked):
    answer = visitor.get(made(engine, alice))
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_its_owner_sees_when_it_was_read_last(engine, visitor, alice, alice_browser, booked):
    address = made(engine, alice)
    assert "Never so far" in alice_browser.get("/calendar").text
    visitor.get(address)
    assert "Never so far" not in alice_browser.get("/calendar").text


def test_a_program_that_asks_all_the_time_is_told_to_wait(engine, visitor, alice, booked):
    address = made(engine, alice)
    for _ in range(FEED_READS_AN_HOUR):
        visitor.get(address)
    assert visitor.get(address).status_code == 429
    with clock.travelled(timedelta(hours=2)):
        assert visitor.get(address).status_code == 200


def test_the_token_stands_in_no_log(engine, visitor, alice, booked, caplog):
    address = made(engine, alice)
    caplog.set_level("DEBUG")
    visitor.get(address)
    assert "calendars:feed" in str([record.__dict__ for record in caplog.records if record.name.startswith("portal")])
    ours = [record for record in caplog.records if record.name.startswith(("portal", "uvicorn", "sqlalchemy"))]
    assert address[10:-4] not in str([record.__dict__ for record in ours])


def test_the_detail_can_be_changed_and_the_address_stays(engine, visitor, alice, alice_browser, booked):
    address = made(engine, alice)
    assert alice_browser.post("/calendar/detail", data={"detail": "treatment"}).status_code == 303
    (event,) = events(visitor.get(address))
    assert str(event["summary"]) == "Free consultation"


def test_a_client_cannot_choose_names(engine, alice, alice_browser):
    assert alice_browser.post("/calendar", data={"detail": "names"}).status_code == 409
    assert alice_browser.post("/calendar", data={"detail": "all"}).status_code == 422
    with transaction(engine) as db, pytest.raises(Refused):
        service.make_feed(db, alice, Detail.NAMES)


def test_who_is_no_practitioner_any_more_reads_nothing_of_clients(engine, visitor, bob, booked):
    address = made(engine, bob, Detail.NAMES)
    with transaction(engine) as db:
        db.get_one(Person, bob.id).is_practitioner = False
    assert not events(visitor.get(address))


def test_making_it_twice_by_one_form_makes_it_once(engine, alice_browser):
    for _ in range(2):
        alice_browser.post("/calendar", data={"detail": "plain", "form_token": "once"})
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(CalendarFeed)).all()) == 1


def test_a_client_confirms_once_and_nobody_else_for_them(engine, alice_browser, charlie_browser, booked):
    path = f"/appointments/{booked.id}/confirm"
    assert charlie_browser.post(path).status_code == 404
    assert alice_browser.post(path).headers["location"] == f"/appointments/{booked.id}"
    with transaction(engine, write=False) as db:
        first = db.get_one(Appointment, booked.id).confirmed_at
    assert first
    alice_browser.post(path)
    with transaction(engine, write=False) as db:
        assert db.get_one(Appointment, booked.id).confirmed_at == first


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"on_hold": True}])
def test_what_does_not_stand_cannot_be_confirmed(engine, alice_browser, booked, change):
    with transaction(engine) as db:
        row = db.get_one(Appointment, booked.id)
        if change.get("state"):
            row.state = "cancelled"
        else:
            row.on_hold_since, row.on_hold_until = clock.now(), row.starts_at
    assert alice_browser.post(f"/appointments/{booked.id}/confirm").status_code == 409
