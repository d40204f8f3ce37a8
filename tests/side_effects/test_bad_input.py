"""Whatever is sent: nothing that was told is lost, nothing breaks, and what cannot be read is read by a person."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Unavailable
from portal.photos import queries as photos
from portal.side_effects import queries
from portal.side_effects.routes import own
from tests.make import a_jpeg
from tests.make_consents import a_signed_consent
from tests.make_questionnaires import health_answers
from tests.make_side_effects import ORDINARY, a_report, a_session_done

NEW = "/side-effects/new"
TYPE = {"content-type": "application/x-www-form-urlencoded"}
EMERGENCY = "We are not an emergency service. If breathing gets hard"


@pytest.fixture
def made(engine):
    """`made(a_report, alice)` builds in a transaction of its own."""

    def make(build, *people, **said):
        with transaction(engine) as db:
            return build(db, *people, **said)

    return make


@pytest.fixture
def reports(engine, alice):
    """`reports()`: everything Alice has reported."""

    def read():
        with transaction(engine, write=False) as db:
            return queries.reports(db, alice, alice.id)

    return read


def at_the_clinic(**ago):
    """So long ago, on the wall of the clinic, as a form sends it."""
    return (clock.now() - timedelta(**ago)).astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("strength", ["7", "-1", "4.5", "fiery", "1e9", "SEVERE"])
def test_a_strength_that_is_no_step_is_refused_beside_it_and_all_is_kept(alice_browser, reports, strength):
    page = alice_browser.post(NEW, data={**ORDINARY, "redness": strength, "note": "my words", "zones": "back"})
    assert page.status_code == 422
    assert 'id="e-redness"' in page.text
    assert "my words" in page.text
    assert page.text.count(" checked") == 4
    assert EMERGENCY in page.text
    assert reports() == []


def test_a_beginning_in_the_future_is_refused_beside_it_and_all_is_kept(alice_browser, reports):
    page = alice_browser.post(NEW, data={**ORDINARY, "began": at_the_clinic(hours=-2), "note": "my words"})
    assert page.status_code == 422
    assert 'id="e-began"' in page.text
    assert "This lies in the future" in page.text
    assert "my words" in page.text
    assert reports() == []


@pytest.mark.parametrize(
    "began", ["0001-01-01T00:00", "1899-01-01T10:00", "9999-12-31T23:59", "yesterday", "2026-02-30"]
)
def test_a_beginning_nobody_can_mean_is_refused_beside_it(alice_browser, began):
    page = alice_browser.post(NEW, data={**ORDINARY, "began": began})
    assert page.status_code == 422
    assert 'id="e-began"' in page.text


def test_a_beginning_before_the_session_is_kept_and_judged_by_the_strictest_time(
    alice_browser, made, reports, alice, bob
):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=2)
    sent = alice_browser.post(NEW, data={**ORDINARY, "began": at_the_clinic(days=3)})
    (report,) = reports()
    assert report.inputs["hours"] is None
    assert report.needs_person
    page = alice_browser.get(sent.headers["location"]).text
    assert "It began before the session" in page
    assert "compared with the strictest time" in page


def test_two_reports_in_a_minute_are_both_kept(alice_browser, reports):
    for note in ("first", "second"):
        assert alice_browser.post(NEW, data={**ORDINARY, "note": f"the {note}"}).status_code == 303
    assert sorted(report.note for report in reports()) == ["the first", "the second"]


def test_without_any_session_it_is_kept_and_judged_by_the_general_rules(alice_browser, reports):
    sent = alice_browser.post(NEW, data=ORDINARY)
    (report,) = reports()
    assert (report.appointment_id, report.hours, report.needs_person) == (None, None, True)
    assert "We know of no session before this report" in alice_browser.get(sent.headers["location"]).text


def test_nobody_reports_for_somebody_else(charlie_browser, made, reports, engine, alice, charlie):
    theirs = {name: str(alice.id) for name in ("client_id", "person_id", "id", "client", "report_id")}
    charlie_browser.post(f"{NEW}?client_id={alice.id}", data={**ORDINARY, **theirs})
    assert reports() == []
    with transaction(engine, write=False) as db:
        assert len(queries.reports(db, charlie, charlie.id)) == 1
    hers = made(a_report, alice).id
    assert charlie_browser.get(f"/side-effects/{hers}").status_code == 404
    assert charlie_browser.post(f"/side-effects/{hers}/urgent").status_code == 404


def test_a_very_long_text_is_refused_with_a_sentence_and_comes_back_whole(alice_browser, reports):
    text = "word " * 1600
    page = alice_browser.post(NEW, data={**ORDINARY, "note": text})
    assert page.status_code == 422
    assert "at most 4000 characters" in page.text
    assert text.strip() in page.text
    assert reports() == []
    assert alice_browser.post(NEW, data={**ORDINARY, "note": text[:4000]}).status_code == 303


@pytest.mark.parametrize(
    "note",
    ["🔥😢🔥", "?!?", "皮膚が赤くて痛いです", "Меня беспокоит кожа головы", "La peau me gratte un peu derrière"],
    ids=["emoji", "marks", "japanese", "russian", "french"],
)
def test_a_text_we_cannot_read_is_read_by_a_person(alice_browser, made, reports, alice, bob, note):
    made(health_answers, alice)
    made(a_session_done, alice, bob)
    sent = alice_browser.post(NEW, data={**ORDINARY, "note": note})
    (report,) = reports()
    assert report.needs_person
    page = alice_browser.get(sent.headers["location"]).text
    assert "a person reads them" in page
    assert note in page


@pytest.mark.parametrize("note", ["red\x00ness", "red\x07ness", "red\x1bness"], ids=ascii)
def test_characters_no_page_can_show_are_refused_and_the_rest_is_kept(alice_browser, reports, note):
    page = alice_browser.post(NEW, data={**ORDINARY, "note": note})
    assert page.status_code == 422
    assert 'id="e-note"' in page.text
    assert page.text.count(" checked") == 4
    assert reports() == []


def test_half_a_character_becomes_a_question_mark(alice_browser, reports):
    body = "&".join(f"{name}={value}" for name, value in {**ORDINARY, "symptoms": "redness"}.items())
    kind = {"content-type": "application/x-www-form-urlencoded; charset=utf-7"}
    assert alice_browser.post(NEW, content=f"{body}&note=red%ED%A0%80", headers=kind).status_code == 303
    assert reports()[0].note.startswith("red")


def test_fields_sent_twice_count_once_and_the_last_word_counts(alice_browser, reports):
    twice = {**ORDINARY, "symptoms": ["redness"] * 9, "redness": ["faint", "mild"], "zones": ["back", "back"]}
    assert alice_browser.post(NEW, data=twice).status_code == 303
    (report,) = reports()
    assert (report.symptoms, report.zones, report.answers["redness"]) == (["redness"], ["back"], "mild")


def test_two_hundred_fields_are_refused_and_the_form_still_works(alice_browser, reports):
    page = alice_browser.post(NEW, data={**ORDINARY, **{f"field{one}": "x" for one in range(200)}})
    assert page.status_code == 400
    assert EMERGENCY in page.text
    assert reports() == []
    assert alice_browser.post(NEW, data={**ORDINARY, **{f"field{one}": "x" for one in range(90)}}).status_code == 303


def test_every_refusal_of_this_feature_has_the_emergency_number(alice_browser, bob_browser, made, alice):
    report = made(a_report, alice)
    here = f"/side-effects/{report.id}"
    refused = [
        (alice_browser.get(f"/side-effects/{'0' * 8}-0000-4000-8000-{'0' * 12}"), 404),
        (alice_browser.post(f"{here}/close", data={"outcome": "resolved"}), 403),
        (bob_browser.get(NEW), 403),
        (alice_browser.post(NEW, data={}), 422),
        (alice_browser.post(NEW, content=b"", headers={**TYPE, "content-length": "999999999"}), 413),
    ]
    for page, status in refused:
        assert page.status_code == status
        assert EMERGENCY in page.text


@pytest.fixture
def may_send_photos(made, alice):
    made(a_signed_consent, alice, None, Purpose.PHOTO_RECORD)


class Down:
    """A store that takes nothing."""

    def __init__(self, storage):
        self.storage = storage

    def put(self, *_):
        raise Unavailable("The file could not be stored just now. Nothing was saved; please try again later.")

    def __getattr__(self, name):
        return getattr(self.storage, name)


def sent_with(browser, content, name="red.jpg", kind="image/jpeg"):
    here = browser.post(NEW, data={**ORDINARY, "note": "my words"}, files={"photo": (name, content, kind)})
    return browser.get(here.headers["location"]).text


@pytest.mark.usefixtures("may_send_photos")
def test_a_good_photo_comes_with_its_report(alice_browser, reports, engine, alice):
    page = sent_with(alice_browser, a_jpeg())
    assert "The photo that came with it" in page
    with transaction(engine, write=False) as db:
        assert photos.count(db, alice.id) == 1
    assert reports()[0].photo_id


@pytest.mark.usefixtures("may_send_photos")
def test_while_the_store_is_down_the_text_is_kept_and_the_page_says_so(alice_browser, app, reports, engine, alice):
    app.state.storage = Down(app.state.storage)
    assert own.NO_PHOTO in sent_with(alice_browser, a_jpeg())
    assert [report.note for report in reports()] == ["my words"]
    with transaction(engine, write=False) as db:
        assert photos.count(db, alice.id) == 0


@pytest.mark.usefixtures("may_send_photos")
@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg onload=alert(1)>", a_jpeg()[:400], b"\xff\xd8\xff" + b"\0" * 5000, b"%PDF-1.7"],
    ids=["empty", "gif", "markup", "cut short", "hollow", "document"],
)
def test_a_hostile_photo_never_costs_the_text(alice_browser, reports, content):
    assert own.NO_PHOTO in sent_with(alice_browser, content, name="../../etc/passwd")
    assert [report.note for report in reports()] == ["my words"]


@pytest.mark.usefixtures("may_send_photos")
def test_a_photo_that_is_too_large_is_not_even_read_and_never_costs_the_text(alice_browser, app, reports, monkeypatch):
    read = []
    monkeypatch.setitem(app.state._state, "photo_intake", lambda *_: read.append("it"))
    assert own.NO_PHOTO in sent_with(alice_browser, b"\xff\xd8\xff" + b"\0" * (own.MOST_PHOTO + 1))
    assert read == []
    assert [report.note for report in reports()] == ["my words"]


def test_without_a_consent_to_photos_the_text_is_kept(alice_browser, made, reports, engine, alice):
    consent = made(a_signed_consent, alice, None, Purpose.PHOTO_RECORD)
    with transaction(engine) as db:
        consents.withdraw(db, alice, consent.id)
    assert own.NO_PHOTO in sent_with(alice_browser, a_jpeg())
    assert [report.note for report in reports()] == ["my words"]


def test_what_was_put_on_the_scalp_is_asked_of_a_mild_report_and_not_required(alice_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob)
    assert (
        'Put on the scalp in the last 24 hours <span class="optional">(optional)</span>' in alice_browser.get(NEW).text
    )
    said = alice_browser.post(NEW, data=ORDINARY).headers["location"]
    assert "Expected at this time" in alice_browser.get(said).text
