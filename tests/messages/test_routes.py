"""The thread over HTTP, from both sides."""

import re
from uuid import uuid4

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit.db import transaction
from portal.messages import queries


@pytest.fixture
def thread(alice):
    return f"/clients/{alice.id}/messages"


def test_a_client_writes_and_a_practitioner_answers(alice_browser, bob_browser, thread):
    assert alice_browser.post("/messages", data={"body": "May I swim?"}).status_code == 303
    assert "May I swim?" in bob_browser.get(thread).text
    assert bob_browser.post(thread, data={"body": "Not for three days."}).status_code == 303
    page = alice_browser.get("/messages").text
    assert "Not for three days." in page
    assert "Bob Birch" in page
    assert page.index("May I swim?") < page.index("Not for three days.")


def test_opening_the_thread_reads_it(alice_browser, bob_browser, thread, engine, bob):
    alice_browser.post("/messages", data={"body": "Hello"})
    assert unread(engine, bob) == 1
    bob_browser.get(thread)
    assert unread(engine, bob) == 0
    assert "· read" in alice_browser.get("/messages").text


def test_the_navigation_counts_what_is_unread(alice_browser, bob_browser, thread):
    bob_browser.post(thread, data={"body": "Hello"})
    assert badge(alice_browser.get("/side-effects").text) == "1"
    alice_browser.get("/messages")
    assert badge(alice_browser.get("/side-effects").text) is None


def test_a_mistake_comes_back_with_what_was_typed(alice_browser):
    page = alice_browser.post("/messages", data={"body": "a" * 4001})
    assert page.status_code == 422
    assert "a" * 4001 in page.text
    assert "at most 4000 characters" in page.text


def test_the_same_form_twice_sends_one_message(alice_browser, engine, bob):
    for _ in range(2):
        alice_browser.post("/messages", data={"body": "Hello", "form_token": "once-please"})
    assert unread(engine, bob) == 1


def test_what_was_written_is_text(alice_browser):
    alice_browser.post("/messages", data={"body": "<script>alert(1)</script>"})
    page = alice_browser.get("/messages").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_it_says_that_it_is_not_for_emergencies(alice_browser):
    page = alice_browser.get("/messages").text
    assert "Not for emergencies: call" in page
    assert 'href="tel:112"' in page


def test_long_threads_have_older_pages(alice_browser, monkeypatch):
    monkeypatch.setattr("portal.messages.queries.thread.__defaults__", (None, 2))
    for number in range(5):
        alice_browser.post("/messages", data={"body": f"number {number}"})
    page = alice_browser.get("/messages").text
    assert "number 4" in page
    assert "number 2" not in page
    assert "Older messages" in page


def test_nonsense_for_a_page_shows_the_newest(alice_browser):
    assert alice_browser.get("/messages", params={"before": "yesterday"}).status_code == 200


def test_a_practitioners_look_is_in_the_audit(alice_browser, bob_browser, thread, engine):
    bob_browser.get(thread)
    with transaction(engine, write=False) as db:
        assert "messages.seen" in [entry.action for entry in db.exec(select(AuditEntry))]


def test_the_wrong_role_and_unknown_people(charlie_browser, bob_browser, dana_browser, visitor, thread):
    assert charlie_browser.get(thread).status_code == 403
    assert dana_browser.get(thread).status_code == 403
    assert bob_browser.get("/messages").status_code == 403
    assert bob_browser.get(f"/clients/{uuid4()}/messages").status_code == 404
    assert bob_browser.post(f"/clients/{uuid4()}/messages", data={"body": "Hello"}).status_code == 404
    assert visitor.get("/messages").status_code == 303


def badge(page):
    """The number beside “Messages” in the navigation."""
    link = re.search(r'<a class="side-link" href="/messages".*?</a>', page, re.DOTALL)
    found = re.search(r'class="count">(\d+)', link[0])
    return found and found[1]


def unread(engine, viewer):
    with transaction(engine, write=False) as db:
        return queries.unread_count(db, viewer)
