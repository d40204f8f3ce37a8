import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from portal.audit.models import AuditEntry
from portal.consents import queries as signatures
from portal.consents import service as consents
from portal.kit import clock
from portal.kit.db import transaction
from portal.suitability import queries, service
from portal.suitability.models import Hold, Verdict
from portal.suitability.rules import HoldKind, gate
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_needling, a_verdict


@pytest.fixture
def needling(engine):
    with transaction(engine) as db:
        return a_needling(db)


@pytest.fixture
def fields(needling):
    return {
        "outcome": "suitable",
        "reasons": "Your scalp is healthy.",
        "treatment_id": str(needling.id),
        "sessions": "6",
        "zones": ["frontal", "vertex"],
        "max_depth_mm": "1.5",
        "valid_until": (clock.now().date() + timedelta(days=180)).isoformat(),
    }


def signed(engine, bob, alice, **changes):
    with transaction(engine) as db:
        return a_verdict(db, bob, alice, **changes)


# ---- the client ----


def test_without_a_verdict_the_page_says_what_comes_next(alice_browser, needling):
    page = alice_browser.get("/suitability").text
    assert "A practitioner has not yet decided with you" in page
    assert "Answer the health questions" in page
    assert "Book the free consultation" in page


def test_a_yes_says_what_it_covers_and_who_signed(alice_browser, engine, alice, bob):
    signed(engine, bob, alice, outcome="with_conditions", conditions="No sun for three days.")
    page = alice_browser.get("/suitability").text
    for words in ("with conditions", "No sun for three days.", "Front, Crown", "up to 1.5 mm", "Bob Birch"):
        assert words in page
    assert "Seen together with a colleague" not in page


def test_a_no_is_told_kindly_with_the_way_on(alice_browser, engine, alice, bob):
    signed(engine, bob, alice, outcome="not_suitable", reasons="Your scalp is inflamed. Once it has healed, come back.")
    page = alice_browser.get("/suitability").text
    assert "Treatment does not suit you for now" in page
    assert "Once it has healed, come back." in page
    assert "If something has changed, please call us" in page


def test_a_deferral_names_the_day(alice_browser, engine, alice, bob):
    verdict = signed(engine, bob, alice, outcome="deferred")
    assert f"{verdict.deferred_until:%B %Y}" in alice_browser.get("/suitability").text


def test_a_pause_is_shown_with_its_reason(alice_browser, engine, alice, bob):
    signed(engine, bob, alice)
    with transaction(engine) as db:
        service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let the skin calm down first.")
    page = alice_browser.get("/suitability").text
    assert "Let the skin calm down first." in page
    assert "Book a session" not in page


def test_another_client_sees_nothing_of_it(charlie_browser, engine, alice, bob):
    signed(engine, bob, alice, reasons="Only for Alice.")
    assert "Only for Alice." not in charlie_browser.get("/suitability").text


def test_what_the_practitioner_wrote_for_the_file_is_not_on_the_clients_page(alice_browser, engine, alice, bob):
    with transaction(engine) as db:
        health_answers(db, alice, infection="yes")
        a_verdict(db, bob, alice, despite_answers="Healed since.", note_private="Between us.")
    page = alice_browser.get("/suitability").text
    assert "Treatment suits you" in page
    assert "Healed since." not in page
    assert "Between us." not in page


def test_a_yes_of_today_leads_to_booking_from_the_day_on_which_one_has_thought(alice_browser, engine, alice, bob):
    signed(engine, bob, alice)
    page = alice_browser.get("/suitability").text
    assert "There is time to think before the first session" in page
    assert "Book a session" in page
    assert "Book the free consultation" not in page


def test_a_missing_consent_leads_to_the_page_on_which_it_is_signed(alice_browser, engine, alice, bob):
    signed(engine, bob, alice)
    with transaction(engine) as db:
        (consent,) = signatures.signatures(db, alice, alice.id)
        consents.withdraw(db, alice, consent.id)
    page = alice_browser.get("/suitability").text
    assert "You have withdrawn your consent" in page
    assert re.search(r'class="button"[^>]* href="/consents"', page)
    assert "Book a session" not in page


def test_the_page_leads_to_the_health_questions_and_says_when_they_were_answered(alice_browser, engine, alice):
    page = alice_browser.get("/suitability").text
    assert 'href="/health-questions' in page
    assert "You answered on" not in page
    with transaction(engine) as db:
        health_answers(db, alice)
    page = alice_browser.get("/suitability").text
    assert "You answered on" in page
    assert 'href="/health-questions' in page


# ---- the practitioner ----


