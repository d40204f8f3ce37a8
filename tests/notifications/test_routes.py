"""The list of notices."""

import re

from portal.kit.db import transaction
from portal.notifications import service


def tell(engine, viewer, key="k", text="Something <new>.", href="/photos?view=crown") -> None:
    with transaction(engine) as db:
        service.tell(db, viewer.id, key, text, href, by_mail=None)


def test_a_notice_is_shown_counted_opened_and_read(alice_browser, alice, engine):
    tell(engine, alice)
    page = alice_browser.get("/notices").text
    assert "Something &lt;new&gt;." in page
    assert "Mark all as read" in page
    opened = alice_browser.post(re.search(r"/notices/[0-9a-f-]{36}/open", page)[0])
    assert opened.headers["location"] == "/photos?view=crown"
    assert "Mark all as read" not in alice_browser.get("/notices").text


def test_all_can_be_read_at_once(alice_browser, alice, engine):
    tell(engine, alice)
    tell(engine, alice, "k2")
    assert alice_browser.post("/notices/read").status_code == 303
    assert "New</span>" not in alice_browser.get("/notices").text


def test_a_strangers_notice_is_not_there(alice_browser, charlie_browser, alice, engine):
    tell(engine, alice)
    path = re.search(r"/notices/[0-9a-f-]{36}/open", alice_browser.get("/notices").text)[0]
    assert charlie_browser.post(path).status_code == 404
    assert "Something" not in charlie_browser.get("/notices").text
    assert "Mark all as read" in alice_browser.get("/notices").text, "still unread"


def test_an_empty_list_says_so(charlie_browser):
    assert "Nothing new" in charlie_browser.get("/notices").text
