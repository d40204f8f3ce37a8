"""What is typed and not sent: saved, restored, the client's alone, gone when sent or after two weeks."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal.kit.db import transaction
from portal.kit.forms import blank
from portal.side_effects import drafts, queries
from portal.side_effects.models import ReportDraft
from tests.make_side_effects import ORDINARY, a_report

NEW, DRAFT, DISCARD = "/side-effects/new", "/side-effects/draft", "/side-effects/draft/discard"
SCRIPT = {"accept": "application/json"}
TYPED = {"flags_answer": "none", "symptoms": ["itch", "pain"], "itch": "mild", "note": "since noon", "zones": "vertex"}
BEGUN = "It was not sent."


@pytest.fixture
def kept(engine):
    """`kept()`: every draft there is."""

    def read():
        with transaction(engine, write=False) as db:
            return db.exec(select(ReportDraft)).all()

    return read


def test_what_is_typed_is_saved_and_there_again_on_any_device(alice_browser, signed_in, alice):
    saved = alice_browser.post(DRAFT, data=TYPED, headers=SCRIPT)
    assert saved.status_code == 200
    assert saved.json()["saved"].count(":") == 1
    page = signed_in(alice).get(NEW).text
    assert "You began this on" in page
    assert BEGUN in page
    assert page.count(" checked") == 5  # the answer to the red flags, two symptoms, one strength, one zone
    assert "since noon" in page


def test_without_a_script_the_button_saves_and_the_diary_leads_back(alice_browser):
    sent = alice_browser.post(DRAFT, data=TYPED, files={"photo": ("red.jpg", b"...", "image/jpeg")})
    assert (sent.status_code, sent.headers["location"]) == (303, "/side-effects")
    page = alice_browser.get("/side-effects").text
    assert "Saved, and not sent" in page
    assert "a photo cannot wait" in page
    assert BEGUN in page
    assert f'href="{NEW}"' in page


def test_saving_as_often_as_one_likes_keeps_the_last(alice_browser, kept):
    for note in ("one", "one two", "one two three"):
        alice_browser.post(DRAFT, data={**TYPED, "note": note, "form_token": "the-page"})
    assert [draft.answers["note"] for draft in kept()] == [["one two three"]]


def test_a_red_flag_that_was_not_sent_is_asked_about_once_something_else_was_told(alice_browser, engine, alice, kept):
    alice_browser.post(DRAFT, data={"flags": "chest_pain"}, headers=SCRIPT)
    for page in ("/side-effects", NEW):
        assert "Do not wait for this form" in alice_browser.get(page).text
    with transaction(engine) as db:
        a_report(db, alice)
    for page in ("/side-effects", NEW):
        text = alice_browser.get(page).text
        assert "Do not wait for this form" not in text
        assert "Is this still so?" in text
        assert 'href="tel:112"' in text
    assert kept()[0].answers == {"flags": ["chest_pain"]}, "nothing is lost"
    alice_browser.post(DRAFT, data={"flags": "chest_pain", "note": "again"}, headers=SCRIPT)
    assert "Do not wait for this form" in alice_browser.get(NEW).text


def test_an_emptied_form_is_no_draft(alice_browser, kept):
    alice_browser.post(DRAFT, data=TYPED)
    alice_browser.post(DRAFT, data={"note": " ", "temperature": ""})
    assert kept() == []
    assert BEGUN not in alice_browser.get(NEW).text


def test_sending_ends_the_draft(alice_browser, kept):
    alice_browser.post(DRAFT, data=TYPED)
    assert alice_browser.post(NEW, data=ORDINARY).status_code == 303
    assert kept() == []


def test_a_mistake_does_not_end_it(alice_browser, kept):
    alice_browser.post(DRAFT, data=TYPED)
    assert alice_browser.post(NEW, data={"note": "half"}).status_code == 422
    assert len(kept()) == 1


def test_what_is_saved_late_by_a_page_that_was_sent_is_no_new_draft(alice_browser, kept):
    token = {"form_token": "the-page"}
    sent = alice_browser.post(NEW, data={**ORDINARY, **token}).headers["location"]
    assert alice_browser.post(DRAFT, data={**TYPED, **token}, headers=SCRIPT).json() == {"to": sent}
    assert alice_browser.post(DRAFT, data={**TYPED, **token}).headers["location"] == "/side-effects"
    assert kept() == []
    alice_browser.post(DRAFT, data={**TYPED, "form_token": "another-page"})
    assert len(kept()) == 1


def test_begun_anew_nothing_is_left(alice_browser, kept):
    alice_browser.post(DRAFT, data=TYPED)
    assert alice_browser.post(DISCARD).headers["location"] == NEW
    assert kept() == []
    assert "since noon" not in alice_browser.get(NEW).text


def test_a_draft_with_a_red_flag_says_call_at_once(alice_browser):
    alice_browser.post(DRAFT, data={"flags": "chest_pain"})
    for address in (NEW, "/side-effects"):
        page = alice_browser.get(address).text
        assert "Do not wait for this form" in page
        assert "Call 112 now" in page


def test_a_draft_is_for_nobody_elses_eyes(alice_browser, charlie_browser, bob_browser, alice, kept):
    alice_browser.post(DRAFT, data={**TYPED, "client_id": str(alice.id)})
    assert "since noon" not in charlie_browser.get(NEW).text
    charlie_browser.post(DISCARD)
    charlie_browser.post(DRAFT, data={**TYPED, "note": "mine", "client_id": str(alice.id)})
    assert {draft.client_id: draft.answers["note"] for draft in kept()}[alice.id] == ["since noon"]
    assert "since noon" not in bob_browser.get(f"/clients/{alice.id}").text
    assert bob_browser.post(DRAFT, data=TYPED).status_code == 403


def test_only_what_the_form_asks_is_kept_and_no_more_than_a_person_types(alice_browser, kept):
    odd = {"note": "x" * 30_000, "zones": [f"z{one}" for one in range(90)], "form": "no", "temperature": "3\x008"}
    alice_browser.post(DRAFT, data=odd)
    (draft,) = kept()
    assert set(draft.answers) == {"note", "zones", "temperature"}
    assert (len(draft.answers["note"][0]), len(draft.answers["zones"])) == (20_000, 40)
    assert draft.answers["temperature"] == ["38"]
    assert alice_browser.get(NEW).status_code == 200


def test_after_two_weeks_without_a_change_it_is_gone(engine, alice, charlie, later, kept):
    with transaction(engine) as db:
        drafts.save(db, alice, blank(note="old"))
    with later(timedelta(days=13)), transaction(engine) as db:
        drafts.save(db, charlie, blank(note="new"))
        drafts.sweep(db)
    assert len(kept()) == 2
    with later(timedelta(days=14, minutes=1)), transaction(engine) as db:
        drafts.sweep(db)
    assert [draft.answers["note"] for draft in kept()] == [["new"]]


def test_the_page_says_for_how_long_it_is_kept(alice_browser):
    assert f"deleted after {drafts.DAYS} days" in alice_browser.get(NEW).text


def test_when_it_was_begun_stays_when_it_is_saved_again(engine, alice, later, kept):
    with transaction(engine) as db:
        begun = drafts.save(db, alice, blank(note="old")).begun_at
    with later(timedelta(hours=1)), transaction(engine) as db:
        drafts.save(db, alice, blank(note="more"))
    (draft,) = kept()
    assert draft.begun_at == begun
    assert draft.updated_at >= begun + timedelta(hours=1)


def test_a_script_is_told_where_the_answer_is_and_twice_is_once(alice_browser, engine, alice):
    form = {**ORDINARY, "form_token": "once"}
    first = alice_browser.post(NEW, data=form, headers=SCRIPT)
    again = alice_browser.post(NEW, data=form, headers=SCRIPT)
    assert first.json()["to"] == again.headers["location"]
    assert "Your report is saved." in alice_browser.get(first.json()["to"]).text
    with transaction(engine, write=False) as db:
        assert len(queries.reports(db, alice, alice.id)) == 1
