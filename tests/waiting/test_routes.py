from datetime import timedelta

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.bookings.models import Appointment
from portal.kit import clock
from portal.kit.db import transaction
from portal.waiting import queries
from portal.waiting.models import WaitingEntry, WaitingOffer
from portal.waiting.rules import EndReason, OfferState
from tests.make_waiting import GRACE, a_freed_time, all_steps, booked, day, offers, waits

WISHES = {"treatment": "free-consultation", "cells": ["0:morning", "4:evening"]}


@pytest.fixture
def asked(engine, crowd, alice, bob, consultation):
    """Alice is asked about a time with Bob; everything in the test happens after it."""
    with transaction(engine) as db:
        waits(db, alice, consultation)
        a_freed_time(db, crowd[0], bob, consultation)
    with clock.travelled(GRACE):
        with transaction(engine) as db:
            all_steps(db)
            (offer,) = offers(db)
        yield offer


def stored(engine, table, row_id):
    with transaction(engine, write=False) as db:
        return db.get_one(table, row_id)


def the_entry(engine):
    with transaction(engine, write=False) as db:
        return db.exec(select(WaitingEntry)).one()


def test_a_client_joins_reads_changes_and_leaves(engine, alice_browser, consultation):
    page = alice_browser.get("/waiting/new?treatment=free-consultation")
    assert page.status_code == 200
    assert "Monday morning" in page.text
    assert alice_browser.post("/waiting", data=WISHES).headers["location"] == "/waiting"
    mine = alice_browser.get("/waiting").text
    assert "Monday: morning; Friday: evening" in mine
    entry = the_entry(engine)
    form = alice_browser.get(f"/waiting/{entry.id}").text
    assert 'value="4:evening" checked' in form
    assert 'value="4:morning" checked' not in form
    alice_browser.post("/waiting", data={**WISHES, "cells": []})
    assert "Any day, any time" in alice_browser.get("/waiting").text
    assert alice_browser.post(f"/waiting/{entry.id}/leave", data={}).status_code == 303
    assert the_entry(engine).end_reason is EndReason.LEFT
    assert "You are not on the waiting list" in alice_browser.get("/waiting").text


def test_a_mistake_comes_back_with_what_was_typed(engine, alice_browser, consultation):
    with transaction(engine, write=False) as db:
        soon, late, past = (f"{day(db, days)}" for days in (3, 9, -3))
    dates = {"not_before": late, "not_after": soon}
    page = alice_browser.post("/waiting", data={**WISHES, **dates})
    assert page.status_code == 422
    assert "The last day must not be before the first day." in page.text
    assert 'value="0:morning" id="f-cells" checked' in page.text
    assert f'value="{dates["not_after"]}"' in page.text
    assert alice_browser.post("/waiting", data={**WISHES, "cells": ["8:noon"]}).status_code == 422
    over = alice_browser.post("/waiting", data={**WISHES, "not_after": past})
    assert "This day is over already." in over.text


def test_what_would_be_given_back_is_chosen_when_one_comes_from_it(engine, alice_browser, alice, bob, consultation):
    with transaction(engine) as db:
        late = booked(db, alice, bob, consultation, in_days=20)
    page = alice_browser.get(f"/waiting/new?treatment=free-consultation&appointment={late.id}").text
    assert "moves the consultation of" in page


def test_the_page_says_honestly_when_the_gate_is_shut(alice_browser, needling):
    page = alice_browser.get(f"/waiting/new?treatment={needling.slug}").text
    assert "You may wait, though we cannot offer you a time today" in page
    assert "Please book a free consultation first." in page
    alice_browser.post("/waiting", data={"treatment": needling.slug})
    assert "We cannot offer you a time today" in alice_browser.get("/waiting").text


