"""On hold, decided in spite of it, countersigned: what the pages show to whom."""

import pytest
from sqlmodel import select

from portal.bookings import queries
from portal.bookings.models import GateOverride
from portal.kit.db import transaction
from portal.treatments import queries as treatments
from tests.bookings.shutting import pause
from tests.make_bookings import a_slot, a_treatment_session


@pytest.fixture
def on_hold(engine, alice, bob, suitable):
    with transaction(engine) as db:
        booked = a_treatment_session(db, alice, bob)
        pause(db, bob, alice)
        return booked


def test_both_sides_read_why_it_is_on_hold_and_what_they_can_do(alice_browser, bob_browser, on_hold):
    path = f"/appointments/{on_hold.id}"
    own, teams = alice_browser.get(path).text, bob_browser.get(path).text
    for page in (own, teams):
        assert "This appointment is on hold" in page
        assert "Your practitioner has paused new sessions for now." in page
        assert "Its time is kept until" in page
    assert "Please call us if you have a question." in own
    assert "Decide in spite of it" not in own
    assert "End the pause on the client’s verdict page" in teams
    assert "Decide in spite of it" in teams
    assert "On hold" in alice_browser.get("/appointments").text


def test_a_decision_needs_its_kind_and_its_reason(bob_browser, engine, on_hold):
    path = f"/appointments/{on_hold.id}/override"
    for data in ({}, {"override_kind": "clinical"}, {"override_reason": "Calm."}, {"override_kind": "luck"}):
        assert bob_browser.post(path, data=data).status_code == 422
    with transaction(engine, write=False) as db:
        assert not db.exec(select(GateOverride)).all()


def test_a_decision_is_visible_for_ever_to_both_and_its_words_only_to_the_team(
    alice_browser, bob_browser, signed_in, erin, engine, on_hold, bob
):
    path = f"/appointments/{on_hold.id}"
    fields = {"override_kind": "practical", "override_reason": "She flies tomorrow."}
    assert bob_browser.post(f"{path}/override", data=fields).status_code == 303
    assert "has not countersigned it yet" in alice_browser.get(path).text
    assert "/countersign" not in bob_browser.get(path).text
    erin_browser = signed_in(erin)
    with transaction(engine, write=False) as db:
        row = db.exec(select(GateOverride)).one()
    assert f"/overrides/{row.id}/countersign" in erin_browser.get(path).text
    assert bob_browser.post(f"/overrides/{row.id}/countersign").status_code == 409
    assert erin_browser.post(f"/overrides/{row.id}/countersign").status_code == 303
    assert "This appointment is on hold" not in alice_browser.get(path).text
    assert alice_browser.post(f"{path}/cancel", data={"reason": "Ill"}).status_code == 303
    for browser, reads_words in ((alice_browser, False), (bob_browser, True), (erin_browser, True)):
        page = browser.get(path).text
        assert ("Decided in spite of the gate" in page) is reads_words
        assert "Bob Birch decided on" in page
        assert "Erin Elm agreed on" in page
        assert ("She flies tomorrow." in page) is reads_words


def test_a_practitioner_books_past_the_gate_on_the_page_with_a_reason(bob_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        a_treatment_session(db, alice, bob, in_days=3)
        slot = a_slot(db, bob, treatments.needling(db), bob, in_days=20)
    path = f"/clients/{alice.id}/appointments/new"
    start = slot.starts_at.date()
    shut = bob_browser.get(f"{path}?treatment=scalp-micro-needling&from={start}&who={bob.id}").text
    assert slot.value not in shut.replace("&#43;", "+")
    spite = bob_browser.get(f"{path}?treatment=scalp-micro-needling&from={start}&who={bob.id}&in_spite=yes").text
    assert slot.value in spite.replace("&#43;", "+")
    assert "The gate is shut on these days" in spite
    data = {"treatment": "scalp-micro-needling", "slot": slot.value, "in_spite": "yes"}
    assert bob_browser.post(path, data=data).status_code == 409
    silent = bob_browser.post(path, data={**data, "override_kind": "clinical"})
    assert silent.status_code == 422
    assert 'id="e-override_reason"' in silent.text
    done = bob_browser.post(path, data={**data, "override_kind": "clinical", "override_reason": "Calm skin."})
    assert done.status_code == 303
    assert "Decided in spite of the gate" in bob_browser.get(done.headers["location"]).text


def test_a_client_cannot_look_past_the_gate(alice_browser, engine, alice, bob, suitable):
    with transaction(engine) as db:
        pause(db, bob, alice)
        slot = a_slot(db, bob, treatments.needling(db), bob)
    page = alice_browser.get("/appointments/new?treatment=scalp-micro-needling&in_spite=yes").text
    assert 'name="slot"' not in page
    assert "Decide in spite of it" not in page
    data = {"treatment": "scalp-micro-needling", "slot": slot.value}
    data |= {"override_kind": "clinical", "override_reason": "x"}
    for path in ("/appointments", "/appointments/hold"):
        assert alice_browser.post(path, data=data).status_code == 409
    with transaction(engine, write=False) as db:
        assert not queries.appointments(db, alice, alice.id)
