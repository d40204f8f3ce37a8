"""The door: who gets in, what a stranger can learn there, and when a sign-in ends."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from portal.accounts.models import Person, SignIn
from portal.app import create_app
from portal.kit import clock, passwords
from portal.kit.crypto import fingerprint
from portal.kit.db import transaction
from portal.settings import Settings
from tests.accounts.reading import actions, main_text
from tests.conftest import BASE, browser
from tests.people import PASSWORD


def sign_in(client: TestClient, who: str = "alice", password: str = PASSWORD, **extra):
    return client.post("/sign-in", data={"email": f"{who}@example.test", "password": password, **extra})


def token_of(client: TestClient) -> str:
    return next(cookie.value for cookie in client.cookies.jar if cookie.name == "portal")


def home(client: TestClient) -> int:
    return client.get("/me").status_code


def test_the_right_password_opens_the_door(visitor, engine):
    assert visitor.get("/me").headers["location"] == "/sign-in?after=%2Fme"
    assert sign_in(visitor).headers["location"] == "/portal"
    assert home(visitor) == 200
    assert actions(engine) == ["accounts.signed-in"]


@pytest.mark.parametrize("who, first_page", [("alice", "/home"), ("bob", "/queue"), ("dana", "/admin")])
def test_everyone_lands_on_their_own_first_page(visitor, who, first_page):
    sign_in(visitor, who)
    assert visitor.get("/portal").headers["location"] == first_page
    assert visitor.get("/sign-in").headers["location"] == "/portal", "who is in needs no door"


def test_one_gets_to_where_one_wanted_to_go(visitor):
    answer = visitor.post("/sign-in?after=/photos/new", data={"email": "ALICE@example.test", "password": PASSWORD})
    assert answer.headers["location"] == "/photos/new"


def test_wrong_password_unknown_address_and_closed_account_look_alike(visitor, engine, cast, app, monkeypatch):
    with transaction(engine) as db:
        db.get_one(Person, cast.charlie.id).is_active = False
        db.get_one(Person, cast.erin.id).password_hash = None
    worked = []
    real = passwords.CryptContext.verify
    monkeypatch.setattr(passwords.CryptContext, "verify", lambda *given: (worked.append(1), real(*given))[1])
    pages = []
    for who, password in [
        ("alice", "wrong"),
        ("nobody", "wrong"),
        ("charlie", PASSWORD),
        ("erin", PASSWORD),
        ("erin", ""),
    ]:
        worked.clear()
        answer = sign_in(visitor, who, password)
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
        if password:
            assert len(worked) == 1, "the same work for each"
            pages.append(main_text(answer).replace(f"{who}@", "x@"))
    assert len(set(pages)) == 1
    assert "do not match" in pages[0]
    assert "wrong" not in pages[0], "a password is never shown again"


def test_a_password_is_taken_as_it_is_typed(visitor):
    for near in (f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.upper(), PASSWORD + "\0", PASSWORD[:-1]):
        assert sign_in(visitor, password=near).status_code == 422


def test_guesses_are_slowed_and_the_victim_is_not_locked_out(app, engine):
    attacker = TestClient(
        app,
        base_url=BASE,
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
        client=("198.51.100.1", 1),
    )
    answers = [sign_in(attacker, password="guess").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert sign_in(attacker).status_code == 429, "not even the right one now"
    assert "try again in about 15 minutes" in sign_in(attacker).text
    victim = TestClient(
        app, base_url=BASE, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False, client=("203.0.113.7", 1)
    )
    assert sign_in(victim).status_code == 303
    with clock.travelled(timedelta(minutes=31)):
        assert sign_in(attacker).status_code == 303


def test_many_accounts_from_one_address_are_slowed_too(visitor):
    answers = [sign_in(visitor, f"person{number}", "guess").status_code for number in range(61)]
    assert answers == [422] * 60 + [429]


def test_the_cookie_on_loopback(visitor):
    cookie = sign_in(visitor).headers["set-cookie"]
    assert cookie.startswith("portal=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= {
        part.strip().lower() for part in cookie.split(";")
    }
    assert "domain" not in cookie.lower()


def test_the_cookie_where_there_is_tls(engine, tmp_path):
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(
        mode="production",
        secret_key="0123456789abcdef" * 4,
        url="https://clinic.example",
        data=tmp_path,
        uploads=tmp_path / "u",
        jobs_in_web=False,
        password_memory_kib=64,
        password_rounds=1,
        database_url=url,
    )
    app = create_app(settings)
    client = TestClient(
        app, base_url="https://clinic.example", headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
    )
    cookie = sign_in(client).headers["set-cookie"]
    assert cookie.startswith("__Host-portal=")
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert "needles-and-hair" not in client.get("/sign-in").text, "the demo's people are not in production"
    app.state.engine.dispose()


def test_each_sign_in_has_a_token_of_its_own_and_only_its_fingerprint_is_kept(app, visitor, engine):
    tokens = set()
    for _ in range(9):
        client = browser(app)
        sign_in(client)
        tokens.add(token_of(client))
    assert len(tokens) == 9
    assert all(len(token) >= 43 for token in tokens)
    with transaction(engine, write=False) as db:
        kept = repr(db.exec(select(SignIn)).all())
    assert not [token for token in tokens if token in kept]
    assert all(fingerprint(token) in kept for token in tokens)


def test_signing_in_again_ends_the_sign_in_this_browser_had(visitor, app):
    sign_in(visitor)
    old = token_of(visitor)
    sign_in(visitor, "bob")
    assert token_of(visitor) != old
    thief = browser(app)
    thief.cookies.set("portal", old)
    assert home(thief) == 303


@pytest.mark.parametrize(
    "forged", ["", "x", "' OR 1=1 --", "A" * 43, "0" * 5000, "3f2b8c1e-0000-4000-8000-000000000000"]
)
def test_a_forged_cookie_opens_nothing(visitor, forged):
    visitor.cookies.set("portal", forged)
    assert home(visitor) == 303


def test_a_token_somebody_brought_along_does_not_become_a_sign_in(visitor):
    visitor.cookies.set("portal", "chosen-by-the-attacker")
    assert "chosen-by-the-attacker" not in sign_in(visitor).headers["set-cookie"]
    stranger = browser(visitor.app)
    stranger.cookies.set("portal", "chosen-by-the-attacker")
    assert home(stranger) == 303


@pytest.mark.parametrize("who, minutes", [("alice", 30), ("bob", 15), ("dana", 15)])
def test_a_sign_in_that_is_not_used_ends(visitor, who, minutes):
    sign_in(visitor, who)
    with clock.travelled(timedelta(minutes=minutes - 1)):
        assert home(visitor) == 200
    with clock.travelled(timedelta(minutes=2 * minutes - 2)):
        assert home(visitor) == 200, "use keeps it alive"
    with clock.travelled(timedelta(minutes=3 * minutes)):
        assert home(visitor) == 303


def test_a_sign_in_ends_after_twelve_hours_whatever_one_does(visitor):
    sign_in(visitor)
    for step in range(1, 36):
        with clock.travelled(timedelta(minutes=20 * step)):
            assert home(visitor) == 200
    with clock.travelled(timedelta(hours=12, minutes=1)):
        assert home(visitor) == 303


def test_signing_out_ends_it_on_the_server(visitor, app):
    sign_in(visitor)
    old = token_of(visitor)
    answer = visitor.post("/sign-out")
    assert answer.headers["location"] == "/signed-out"
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert 'portal=""' in answer.headers["set-cookie"]
    thief = browser(app)
    thief.cookies.set("portal", old)
    assert home(thief) == 303


def test_a_closed_account_is_out_at_once_and_in_again_when_opened(visitor, dana_browser, cast):
    sign_in(visitor)
    assert dana_browser.post(f"/admin/team/{cast.alice.id}/closed").status_code == 303
    assert home(visitor) == 303
    assert sign_in(visitor).status_code == 422
    dana_browser.post(f"/admin/team/{cast.alice.id}/open")
    assert home(visitor) == 303, "the old sign-in stays ended"
    assert sign_in(visitor).status_code == 303


def test_a_role_that_is_taken_away_is_gone_at_once(bob_browser, engine, cast):
    assert bob_browser.get("/queue").status_code == 200
    with transaction(engine) as db:
        db.get_one(Person, cast.bob.id).is_practitioner = False
    assert bob_browser.get("/queue").status_code == 403


def test_a_hash_of_yesterdays_cost_is_renewed_at_sign_in(app, visitor, engine, cast):
    old = passwords.Passwords(64, 2).hash(PASSWORD)
    with transaction(engine) as db:
        db.get_one(Person, cast.alice.id).password_hash = old
    assert sign_in(visitor).status_code == 303
    with transaction(engine, write=False) as db:
        assert db.get_one(Person, cast.alice.id).password_hash != old
    assert sign_in(visitor).status_code == 303


def test_the_form_shows_what_is_wrong_and_keeps_the_address(visitor):
    answer = visitor.post("/sign-in", data={"email": "not an address", "password": ""})
    assert answer.status_code == 422
    assert 'value="not an address"' in answer.text
    assert "Please check this e-mail address" in answer.text
    assert "Please fill this in." in answer.text
    assert re.search(r'type="password"[^>]*autocomplete="current-password"', answer.text)
    assert "onpaste" not in answer.text
