"""The client's home, and the same story for a practitioner."""

from portal.audit.queries import looks_at
from portal.kit.db import transaction
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make import a_jpeg
from tests.make_side_effects import a_report
from tests.make_suitability import a_verdict


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
