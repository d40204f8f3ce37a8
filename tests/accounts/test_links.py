"""Registration, invitations, forgotten passwords: one answer for everybody, links that work once and for a while."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.accounts import service
from portal.accounts.models import MailedLink, Person
from portal.kit import clock
from portal.kit.db import transaction
from tests.accounts.reading import NEW, actions, follow, link, mails, main_text
from tests.conftest import browser
from tests.people import PASSWORD

EVE = {"name": "Eve Elder", "email": "eve@example.test"}


def person(engine, email: str) -> Person:
    with transaction(engine, write=False) as db:
        return db.exec(select(Person).where(Person.email == email)).one()


@pytest.mark.parametrize("path", ["/register", "/forgotten-password"])
def test_known_and_unknown_addresses_get_the_same_answer(visitor, engine, path):
    answers = []
    for email in ("alice@example.test", "eve@example.test", "bob@example.test"):
        answer = visitor.post(path, data={"name": "Eve Elder", "email": email})
        answers.append((answer.status_code, dict(answer.headers) | {"x-request-id": ""}, main_text(answer)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]["location"] == "/check-your-mail"


def test_registration_leads_to_an_account(visitor, engine):
    visitor.post("/register", data=EVE)
    assert person(engine, "eve@example.test").password_hash is None
    page = follow(visitor, link(engine, "eve@example.test"))
    assert "Welcome, Eve" in page.text
    answer = visitor.post("/link", data={"password": NEW})
    assert answer.headers["location"] == "/portal"
    assert visitor.get("/me").status_code == 200
    assert person(engine, "eve@example.test").email_proven_at
    assert actions(engine) == ["accounts.added", "accounts.invitation-used"]


def test_registering_again_sends_another_link_and_the_first_one_ends(visitor, engine):
    visitor.post("/register", data=EVE)
    first = link(engine, "eve@example.test")
    visitor.post("/register", data=EVE)
    assert follow(visitor, first).status_code == 410
    assert follow(visitor, link(engine, "eve@example.test")).status_code == 200


def test_whoever_has_an_account_is_told_so_by_mail_and_nobody_else(visitor, engine):
    visitor.post("/register", data={"name": "Mallory", "email": "alice@example.test"})
    (mail,) = mails(engine)
    assert (mail.to, mail.subject) == ("alice@example.test", "You already have an account")
    assert person(engine, "alice@example.test").name == "Alice Ash"


def test_two_who_register_the_same_address_at_once_make_one_account(app, engine):
    together, statuses = threading.Barrier(4), []

    def register() -> None:
        client = browser(app)
        together.wait()
        statuses.append(client.post("/register", data=EVE).status_code)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(statuses) == 4
    assert set(statuses) <= {303, 409}
    assert person(engine, "eve@example.test")


def test_a_bot_gets_thanks_and_nothing_happens(visitor, engine):
    answer = visitor.post("/register", data={**EVE, "website": "https://spam.example"})
    assert answer.headers["location"] == "/check-your-mail"
    assert mails(engine) == []


def test_nobody_can_have_us_write_to_somebody_for_ever(visitor, engine):
    for _ in range(6):
        assert visitor.post("/forgotten-password", data={"email": "alice@example.test"}).status_code == 303
    for _ in range(3):
        assert visitor.post("/register", data={"name": "A", "email": "alice@example.test"}).status_code == 303
    assert len(mails(engine)) == 4
    assert [visitor.post("/register", data={**EVE, "email": f"eve{n}@example.test"}).status_code for n in range(8)][
        -1
    ] == 429


def test_a_forgotten_password_is_chosen_anew_and_every_device_is_out(visitor, alice_browser, engine):
    visitor.post("/forgotten-password", data={"email": "Alice@Example.test"})
    path = link(engine, "alice@example.test")
    page = follow(visitor, path)
    assert 'value="alice@example.test"' in page.text
    answer = visitor.post("/link", data={"password": NEW})
    assert answer.headers["location"] == "/sign-in", "a reset is no sign-in"
    assert alice_browser.get("/me").status_code == 303
    assert mails(engine, "alice@example.test")[-1].subject == "Your password was changed"
    assert visitor.post("/sign-in", data={"email": "alice@example.test", "password": PASSWORD}).status_code == 422
    assert visitor.post("/sign-in", data={"email": "alice@example.test", "password": NEW}).status_code == 303
    assert follow(visitor, path).status_code == 410, "works once"


def test_a_weak_password_is_said_beside_the_field_and_the_link_stays_good(visitor, engine):
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    follow(visitor, link(engine, "alice@example.test"))
    for weak, sentence in [
        ("short", "at least 12"),
        ("password1234", "easy to guess"),
        ("alice@example.test", "easy to guess"),
        ("", "fill this in"),
        ("a\0" * 10, "at least 12"),
    ]:
        answer = visitor.post("/link", data={"password": weak})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert len(weak) < 3 or f'value="{weak}"' not in answer.text.replace(
            'value="alice@example.test" autocomplete="username"', ""
        )
    assert visitor.post("/link", data={"password": NEW}).status_code == 303


@pytest.mark.parametrize(
    "purpose, lasts", [("register", timedelta(days=7)), ("forgotten-password", timedelta(hours=1))]
)
def test_a_link_is_over_after_a_while_and_the_page_offers_a_new_one(app, visitor, engine, purpose, lasts):
    email = "eve@example.test" if purpose == "register" else "alice@example.test"
    visitor.post(f"/{purpose}", data={**EVE, "email": email})
    path = link(engine, email)
    with clock.travelled(lasts - timedelta(minutes=1)):
        assert follow(visitor, path).status_code == 200
    with clock.travelled(lasts + timedelta(minutes=1)):
        page = follow(browser(app), path)
        assert page.status_code == 410
        assert "Send me a link" in page.text
        late = visitor.post("/link", data={"password": NEW})
        assert late.status_code == 410, "also when the page was opened in time"
        visitor.post("/forgotten-password", data={"email": email})
        assert follow(visitor, link(engine, email)).status_code == 200


def test_a_link_with_another_character_opens_nothing(app, engine, visitor):
    visitor.post("/register", data=EVE)
    path = link(engine, "eve@example.test")
    for changed in (
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path[:-1],
        path + "x",
        "/link/x",
        "/link/%00",
        "/link/" + "x" * 500,
    ):
        assert follow(browser(app), changed).status_code == 410
    assert browser(app).get("/link").status_code == 410
    assert browser(app).post("/link", data={"password": NEW}).status_code == 410


def test_only_a_tokens_fingerprint_is_kept(visitor, engine):
    visitor.post("/register", data=EVE)
    token = link(engine, "eve@example.test").removeprefix("/link/")
    with transaction(engine, write=False) as db:
        assert token not in repr(db.exec(select(MailedLink)).all())


def test_the_token_is_in_no_page_and_its_cookie_is_sealed(visitor, engine):
    visitor.post("/register", data=EVE)
    path = link(engine, "eve@example.test")
    token = path.removeprefix("/link/")
    first = visitor.get(path)
    cookie = first.headers["set-cookie"]
    assert token not in cookie
    assert {"httponly", "path=/link", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    assert token not in visitor.get("/link").text
    assert first.headers["referrer-policy"] == "same-origin"


def test_a_link_used_twice_at_once_sets_one_password(app, engine, visitor):
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    path = link(engine, "alice@example.test")
    together, answers = threading.Barrier(2), {}

    def use(password: str) -> None:
        client = browser(app)
        follow(client, path)
        together.wait()
        answers[password] = client.post("/link", data={"password": password}).status_code

    threads = [threading.Thread(target=use, args=(f"{NEW}-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (winner,) = [password for password, status in answers.items() if status == 303]
    assert visitor.post("/sign-in", data={"email": "alice@example.test", "password": winner}).status_code == 303


def test_what_was_sent_before_a_password_changed_opens_nothing_afterwards(app, visitor, alice_browser, engine):
    """Whoever had the old password may have asked for the account's address to be changed."""
    alice_browser.post("/me/email", data={"email": "thief@example.test", "proof": PASSWORD})
    thief = link(engine, "thief@example.test")
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    follow(visitor, link(engine, "alice@example.test"))
    visitor.post("/link", data={"password": NEW})
    assert follow(browser(app), thief).status_code == 410