def test_an_offer_says_until_when_to_answer_in_clinic_time_and_in_ones_own(engine, alice, alice_browser, asked):
    with transaction(engine) as db:
        db.get_one(Person, alice.id).time_zone = "Asia/Kathmandu"
    page = alice_browser.get(f"/waiting/offers/{asked.id}").text
    assert "Please answer by" in page
    assert "12:06 CE" in page
    assert "where you are" in page


def test_yes_books_and_leads_to_the_appointment(engine, alice_browser, asked):
    answer = alice_browser.post(f"/waiting/offers/{asked.id}/accept", data={})
    made = stored(engine, WaitingOffer, asked.id).appointment_id
    assert answer.headers["location"] == f"/appointments/{made}"
    again = alice_browser.post(f"/waiting/offers/{asked.id}/accept", data={})
    assert again.headers["location"] == f"/appointments/{made}"
    assert "You took this time" in alice_browser.get(f"/waiting/offers/{asked.id}").text


def test_no_keeps_the_place(engine, alice_browser, asked):
    assert alice_browser.post(f"/waiting/offers/{asked.id}/decline", data={}).headers["location"] == "/waiting"
    assert stored(engine, WaitingOffer, asked.id).state is OfferState.DECLINED
    assert the_entry(engine).is_living
    assert "You said no to this time" in alice_browser.get(f"/waiting/offers/{asked.id}").text


def test_a_late_answer_is_told_kindly_that_it_has_gone_on(engine, signed_in, alice, asked):
    with clock.travelled(GRACE + timedelta(hours=2)):
        alice_browser = signed_in(alice)
        for page in (
            alice_browser.get(f"/waiting/offers/{asked.id}"),
            alice_browser.post(f"/waiting/offers/{asked.id}/accept", data={}),
            alice_browser.post(f"/waiting/offers/{asked.id}/decline", data={}),
        ):
            assert "gone on to the next person" in page.text
            assert "stay on the" in page.text
    with transaction(engine, write=False) as db:
        assert all(one.client_id != asked.client_id for one in db.exec(select(Appointment)))


def test_a_stranger_gets_404(charlie_browser, asked):
    for path in (f"/waiting/offers/{asked.id}", f"/waiting/{asked.entry_id}"):
        assert charlie_browser.get(path).status_code == 404
    for path in (
        f"/waiting/offers/{asked.id}/accept",
        f"/waiting/offers/{asked.id}/decline",
        f"/waiting/{asked.entry_id}/leave",
    ):
        assert charlie_browser.post(path, data={}).status_code == 404


def test_the_team_reads_who_waits_what_is_offered_and_who_is_passed_over(
    engine, bob_browser, charlie, needling, asked, dana_browser
):
    with transaction(engine) as db:
        waits(db, charlie, needling)
    page = bob_browser.get("/waiting-list").text
    assert "Asked" in page
    assert "answer by" in page
    assert "Passed over" in page
    assert "Book a consultation, then sign a verdict." in page
    assert dana_browser.get("/waiting-list").status_code == 403


def test_a_practitioner_puts_somebody_on_the_list_and_takes_them_off(engine, bob_browser, alice, consultation):
    assert bob_browser.get(f"/clients/{alice.id}/waiting?treatment=free-consultation").status_code == 200
    bad = bob_browser.post(f"/clients/{alice.id}/waiting", data={**WISHES, "not_after": "never"})
    assert bad.status_code == 422
    assert bob_browser.post(f"/clients/{alice.id}/waiting", data=WISHES).headers["location"] == "/waiting-list"
    entry = the_entry(engine)
    assert entry.client_id == alice.id
    assert bob_browser.post(f"/waiting-list/{entry.id}/remove", data={}).status_code == 303
    assert the_entry(engine).end_reason is EndReason.REMOVED
    assert bob_browser.post(f"/waiting-list/{entry.id}/remove", data={}).status_code == 404


def test_an_admin_who_is_no_practitioner_sees_nobody_who_waits(db, dana, alice, consultation):
    waits(db, alice, consultation)
    assert not queries.everybody(db, dana)
    assert not queries.entries(db, dana, alice.id)
