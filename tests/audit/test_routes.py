"""What one does and sees over HTTP is in the record, without a word of it."""

from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit.db import transaction
from tests.make_side_effects import a_report


def actions(engine, actor=None) -> list[str]:
    with transaction(engine, write=False) as db:
        return [entry.action for entry in db.exec(select(AuditEntry)) if actor is None or entry.actor_id == actor.id]


def test_every_look_of_a_practitioner_is_recorded_and_the_clients_own_are_not(
    alice_browser, bob_browser, engine, alice, bob
):
    with transaction(engine) as db:
        report = a_report(db, alice, note="marigold")
    pages = {
        f"/clients/{alice.id}": "clients.seen",
        f"/clients/{alice.id}/photos": "photos.seen",
        f"/clients/{alice.id}/messages": "messages.seen",
        f"/clients/{alice.id}/verdict": "suitability.seen",
        f"/clients/{alice.id}/course": "courses.seen",
        f"/side-effects/{report.id}": "side_effects.seen",
    }
    for path, action in pages.items():
        before = actions(engine, bob).count(action)
        assert bob_browser.get(path).status_code == 200, path
        assert actions(engine, bob).count(action) == before + 1, path
    mine = len(actions(engine, alice))
    for path in ("/home", "/photos", "/messages", "/suitability", "/course", f"/side-effects/{report.id}"):
        assert alice_browser.get(path).status_code == 200
    assert len(actions(engine, alice)) == mine
    with transaction(engine, write=False) as db:
        assert "marigold" not in repr(db.exec(select(AuditEntry)).all())


def test_a_refused_look_is_not_a_look(charlie_browser, dana_browser, engine, alice):
    with transaction(engine) as db:
        report = a_report(db, alice)
    before = actions(engine)
    for browser in (charlie_browser, dana_browser):
        assert browser.get(f"/side-effects/{report.id}").status_code == 404
    assert actions(engine) == before


def test_signing_in_failing_and_signing_out_are_recorded(visitor, engine):
    visitor.post("/sign-in", data={"email": "alice@example.test", "password": "guess"})
    visitor.post("/sign-in", data={"email": "nobody@example.test", "password": "guess"})
    assert actions(engine) == ["accounts.sign-in-failed", "accounts.sign-in-failed"]
    with transaction(engine, write=False) as db:
        assert "nobody@" not in repr(db.exec(select(AuditEntry)).all())


def test_an_admin_reads_the_record(alice_browser, dana_browser):
    alice_browser.post("/me/profile", data={"name": "Alice <b>Ash"})
    page = dana_browser.get("/admin/audit").text
    assert "accounts.profile-edited" in page
    assert "Alice <b>Ash" not in page