def test_what_was_sent_to_an_old_address_opens_nothing_after_the_change(app, visitor, alice_browser, engine):
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    old = link(engine, "alice@example.test")
    alice_browser.post("/me/email", data={"email": "new@example.test", "proof": PASSWORD})
    follow(alice_browser, link(engine, "new@example.test"))
    assert alice_browser.post("/link/address").status_code == 303
    assert follow(browser(app), old).status_code == 410


def test_a_closed_account_gets_no_link_and_its_links_end(app, visitor, dana_browser, cast, engine):
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    path = link(engine, "alice@example.test")
    dana_browser.post(f"/admin/team/{cast.alice.id}/closed")
    assert follow(browser(app), path).status_code == 410
    before = len(mails(engine))
    visitor.post("/forgotten-password", data={"email": "alice@example.test"})
    assert len(mails(engine)) == before


def test_a_link_of_one_kind_is_not_good_for_another(app, alice_browser, visitor, engine):
    alice_browser.post("/me/email", data={"email": "new@example.test", "proof": PASSWORD})
    follow(visitor, link(engine, "new@example.test"))
    assert visitor.post("/link", data={"password": NEW}).status_code == 410
    other = browser(app)
    other.post("/forgotten-password", data={"email": "alice@example.test"})
    follow(other, link(engine, "alice@example.test"))
    assert other.post("/link/address").status_code == 410


def test_a_link_never_says_where_we_are_by_the_callers_word(app, visitor, engine, run_jobs):
    visitor.post("/register", data=EVE, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    with transaction(engine, write=False) as db:
        message = app.state.compose_mail(db.exec(select(service.mail.OutboxMail)).one())
    assert "evil.example" not in message.as_string()
    assert "http://127.0.0.1:8000/link/" in message.get_body(("plain",)).get_content()
