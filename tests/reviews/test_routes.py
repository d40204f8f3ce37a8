"""Reviews: the client reads the reply and never the private note."""

import re

import pytest

from portal.kit.db import transaction
from portal.notifications import queries as notices
from tests.make import a_jpeg
from tests.make_side_effects import a_report


@pytest.fixture
def photo(alice_browser):
    """A photo Alice has sent: its path."""
    alice_browser.post(
        "/photos", data={"view": "crown", "taken_on": "2026-01-05"}, files={"photos": ("a.jpg", a_jpeg(), "image/jpeg")}
    )
    return re.search(r"/photos/[0-9a-f-]{36}", alice_browser.get("/photos").text)[0]


def test_a_reply_reaches_the_client_and_a_note_does_not(bob_browser, alice_browser, photo):
    answer = bob_browser.post(f"{photo}/review", data={"reply": "A sharp photo.", "private_note": "Watch the margin."})
    assert answer.status_code == 303
    page = alice_browser.get(photo).text
    assert "A sharp photo." in page
    assert "Watch the margin." not in page
    assert "Watch the margin." not in alice_browser.get("/home").text
    assert "Watch the margin." in bob_browser.get(photo).text


def test_a_reviewed_photo_leaves_the_queue(bob_browser, photo):
    assert "A new photo" in bob_browser.get("/queue").text
    bob_browser.post(f"{photo}/review", data={"reply": "Thank you."})
    assert "A new photo" not in bob_browser.get("/queue").text


def test_the_client_is_told_once_without_the_words(bob_browser, engine, alice, photo):
    form = {"reply": "A sharp photo.", "form_token": "one"}
    bob_browser.post(f"{photo}/review", data=form)
    bob_browser.post(f"{photo}/review", data=form)
    with transaction(engine, write=False) as db:
        texts = [notice.text for notice in notices.latest(db, alice)]
    assert texts == ["Bob Birch answered about your photo."]


def test_an_empty_review_is_refused_beside_the_field(bob_browser, photo):
    answer = bob_browser.post(f"{photo}/review", data={"reply": " "})
    assert answer.status_code == 422
    assert "Please write a reply, a private note, or both." in answer.text


def test_reviewing_a_report_also_acknowledges_it(bob_browser, alice_browser, engine, alice):
    with transaction(engine) as db:
        report = a_report(db, alice, symptoms=["redness"], redness="marked", trend="worse")
    bob_browser.post(f"/side-effects/{report.id}/review", data={"reply": "Please cool it."})
    page = alice_browser.get(f"/side-effects/{report.id}").text
    assert "Please cool it." in page
    assert "Seen by Bob Birch" in page


def test_only_practitioners_review(alice_browser, dana_browser, photo):
    assert alice_browser.post(f"{photo}/review", data={"reply": "x"}).status_code == 403
    assert dana_browser.post(f"{photo}/review", data={"reply": "x"}).status_code == 403
