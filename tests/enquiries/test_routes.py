"""An enquiry over HTTP: from a stranger's form to an invited client, with nothing retyped."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from portal.accounts import queries as people
from portal.clinic.models import ClinicProfile
from portal.enquiries.models import Enquiry
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.mail import OutboxMail

FIELDS = {
    "name": "Eve Elder",
    "email": "Eve@Example.test",
    "phone": "+49 (0)30 1234567",
    "question": "Does it hurt?\n\nAnd <b>when</b>?",
    "way": "phone",
    "part": "evening",
    "consent": "yes",
}


def send(browser, **changes):
    return browser.post("/enquire", data={**FIELDS, **changes})


def stored(engine) -> list[Enquiry]:
    with transaction(engine, write=False) as db:
        return list(db.exec(select(Enquiry)))


def outbox(engine) -> list[tuple[str, str, str]]:
    with transaction(engine, write=False) as db:
        return [(mail.to, mail.subject, mail.text) for mail in db.exec(select(OutboxMail))]


def address(engine) -> str:
    return f"/enquiries/{stored(engine)[0].id}"


def test_an_enquiry_is_saved_acknowledged_and_shown_to_the_team(visitor, bob_browser, dana_browser, engine):
    assert send(visitor).headers["location"] == "/enquire/thanks"
    (one,) = stored(engine)
    assert (one.email, one.phone, one.way, one.part, one.status) == (
        "eve@example.test",
        "+49301234567",
        "phone",
        "evening",
        "new",
    )
    assert one.consented_at
    to = sorted(mail[0] for mail in outbox(engine))
    assert to == ["bob@example.test", "dana@example.test", "erin@example.test", "eve@example.test"]
    assert not [mail for mail in outbox(engine) if "hurt" in mail[2] or "Eve" in "".join(mail[1:])], (
        "no mail says what was asked"
    )
    for staff in (bob_browser, dana_browser):
        assert "Nobody has taken it yet" in staff.get("/enquiries").text
        page = staff.get(address(engine)).text
        assert "And &lt;b&gt;when&lt;/b&gt;?" in page
        assert "a call, in the evening" in page


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"name": ""}, "Please fill this in."),
        ({"email": "eve at home"}, "Please check this e-mail address"),
        ({"question": "  "}, "Please fill this in."),
        ({"question": "x" * 4001}, "at most 4000 characters"),
        ({"way": "pigeon"}, "Please choose one of the options."),
        ({"way": "whatsapp", "phone": ""}, "To call you or write on WhatsApp we need your number."),
        ({"phone": "030 1234567"}, "Please start with the country code"),
        ({"consent": ""}, "Please tick this to go on."),
    ],
)
def test_a_mistake_is_said_beside_the_field_and_the_rest_is_kept(visitor, engine, changes, sentence):
    answer = send(visitor, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    for name in {"name", "email", "phone"} - set(changes):
        assert f'value="{FIELDS[name]}"' in answer.text
    assert stored(engine) == []


def test_no_phone_is_needed_for_an_answer_by_mail(visitor, engine):
    assert send(visitor, way="email", phone="").status_code == 303
    assert stored(engine)[0].phone == ""


def test_a_bot_that_fills_in_everything_is_thanked_and_forgotten(visitor, engine):
    assert send(visitor, website="https://spam.example").headers["location"] == "/enquire/thanks"
    assert (stored(engine), outbox(engine)) == ([], [])
    assert re.search(r'aria-hidden="true"><label[^>]*>Leave this empty', visitor.get("/enquire").text)


def test_one_address_cannot_flood_us(visitor, engine):
    assert [send(visitor).status_code for _ in range(7)] == [303] * 6 + [429]
    assert len(stored(engine)) == 6


def test_the_same_form_twice_is_one_enquiry(visitor, engine):
    assert [send(visitor, form_token="t").status_code for _ in range(2)] == [303, 303]
    assert len(stored(engine)) == 1


def test_one_press_makes_an_invited_client_with_nothing_retyped(visitor, bob_browser, engine, cast):
    send(visitor)
    answer = bob_browser.post(f"{address(engine)}/invitation")
    assert answer.status_code == 303
    (one,) = stored(engine)
    with transaction(engine, write=False) as db:
        client = people.by_email(db, "eve@example.test")
    assert client
    assert (client.name, client.phone, one.client_id, one.status, one.owner_id) == (
        "Eve Elder",
        "+49301234567",
        client.id,
        "invited",
        cast.bob.id,
    )
    assert ("eve@example.test", "Your invitation to the portal") in [mail[:2] for mail in outbox(engine)]
    page = bob_browser.get(address(engine)).text
    assert f"/clients/{client.id}" in page
    assert "Invite as a client" not in page
    assert bob_browser.post(f"{address(engine)}/invitation").status_code == 409


def test_somebody_who_has_an_account_is_not_made_twice(visitor, bob_browser, engine, cast):
    send(visitor, email="alice@example.test")
    before = len(outbox(engine))
    assert bob_browser.post(f"{address(engine)}/invitation").status_code == 303
    assert stored(engine)[0].client_id == cast.alice.id
    assert len(outbox(engine)) == before, "she can sign in already"


def test_a_colleague_is_not_made_a_client(visitor, bob_browser, engine):
    send(visitor, email="dana@example.test")
    answer = bob_browser.post(f"{address(engine)}/invitation")
    assert answer.status_code == 409
    assert "member of the team" in answer.text
    assert stored(engine)[0].client_id is None


def test_somebody_takes_care_and_it_moves_along(visitor, bob_browser, dana_browser, engine, cast):
    send(visitor)
    path = address(engine)
    bob_browser.post(f"{path}/owner")
    assert stored(engine)[0].owner_id == cast.bob.id
    assert "Bob Birch" in dana_browser.get("/enquiries").text
    for status in ("contacted", "new", "contacted", "closed"):
        assert bob_browser.post(f"{path}/status", data={"status": status}).status_code == 303
    assert bob_browser.post(f"{path}/status", data={"status": "contacted"}).status_code == 409
    assert bob_browser.post(f"{path}/invitation").status_code == 409, "closed: open it again first"
    assert bob_browser.post(f"{path}/status", data={"status": "nonsense"}).status_code == 422
    assert stored(engine)[0].status == "closed"


def test_nobody_is_invited_without_an_invitation(visitor, bob_browser, engine):
    send(visitor)
    assert bob_browser.post(f"{address(engine)}/status", data={"status": "invited"}).status_code == 409
    assert stored(engine)[0].status == "new"


def test_a_client_sees_no_enquiry(visitor, alice_browser, engine):
    send(visitor)
    for path in ("/enquiries", address(engine)):
        answer = alice_browser.get(path)
        assert answer.status_code == 403
        assert "Eve" not in answer.text


def test_whatsapp_opens_with_a_text_that_says_nothing_about_health(visitor, engine):
    with transaction(engine) as db:
        db.add(ClinicProfile(name="Our clinic & friends", whatsapp="+4930901820"))
    for page in (visitor.get("/enquire").text, visitor.get("/enquire/thanks").text):
        href = re.search(r'href="(https://wa\.me/[^"]+)"', page)
        parts = urlsplit(href[1].replace("&amp;", "&"))
        assert parts.path == "/4930901820"
        (text,) = parse_qs(parts.query)["text"]
        assert "Our clinic & friends" in text
        assert "hair" not in text.lower()


def test_many_enquiries_come_in_pages(bob_browser, engine):
    with transaction(engine) as db:
        now = clock.now()
        for number in range(35):
            sent = now - timedelta(hours=number)
            db.add(
                Enquiry(
                    name=f"Person {number:02}",
                    email="x@example.test",
                    question="?",
                    way="email",
                    consented_at=sent,
                    sent_at=sent,
                )
            )
    first = bob_browser.get("/enquiries").text
    assert "Person 29" in first
    assert "Person 30" not in first
    older = re.search(r'href="(/enquiries\?before=[^"]+)"', first)[1].replace("&amp;", "&")
    second = bob_browser.get(older).text
    assert "Person 30" in second
    assert "Person 34" in second
    assert "Person 29" not in second
