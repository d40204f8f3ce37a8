"""Reporting, the answer, the history and the practitioner's case, over HTTP."""

from uuid import uuid4

import pytest

from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.side_effects import queries
from tests.make_escalations import an_action
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done, an_urgent_report

ORDINARY = {"flags_answer": "none", "symptoms": "redness", "redness": "mild", "trend": "same"}
NEW = "/side-effects/new"


@pytest.fixture
def made(engine):
    """`made(a_report, alice)` builds in a transaction of its own."""

    def make(build, *people, **said):
        with transaction(engine) as db:
            return build(db, *people, **said)

    return make


def test_an_ordinary_report_is_answered_at_once(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob)
    sent = alice_browser.post(NEW, data=ORDINARY)
    assert sent.status_code == 303
    page = alice_browser.get(sent.headers["location"])
    assert "Expected at this time" in page.text
    assert "Mild: clearly there" in page.text


def test_a_watched_report_says_what_to_look_for_and_asks_for_nobody(alice_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=60)
    page = alice_browser.get(alice_browser.post(NEW, data=ORDINARY).headers["location"])
    assert "Nothing to worry about now, but watch it" in page.text
    assert "We ask you again tomorrow" in page.text
    assert "Not yet seen" not in page.text
    assert "Watch it" in page.text


def test_a_watched_report_that_a_person_looks_at_says_both(alice_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=210)
    said = {"flags_answer": "none", "symptoms": "itch", "itch": "mild", "trend": "same"}
    page = alice_browser.get(alice_browser.post(NEW, data=said).headers["location"])
    assert "Nothing to worry about now, but watch it" in page.text
    assert "A practitioner looks at it within seven days" in page.text
    assert "Not yet seen" in page.text


def test_this_is_urgent_to_me_is_there_until_a_person_is_asked(alice_browser, bob_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob)
    here = alice_browser.post(NEW, data=ORDINARY).headers["location"]
    assert "This is urgent to me" in alice_browser.get(here).text
    assert alice_browser.post(f"{here}/urgent").status_code == 303
    page = alice_browser.get(here)
    assert "We will contact you within a day" in page.text
    assert "You asked us to look at it soon" in page.text
    assert "This is urgent to me" not in page.text
    assert bob_browser.post(f"{here}/urgent").status_code == 403


def test_nobody_else_can_say_that_it_is_urgent(charlie_browser, made, alice):
    assert charlie_browser.post(f"/side-effects/{made(a_report, alice).id}/urgent").status_code == 404


def test_what_was_put_on_the_scalp_and_how_it_crusts_are_asked_and_shown(alice_browser, bob_browser, made, alice, bob):
    assert "Put on the scalp in the last 24 hours" in alice_browser.get(NEW).text
    said = {"flags_answer": "none", "symptoms": "crusting", "crusting": "mild", "products": "used_minoxidil"}
    here = alice_browser.post(NEW, data={**said, "trend": "same"}).headers["location"]
    for browser in (alice_browser, bob_browser):
        page = browser.get(here).text
        assert "Minoxidil" in page
        assert "flakes or pin-point crusts" in page


def test_off_course_the_clinic_promises_a_day(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob, hours_ago=100)
    page = alice_browser.get(alice_browser.post(NEW, data=ORDINARY).headers["location"])
    assert "We will contact you within a day" in page.text
    assert "The redness is stronger than we expect at this time" in page.text
    assert "Not yet seen by a practitioner" in page.text


def test_a_red_flag_alone_says_call_now_with_the_number(alice_browser):
    sent = alice_browser.post(NEW, data={"flags": "lip_or_face_swelling"})
    page = alice_browser.get(sent.headers["location"])
    assert "Call now" in page.text
    assert 'href="tel:112"' in page.text
    assert "adrenaline pen" in page.text


def test_a_mistake_comes_back_with_what_was_typed(alice_browser):
    page = alice_browser.post(NEW, data={**ORDINARY, "temperature": "99", "note": "my words"})
    assert page.status_code == 422
    assert 'value="99"' in page.text
    assert "my words" in page.text
    assert "Please give the temperature in °C" in page.text


def test_an_empty_form_says_what_is_missing(alice_browser):
    page = alice_browser.post(NEW, data={})
    assert page.status_code == 422
    assert "Please tick what you notice" in page.text
    assert "Please tick what you have" in page.text


def test_a_mistake_never_hides_the_number_from_who_ticked_a_red_flag(alice_browser):
    page = alice_browser.post(NEW, data={"flags": "chest_pain", "temperature": "hot"}, follow_redirects=True)
    assert page.status_code == 200
    assert "Call 112" in page.text
    assert "We could not read the temperature" in page.text


@pytest.mark.parametrize(
    "name, value",
    [("redness", "fiery"), ("symptoms", "hair"), ("zones", "knee"), ("flags", "luck"), ("began", "2099-01-01T10:00")],
)
def test_what_is_not_on_the_form_is_refused(alice_browser, name, value):
    page = alice_browser.post(NEW, data={**ORDINARY, name: value})
    assert page.status_code == 422
    assert f'id="e-{name}"' in page.text or "Please choose one of the options." in page.text