def test_a_practitioner_signs_and_the_client_reads_it(bob_browser, alice_browser, fields, alice):
    sent = bob_browser.post(f"/clients/{alice.id}/verdict", data={**fields, "note_private": "Between us."})
    assert sent.status_code == 303
    assert "Between us." in bob_browser.get(f"/clients/{alice.id}/verdict").text
    page = alice_browser.get("/suitability").text
    assert "Treatment suits you" in page
    assert "Between us." not in page


def test_a_mistake_comes_back_with_what_was_typed(bob_browser, fields, alice, engine):
    page = bob_browser.post(f"/clients/{alice.id}/verdict", data={**fields, "max_depth_mm": "9", "zones": []})
    assert page.status_code == 422
    assert 'value="9"' in page.text
    assert "This must be 2.5 or less." in page.text
    assert "Please choose at least one." in page.text
    assert "Your scalp is healthy." in page.text
    with Session(engine) as db:
        assert not db.exec(select(Verdict)).all()


def test_no_decision_is_preselected(bob_browser, alice, needling):
    page = bob_browser.get(f"/clients/{alice.id}/verdict").text
    assert " checked" not in page


def test_looking_at_it_is_recorded(bob_browser, alice, needling, engine):
    bob_browser.get(f"/clients/{alice.id}/verdict")
    with Session(engine) as db:
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "suitability.seen")).one()
    assert entry.client_id == alice.id


def test_a_practitioner_pauses_and_ends_the_pause(bob_browser, engine, alice, bob):
    signed(engine, bob, alice)
    bob_browser.post(f"/clients/{alice.id}/holds", data={"reason": "Wait for the blood test."})
    assert "Wait for the blood test." in bob_browser.get(f"/clients/{alice.id}/verdict").text
    with Session(engine) as db:
        hold = db.exec(select(Hold)).one()
    assert bob_browser.post(f"/holds/{hold.id}/lift").status_code == 303
    assert bob_browser.post(f"/holds/{hold.id}/lift").status_code == 409
    with Session(engine) as db:
        facts = queries.facts_for(db, alice.id, a_needling(db))
        assert gate(facts, clock.now() + timedelta(days=2)).is_open


def test_a_pause_needs_a_reason(bob_browser, alice, needling):
    page = bob_browser.post(f"/clients/{alice.id}/holds", data={"reason": " "})
    assert page.status_code == 422
    assert 'id="e-reason"' in page.text


def test_the_wrong_role_is_turned_away(alice_browser, dana_browser, bob_browser, alice, fields):
    for browser in (alice_browser, dana_browser):
        assert browser.get(f"/clients/{alice.id}/verdict").status_code == 403
        assert browser.post(f"/clients/{alice.id}/verdict", data=fields).status_code == 403
        assert browser.post(f"/clients/{alice.id}/holds", data={"reason": "x"}).status_code == 403
    for browser in (bob_browser, dana_browser):
        assert browser.get("/suitability").status_code == 403


def test_a_verdict_about_nobody_is_not_found(bob_browser, dana, fields):
    for stranger in (dana.id, "00000000-0000-0000-0000-000000000001"):
        assert bob_browser.get(f"/clients/{stranger}/verdict").status_code == 404
        assert bob_browser.post(f"/clients/{stranger}/verdict", data=fields).status_code == 404
    assert bob_browser.post("/holds/00000000-0000-0000-0000-000000000001/lift").status_code == 404


def test_the_health_answers_stand_beside_the_form(bob_browser, engine, alice, needling):
    with transaction(engine) as db:
        health_answers(db, alice, skin="unsure", note="Since spring.")
    page = bob_browser.get(f"/clients/{alice.id}/verdict").text
    assert "1 of 17 raised" in page
    assert "Since spring." in page
    assert page.index("Eczema, psoriasis or rash") < page.index("Answered no as before: 16")
    assert "in spite of the health answers?" not in page, "no answer speaks against a yes"


def test_a_yes_against_a_not_yet_comes_back_until_it_says_why(bob_browser, engine, alice, fields):
    with transaction(engine) as db:
        health_answers(db, alice, infection="yes")
    path = f"/clients/{alice.id}/verdict"
    assert "Why yes, in spite of the health answers?" in bob_browser.get(path).text
    refused = bob_browser.post(path, data=fields)
    assert refused.status_code == 422
    assert "A health answer says stop or not yet." in refused.text
    assert "Your scalp is healthy." in refused.text
    with Session(engine) as db:
        assert not db.exec(select(Verdict)).all()
    assert bob_browser.post(path, data={**fields, "despite_answers": "Healed since."}).status_code == 303
    with Session(engine) as db:
        assert db.exec(select(Verdict)).one().despite_answers == "Healed since."
