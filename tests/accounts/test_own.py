"""One's own account: details, password, address, devices; and the same through the services."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.accounts import queries, service
from portal.accounts.forms import TeamForm
from portal.accounts.models import Person, SignIn
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import checked
from tests.accounts.reading import NEW, actions, follow, link, mails
from tests.people import PASSWORD


def test_details_are_saved_and_mistakes_keep_what_was_typed(alice_browser, engine):
    wrong = alice_browser.post("/me/profile", data={"name": "", "phone": "030 12", "time_zone": "Mars"})
    assert wrong.status_code == 422
    assert 'value="030 12"' in wrong.text
    assert "country code" in wrong.text
    right = {
        "name": "Alice <b>Ash</b>",
        "phone": "+49 30 1234567",
        "time_zone": "America/New_York",
        "is_admin": "yes",
        "is_practitioner": "1",
        "email": "x@example.test",
    }
    assert alice_browser.post("/me/profile", data=right).status_code == 303
    page = alice_browser.get("/me").text
    assert "Alice &lt;b&gt;Ash&lt;/b&gt;" in page
    assert "+49301234567" in page
    with transaction(engine, write=False) as db:
        alice = db.exec(select(Person).where(Person.email == "alice@example.test")).one()
    assert (alice.is_admin, alice.is_practitioner, alice.time_zone) == (False, False, "America/New_York")


def test_a_new_password_needs_the_old_one_and_signs_every_other_device_out(alice_browser, signed_in, alice, engine):
    other = signed_in(alice)
    wrong = alice_browser.post("/me/password", data={"current": "guess", "password": NEW})
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.text
    weak = alice_browser.post("/me/password", data={"current": PASSWORD, "password": "short"})
    assert "at least 12 characters" in weak.text
    assert other.get("/me").status_code == 200
    assert alice_browser.post("/me/password", data={"current": PASSWORD, "password": NEW}).status_code == 303
    assert alice_browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    assert mails(engine, "alice@example.test")[-1].subject == "Your password was changed"
    assert "accounts.password-changed" in actions(engine)
    assert NEW not in "".join(mail.text for mail in mails(engine))


def test_guessing_the_old_password_is_slowed(alice_browser):
    answers = [
        alice_browser.post("/me/password", data={"current": "guess", "password": NEW}).status_code for _ in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_a_new_address_is_proven_first_and_the_old_one_is_told(alice_browser, visitor, engine):
    assert alice_browser.post("/me/email", data={"email": "new@example.test", "proof": "guess"}).status_code == 422
    assert alice_browser.post("/me/email", data={"email": "new@example.test", "proof": PASSWORD}).status_code == 303
    with transaction(engine, write=False) as db:
        assert queries.by_email(db, "alice@example.test"), "nothing has changed yet"
    page = follow(visitor, link(engine, "new@example.test"))
    assert "new@example.test" in page.text
    assert visitor.post("/link/address").status_code == 303
    assert mails(engine, "alice@example.test")[-1].subject == "Your address was changed"
    assert visitor.post("/sign-in", data={"email": "new@example.test", "password": PASSWORD}).status_code == 303
    assert follow(alice_browser, link(engine, "new@example.test")).status_code == 410


def test_an_address_somebody_else_has_is_not_told_apart(alice_browser, engine):
    free = alice_browser.post("/me/email", data={"email": "free@example.test", "proof": PASSWORD})
    taken = alice_browser.post("/me/email", data={"email": "bob@example.test", "proof": PASSWORD})
    assert (free.status_code, free.headers["location"]) == (taken.status_code, taken.headers["location"])
    assert mails(engine, "bob@example.test") == []


def test_ones_own_devices_are_listed_and_can_be_signed_out(alice_browser, signed_in, alice, charlie):
    other, stranger = signed_in(alice), signed_in(charlie)
    page = alice_browser.get("/me").text
    ends = re.findall(r"/me/sign-ins/([0-9a-f-]{36})/end", page)
    assert len(ends) == 1, "the other device; this one is left by signing out"
    assert stranger.post(f"/me/sign-ins/{ends[0]}/end").status_code == 404
    assert other.get("/me").status_code == 200, "nobody else can end it"
    assert alice_browser.post(f"/me/sign-ins/{ends[0]}/end").status_code == 303
    assert other.get("/me").status_code == 303
    assert alice_browser.post(f"/me/sign-ins/{ends[0]}/end").status_code == 404, "it has ended"


def test_a_device_that_fell_asleep_is_not_listed(alice_browser, signed_in, alice):
    signed_in(alice)
    with clock.travelled(timedelta(minutes=25)):
        assert alice_browser.get("/me").status_code == 200
    with clock.travelled(timedelta(minutes=40)):
        assert "/end" not in alice_browser.get("/me").text


def test_sign_out_is_on_every_page_of_the_portal(alice_browser, bob_browser, dana_browser):
    for client, pages in [
        (alice_browser, ["/home", "/me", "/photos"]),
        (bob_browser, ["/queue", "/clients"]),
        (dana_browser, ["/admin", "/admin/team"]),
    ]:
        for page in pages:
            assert 'action="/sign-out"' in client.get(page).text, page


def test_two_accounts_cannot_have_one_address(db):
    service.add_person(db, None, "Eve", "EVE@example.test")
    with pytest.raises(Refused, match="already an account"):
        service.add_person(db, None, "Eve", "eve@example.test")


def test_a_colleague_is_invited_with_a_role_and_is_nobodys_client(db, dana):
    fields = {
        "name": "Finn",
        "email": "finn@example.test",
        "title": "Nurse",
        "role": "practitioner",
        "also_admin": "yes",
    }
    finn = service.invite_colleague(db, dana, checked(TeamForm, **fields).value)
    assert (finn.is_practitioner, finn.is_admin, finn.is_client, finn.title) == (True, True, False, "Nurse")
    with pytest.raises(Refused):
        service.invite_colleague(db, dana, checked(TeamForm, name="G", email="g@example.test", role="client").value)
    assert queries.by_email(db, "g@example.test") is None, "nothing half-made"


def test_who_sees_whom(db, alice, bob, charlie, dana):
    assert queries.client(db, bob, alice.id).name == "Alice Ash"
    assert queries.client(db, alice, alice.id).name == "Alice Ash"
    for viewer, other in [(charlie, alice), (dana, alice), (bob, dana), (alice, bob)]:
        with pytest.raises(NotFound):
            queries.client(db, viewer, other.id)
    assert [one.name for one in queries.clients(db, bob)] == ["Alice Ash", "Charlie Cedar"]
    assert queries.clients(db, dana) == []
    assert [one.name for one in queries.clients(db, bob, "CHAR")] == ["Charlie Cedar"]
    assert queries.clients(db, bob, "%") == []
    assert queries.names(db, []) == {}
    assert [one.name for one in queries.team(db)] == ["Bob Birch", "Dana Doe", "Erin Elm"]


def test_nobody_closes_their_own_account(db, dana):
    with pytest.raises(Refused, match="another admin"):
        service.set_active(db, dana, dana.id, active=False)


def test_the_first_admin_needs_a_good_password_too(app, db):
    with pytest.raises(Refused, match="at least 12"):
        service.make_admin(db, app.state.passwords, "Root", "root@example.test", "short")
    db.rollback()
    assert service.make_admin(db, app.state.passwords, "Root", "root@example.test", NEW).is_admin


def test_a_sign_in_is_touched_at_most_once_a_minute(alice_browser, engine):
    def used():
        with transaction(engine, write=False) as db:
            return db.exec(select(SignIn.used_at)).one()

    first = used()
    alice_browser.get("/me")
    assert used() == first
    with clock.travelled(timedelta(minutes=2)):
        alice_browser.get("/me")
    assert used() > first