def test_the_same_form_twice_acts_once(alice_browser, engine, alice):
    answers = [alice_browser.post(NEW, data={**ORDINARY, "form_token": "once-please"}) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    with transaction(engine, write=False) as db:
        assert len(queries.reports(db, alice, alice.id)) == 1


def test_emoji_long_words_and_markup_are_kept_as_text(alice_browser):
    sent = alice_browser.post(NEW, data={**ORDINARY, "note": "😀😀 <b>rot</b> " + "ä" * 3000})
    assert "😀😀 &lt;b&gt;rot&lt;/b&gt;" in alice_browser.get(sent.headers["location"]).text


def test_words_that_are_too_many_are_refused(alice_browser):
    assert alice_browser.post(NEW, data={**ORDINARY, "note": "a" * 4001}).status_code == 422


class Intake:
    """Stands where the lead puts the real one."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def __call__(self, _db, _viewer, upload):
        self.seen.append(upload.filename)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def intake(app):
    before = app.state.photo_intake

    def put(answer):
        app.state.photo_intake = Intake(answer) if answer else None
        return app.state.photo_intake

    yield put
    app.state.photo_intake = before


def test_a_photo_goes_to_whoever_takes_photos_in(alice_browser, engine, alice, intake):
    photo_id = uuid4()
    taken = intake(photo_id)
    alice_browser.post(NEW, data=ORDINARY, files={"photo": ("red.jpg", b"...", "image/jpeg")})
    with transaction(engine, write=False) as db:
        assert [report.photo_id for report in queries.reports(db, alice, alice.id)] == [photo_id]
    assert taken.seen == ["red.jpg"]


@pytest.mark.parametrize("answer", [Refused("This is no photo."), None], ids=["refused", "nobody takes it"])
def test_a_photo_that_fails_never_stops_the_report(alice_browser, engine, alice, intake, answer):
    intake(answer)
    sent = alice_browser.post(NEW, data=ORDINARY, files={"photo": ("red.jpg", b"...", "image/jpeg")})
    assert "The photo could not be added" in alice_browser.get(sent.headers["location"]).text
    with transaction(engine, write=False) as db:
        assert len(queries.reports(db, alice, alice.id)) == 1


def test_every_page_has_the_emergency_sentence(alice_browser, bob_browser, made, alice):
    report = made(a_report, alice)
    pages = [
        (alice_browser, "/side-effects"),
        (alice_browser, NEW),
        (alice_browser, f"/side-effects/{report.id}"),
        (bob_browser, f"/side-effects/{report.id}"),
    ]
    for browser, address in pages:
        page = browser.get(address)
        assert page.status_code == 200
        assert "We are not an emergency service. If breathing gets hard" in page.text
        assert 'href="tel:112"' in page.text


def test_a_practitioner_sees_the_rules_and_acknowledges(alice_browser, bob_browser, made, alice, bob):
    made(a_session_done, alice, bob, hours_ago=100)
    here = f"/side-effects/{made(a_report, alice).id}"
    page = bob_browser.get(here)
    assert "D01" in page.text
    assert "100 hours after the last session" in page.text
    assert "not yet signed off" in page.text
    assert bob_browser.post(f"{here}/acknowledge").status_code == 303
    assert "Seen by Bob Birch at" in alice_browser.get(here).text
    assert "I have seen this" not in bob_browser.get(here).text


def test_a_practitioner_sees_which_health_answers_lowered_the_threshold(bob_browser, made, alice, bob):
    made(health_answers, alice, keloid="yes", diabetes="unsure")
    page = bob_browser.get(f"/side-effects/{made(a_report, alice).id}").text
    assert "diabetes, raised scars." in page
    made(health_answers, alice)
    assert "Judged earlier than with others" not in bob_browser.get(f"/side-effects/{made(a_report, alice).id}").text


def test_a_practitioner_closes_with_an_outcome(alice_browser, bob_browser, made, engine, alice, bob):
    report = made(a_report, alice)
    here = f"/side-effects/{report.id}"
    assert bob_browser.post(f"{here}/close", data={"note": "watch it"}).status_code == 422
    with transaction(engine) as db:
        an_action(db, bob, queries.report(db, bob, report.id))
    assert bob_browser.post(f"{here}/close", data={"outcome": "resolved", "note": "team words"}).status_code == 303
    assert bob_browser.post(f"{here}/close", data={"outcome": "resolved"}).status_code == 409
    assert "team words" in bob_browser.get(here).text
    page = alice_browser.get(here)
    assert "Resolved" in page.text
    assert "team words" not in page.text


def test_the_history_shows_open_ones_first(alice_browser, made, alice, bob):
    assert "Nothing reported" in alice_browser.get("/side-effects").text
    made(a_session_done, alice, bob)
    made(a_report, alice)
    made(an_urgent_report, alice)
    page = alice_browser.get("/side-effects").text
    assert page.index("We are looking after") < page.index("Warning signs") < page.index("Earlier reports")
    assert "What is normal now" in page


def test_strangers_get_404(charlie_browser, dana_browser, bob_browser, made, alice):
    here = f"/side-effects/{made(a_report, alice).id}"
    assert charlie_browser.get(here).status_code == 404
    assert dana_browser.get(here).status_code == 404
    assert bob_browser.post(f"/side-effects/{uuid4()}/acknowledge").status_code == 404


def test_the_wrong_role_gets_403(alice_browser, bob_browser, visitor, made, alice):
    here = f"/side-effects/{made(a_report, alice).id}"
    assert alice_browser.post(f"{here}/close", data={"outcome": "resolved"}).status_code == 403
    assert alice_browser.post(f"{here}/acknowledge").status_code == 403
    assert bob_browser.get(NEW).status_code == 403
    assert visitor.get(here).status_code == 303
