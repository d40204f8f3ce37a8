"""The client's home, and the same story for a practitioner."""

import re
from datetime import timedelta

import pytest

from portal.audit.queries import looks_at
from portal.bookings import gatekeeping
from portal.bookings import queries as bookings
from portal.bookings.rules import Override, OverrideKind
from portal.calendars import service as calendars
from portal.clinic import queries as clinic
from portal.consents import queries as signatures
from portal.consents import service as consents
from portal.kit import clock
from portal.kit.db import transaction
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from portal.timeline import queries
from tests.make import a_jpeg
from tests.make_availability import a_week
from tests.make_bookings import a_treatment_session
from tests.make_questionnaires import health_answers, nothing_changed
from tests.make_side_effects import a_report
from tests.make_suitability import a_consultation, a_course, a_needling, a_verdict
from tests.make_waiting import an_offer, waits


def test_a_newcomer_reads_what_comes_first(alice_browser):
    page = alice_browser.get("/home").text
    assert "Your way begins with a free consultation" in page
    assert "Answer the health questions" in page


def test_a_no_is_said_kindly_and_leads_to_the_reasons(alice_browser, engine, bob, alice):
    with transaction(engine) as db:
        a_verdict(db, bob, alice, outcome="not_suitable", reasons="The skin is inflamed.")
    page = alice_browser.get("/home").text
    assert "does not suit you for now" in page
    assert "/suitability" in page


def test_the_story_holds_what_happened(alice_browser, engine, alice):
    with transaction(engine) as db:
        a_report(db, alice, symptoms=["itch"], itch="mild", trend="same")
    alice_browser.post(
        "/photos", data={"view": "crown", "taken_on": "2026-01-05"}, files={"photos": ("a.jpg", a_jpeg(), "image/jpeg")}
    )
    page = alice_browser.get("/home").text
    assert "Itch" in page
    assert "5 January 2026" in page


def test_a_practitioner_sees_the_client_and_the_look_is_recorded(bob_browser, engine, bob, alice):
    with transaction(engine) as db:
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Please wait for the blood test.", None)
    page = bob_browser.get(f"/clients/{alice.id}")
    assert "Alice Ash" in page.text
    assert "Please wait for the blood test." in page.text
    with transaction(engine, write=False) as db:
        assert [look.name for look in looks_at(db, alice.id, ("clients.seen",))] == ["Bob Birch"]


def test_nobody_else_sees_a_client(charlie_browser, dana_browser, bob_browser, alice, bob):
    assert charlie_browser.get(f"/clients/{alice.id}").status_code == 403
    assert dana_browser.get(f"/clients/{alice.id}").status_code == 403
    assert bob_browser.get(f"/clients/{bob.id}").status_code == 404, "a colleague is no client"


@pytest.fixture
def booked(engine, alice, bob):
    """Alice's first session, in three days: suitable, agreed, signed."""
    with transaction(engine) as db:
        a_needling(db)
        a_week(db, bob)
        a_verdict(db, bob, alice)
        a_course(db, bob, alice)
        return a_treatment_session(db, alice, bob)


def withdraw(engine, alice):
    with transaction(engine) as db:
        consents.withdraw(db, alice, signatures.signatures(db, alice, alice.id)[0].id)


def test_a_session_on_hold_is_called_so_wherever_home_shows_it(alice_browser, engine, alice, booked):
    assert "On hold" not in alice_browser.get("/home").text
    withdraw(engine, alice)
    page = alice_browser.get("/home").text
    assert page.count("On hold</span>") == 2, "the next appointment, and the session of the course"
    assert "Your next session is on hold" in page
    assert "Read and sign the consent" in page
    assert f'href="/appointments/{booked.id}"' in page
    assert "Consent withdrawn" in page


def test_home_asks_to_confirm_and_stops_asking(alice_browser, engine, alice, booked):
    with transaction(engine) as db:
        clinic.stored_policy(db).reminder_hours = [1]
    assert "Confirm your appointment" not in alice_browser.get("/home").text, "it is days ahead"
    with transaction(engine) as db:
        clinic.stored_policy(db).reminder_hours = [120]
    assert "Confirm your appointment" in alice_browser.get("/home").text
    with transaction(engine) as db:
        calendars.confirm(db, alice, bookings.appointment(db, alice, booked.id))
    page = alice_browser.get("/home").text
    assert "Confirm your appointment" not in page
    assert "Confirmed" in page


def test_home_leads_to_the_offer_with_its_deadline(alice_browser, engine, alice, bob):
    with transaction(engine) as db:
        offer = an_offer(db, waits(db, alice, a_consultation(db)), bob)
    page = alice_browser.get("/home").text
    assert f'href="/waiting/offers/{offer.id}"' in page
    assert "Please answer by" in page


def test_home_asks_about_health_before_the_session(alice_browser, engine, alice, booked):
    assert "Answer the health questions" in alice_browser.get("/home").text
    with transaction(engine) as db, clock.travelled(timedelta(days=-30)):
        health_answers(db, alice)
    assert "Has anything changed in your health?" in alice_browser.get("/home").text
    with transaction(engine) as db:
        nothing_changed(db, alice)
    assert "Has anything changed in your health?" not in alice_browser.get("/home").text


def test_an_appointment_that_is_over_is_not_the_next_one(engine, alice, booked, later):
    with transaction(engine) as db:
        told = queries.story(db, alice, alice.id)
    with later(booked.starts_at - clock.now() + timedelta(minutes=1)):
        assert [visit.id for visit in told.upcoming] == [booked.id], "it has begun"
    with later(booked.ends_at - clock.now()):
        assert told.upcoming == [], "although nobody has said yet that it took place"


def flags_of(page):
    return re.findall(r"Open<span class=\"visually-hidden\">: ([^<]+)</span>", page)


def test_a_practitioner_sees_at_once_what_is_wrong(bob_browser, engine, alice, booked):
    assert flags_of(bob_browser.get(f"/clients/{alice.id}").text) == []
    with transaction(engine) as db:
        health_answers(db, alice, keloid="yes")
        waits(db, alice, a_consultation(db))
    withdraw(engine, alice)
    page = bob_browser.get(f"/clients/{alice.id}").text
    assert flags_of(page) == ["On hold", "Health answers changed", "Consent withdrawn", "On the waiting list"]
    for leads_to in ("health", "consents", "course/sessions", "waiting", "verdict", "course"):
        assert f'href="/clients/{alice.id}/{leads_to}"' in page


def test_a_consent_that_ends_before_the_session_is_flagged(bob_browser, engine, alice, booked):
    with transaction(engine) as db:
        signed = signatures.signatures(db, alice, alice.id)[0]
        signed.expires_on = clock.today("Europe/Berlin") + timedelta(days=1)
    assert flags_of(bob_browser.get(f"/clients/{alice.id}").text) == ["Consent ends soon"]


def test_an_override_is_part_of_the_story_for_practitioners_only(
    alice_browser, bob_browser, engine, alice, bob, booked
):
    with transaction(engine) as db:
        suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Please wait.")
        visit = bookings.appointment(db, bob, booked.id)
        gatekeeping.override_standing(db, bob, visit, Override(OverrideKind.PRACTICAL, "She flies tomorrow."))
    page = bob_browser.get(f"/clients/{alice.id}").text
    assert "Bob Birch: She flies tomorrow. Not countersigned." in page
    assert "She flies tomorrow" not in alice_browser.get("/home").text
