import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from portal.audit.models import AuditEntry
from portal.kit.db import transaction
from portal.questionnaires.models import AnswersDraft, AnswersReview, HealthAnswers, QuestionsDraft, QuestionSet
from portal.questionnaires.pages import pages_of
from portal.questionnaires.starters import STARTERS
from tests.make_questionnaires import a_new_version, health_answers, question_fields, unsent_answers

PAGES = pages_of(STARTERS)
DAY = timedelta(days=1)
NEW_WORDS = "Do you take anything at all that thins the blood?"
MISSING = "Please choose yes, no or not sure."


def answered(number, version=1, **changes):
    keys = [question.key for question in PAGES[number - 1].questions]
    return {"version": version, **{f"q_{key}": changes.get(key, "no") for key in keys}}


def stored(engine, table):
    with Session(engine) as db:
        return db.exec(select(table)).all()


@pytest.fixture
def done(engine):
    """`done(verb, …)` in a transaction of its own."""

    def act(verb, *what, **more):
        with transaction(engine) as db:
            return verb(db, *what, **more)

    return act


# ---- the client ----


def test_a_client_answers_page_by_page_looks_over_and_sends(alice_browser, bob_browser, engine, alice):
    assert "17 short questions" in alice_browser.get("/health-questions").text
    for number, page in enumerate(PAGES, 1):
        shown = alice_browser.get(f"/health-questions/{number}")
        assert " checked" not in shown.text
        assert all(question.ask in shown.text for question in page.questions)
        sent = alice_browser.post(f"/health-questions/{number}", data=answered(number, skin="unsure"))
        following = "/health-questions/send" if number == len(PAGES) else f"/health-questions/{number + 1}"
        assert sent.headers["location"] == following
    assert not stored(engine, HealthAnswers)
    over = alice_browser.get("/health-questions/send").text
    assert all(question.ask in over for question in STARTERS)
    assert "Nothing is sent yet" in over
    sent = alice_browser.post("/health-questions/send", data={"note": "Since spring."})
    assert sent.headers["location"] == "/health-questions"
    page = alice_browser.get("/health-questions").text
    assert "Your answers of" in page
    assert "Since spring." in page
    seen = bob_browser.get(f"/clients/{alice.id}/health").text
    assert "1 of 17 raised" in seen
    assert "Since spring." in seen


def test_a_missing_answer_is_said_beside_it_and_the_others_are_kept(alice_browser, engine):
    given = {key: value for key, value in answered(1, keloid="no", bleeding="yes").items() if key != "q_keloid"}
    page = alice_browser.post("/health-questions/1", data=given)
    assert page.status_code == 422
    assert 'id="e-q_keloid"' in page.text
    assert page.text.count(MISSING) == 2
    assert page.text.count(" checked") == 3
    assert stored(engine, AnswersDraft)[0].answers == {"bleeding": "yes", "thinners": "no", "diabetes": "no"}


def test_what_is_not_an_answer_is_none(alice_browser, engine):
    page = alice_browser.post("/health-questions/1", data=answered(1, keloid="perhaps"))
    assert page.status_code == 422
    assert "keloid" not in stored(engine, AnswersDraft)[0].answers


def test_leaving_early_saves_what_is_there(alice_browser, bob_browser, engine, alice):
    given = {"version": 1, "q_bleeding": "unsure", "later": "yes"}
    assert alice_browser.post("/health-questions/1", data=given).headers["location"] == "/health-questions"
    for browser, path in ((alice_browser, "/health-questions"), (bob_browser, f"/clients/{alice.id}/health")):
        assert "Not sent yet: page 1 of 5" in browser.get(path).text
    assert alice_browser.get("/health-questions/1").text.count(" checked") == 1
    assert not stored(engine, HealthAnswers)


def test_what_is_begun_on_one_device_goes_on_on_another(alice_browser, signed_in, alice):
    alice_browser.post("/health-questions/1", data=answered(1))
    other = signed_in(alice)
    assert "Not sent yet: page 2 of 5" in other.get("/health-questions").text
    assert other.get("/health-questions/1").text.count(" checked") == 4
    for number in (2, 3, 4):
        other.post(f"/health-questions/{number}", data=answered(number))
    assert other.post("/health-questions/send", data={}).status_code == 303
    assert "Your answers of" in alice_browser.get("/health-questions").text


def test_sending_with_a_gap_goes_to_the_first_page_that_has_one(alice_browser, engine):
    for number in (1, 3, 4):
        alice_browser.post(f"/health-questions/{number}", data=answered(number))
    assert "Not answered yet" in alice_browser.get("/health-questions/send").text
    page = alice_browser.post("/health-questions/send", data={"note": "Hello."})
    assert page.status_code == 422
    assert 'action="/health-questions/2"' in page.text
    assert page.text.count(MISSING) == 8
    assert not stored(engine, HealthAnswers)


def test_a_note_that_is_too_long_comes_back(alice_browser, engine, done, alice):
    done(unsent_answers, alice, pages=4)
    page = alice_browser.post("/health-questions/send", data={"note": "x" * 4001})
    assert page.status_code == 422
    assert "x" * 4001 in page.text
    assert not stored(engine, HealthAnswers)


def test_the_note_is_saved_for_later(alice_browser, done, alice):
    done(unsent_answers, alice, pages=4)
    alice_browser.post("/health-questions/send", data={"note": "Half a thought", "later": "yes"})
    assert "Half a thought" in alice_browser.get("/health-questions/send").text


def test_the_same_answers_sent_twice_are_stored_once(alice_browser, engine, done, alice):
    done(unsent_answers, alice, pages=4)
    token = re.search(r'name="form_token" value="([^"]+)"', alice_browser.get("/health-questions/send").text)[1]
    for _ in range(2):
        assert alice_browser.post("/health-questions/send", data={"form_token": token}).status_code == 303
    assert len(stored(engine, HealthAnswers)) == 1
    assert alice_browser.post("/health-questions/send", data={}).status_code == 409


def test_nothing_to_look_over_leads_back(alice_browser):
    for path in ("/health-questions/send", "/health-questions/check"):
        assert alice_browser.get(path).headers["location"] == "/health-questions"


@pytest.mark.parametrize("page", ["0", "5", "-1", "x", "9" * 30])
def test_there_is_no_other_page(alice_browser, page):
    assert alice_browser.get(f"/health-questions/{page}").status_code == 404
    assert alice_browser.post(f"/health-questions/{page}", data=answered(1)).status_code == 404


def test_a_draft_is_thrown_away(alice_browser, engine, done, alice):
    done(unsent_answers, alice)
    assert alice_browser.post("/health-questions/discard").status_code == 303
    assert not stored(engine, AnswersDraft)


def test_an_answer_does_not_count_for_words_that_were_not_read(alice_browser, engine, done, dana):
    alice_browser.get("/health-questions/1")
    done(a_new_version, dana, thinners=NEW_WORDS)
    page = alice_browser.post("/health-questions/1", data=answered(1))
    assert page.status_code == 422
    assert 'id="e-q_thinners"' in page.text
    assert NEW_WORDS in page.text
    assert set(stored(engine, AnswersDraft)[0].answers) == {"bleeding", "diabetes", "keloid"}


def test_a_change_of_the_questions_is_said_while_answering(alice_browser, done, alice, dana):
    done(unsent_answers, alice, pages=2)
    done(a_new_version, dana, thinners=NEW_WORDS)
    page = alice_browser.get("/health-questions/1").text
    assert "The questions have changed since you began" in page
    assert page.count(" checked") == 3


# ---- has anything changed? ----


def test_the_check_shows_the_old_answers_and_confirms_them(alice_browser, engine, done, alice):
    first = done(health_answers, alice, skin="yes", note="It itches.")
    page = alice_browser.get("/health-questions/check").text
    assert "Has anything changed since" in page
    assert page.count("You said: <strong>no</strong>") == 16
    assert page.count("You said: <strong>yes</strong>") == 1
    assert "It itches." in page
    assert " checked" not in page
    assert alice_browser.post("/health-questions/check", data={"nothing": "yes"}).status_code == 303
    assert [row.confirms_id for row in stored(engine, HealthAnswers)] == [None, first.id]


@pytest.mark.parametrize("data", [{}, {"nothing": "yes", "changed": "skin"}])
def test_a_check_needs_one_clear_word(alice_browser, engine, done, alice, data):
    done(health_answers, alice)
    page = alice_browser.post("/health-questions/check", data=data)
    assert page.status_code == 422
    assert 'id="e-nothing"' in page.text
    assert page.text.count(" checked") == len(data)
    assert len(stored(engine, HealthAnswers)) == 1


def test_only_what_changed_is_asked_again(alice_browser, bob_browser, engine, done, alice):
    done(health_answers, alice)
    sent = alice_browser.post("/health-questions/check", data={"changed": ["pregnancy"]})
    assert sent.headers["location"] == "/health-questions/1"
    assert alice_browser.get("/health-questions/1").text.count("<fieldset") == 1
    alice_browser.post("/health-questions/1", data={"version": 1, "q_pregnancy": "yes"})
    assert "Unchanged since" in alice_browser.get("/health-questions/send").text
    alice_browser.post("/health-questions/send", data={})
    page = bob_browser.get(f"/clients/{alice.id}/health").text
    assert "1 changed since" in page
    assert '<s><span class="visually-hidden">Before: </span>No</s>' in page
    assert len(stored(engine, HealthAnswers)) == 2


def test_what_is_due_is_announced(signed_in, done, alice, later):
    done(health_answers, alice)
    with later(28 * DAY):
        page = signed_in(alice).get("/health-questions/check").text
    assert "2 questions will be asked in any case" in page
    assert page.count("You said") == 15


def test_a_client_sees_only_their_own(charlie_browser, done, alice):
    done(health_answers, alice, note="Only for Alice.")
    done(unsent_answers, alice)
    page = charlie_browser.get("/health-questions").text
    assert "Only for Alice." not in page
    assert "Not sent yet" not in page


# ---- the practitioner ----


def test_a_practitioner_lets_the_verdict_stand(bob_browser, alice_browser, engine, done, alice):
    row = done(health_answers, alice, skin="yes")
    assert "Seen; the verdict stands" in bob_browser.get(f"/clients/{alice.id}/health").text
    sent = bob_browser.post(f"/health-answers/{row.id}/review", data={"note": "Between us."})
    assert sent.headers["location"] == f"/clients/{alice.id}/health"
    page = bob_browser.get(f"/clients/{alice.id}/health").text
    assert "Between us." in page
    assert "Seen; the verdict stands" not in page
    mine = alice_browser.get("/health-questions").text
    assert "A practitioner has looked at them" in mine
    assert "Between us." not in mine
    assert len(stored(engine, AnswersReview)) == 1


def test_against_a_not_yet_the_page_offers_a_new_verdict(bob_browser, done, alice):
    row = done(health_answers, alice, infection="yes")
    page = bob_browser.get(f"/clients/{alice.id}/health").text
    assert "Seen; the verdict stands" not in page
    assert "Not before" in page
    assert bob_browser.post(f"/health-answers/{row.id}/review").status_code == 409


def test_a_note_of_a_practitioner_that_is_too_long_comes_back(bob_browser, done, alice):
    row = done(health_answers, alice)
    page = bob_browser.post(f"/health-answers/{row.id}/review", data={"note": "y" * 1001})
    assert page.status_code == 422
    assert "y" * 1001 in page.text


def test_looking_at_the_answers_is_recorded(bob_browser, engine, alice):
    page = bob_browser.get(f"/clients/{alice.id}/health").text
    assert "Not answered yet" in page
    with Session(engine) as db:
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "questionnaires.seen")).one()
    assert entry.client_id == alice.id


def test_answers_of_nobody_are_not_found(bob_browser, dana):
    assert bob_browser.get(f"/clients/{dana.id}/health").status_code == 404
    assert bob_browser.post(f"/health-answers/{dana.id}/review").status_code == 404


# ---- the admin ----


def test_an_admin_prepares_looks_over_and_publishes(dana_browser, alice_browser, engine):
    page = dana_browser.get("/admin/questions").text
    assert all(question.ask in page for question in STARTERS)
    fields = question_fields(sets_question("thinners"), ask=NEW_WORDS)
    assert dana_browser.post("/admin/questions/thinners", data=typed(fields)).status_code == 303
    assert "Version 2 is not published yet" in dana_browser.get("/admin/questions").text
    assert NEW_WORDS not in alice_browser.get("/health-questions/1").text
    page = dana_browser.get("/admin/questions/changes").text
    assert f"<ins>{NEW_WORDS}</ins>" in page
    assert dana_browser.post("/admin/questions/changes", data={"note": "Clearer."}).status_code == 303
    assert NEW_WORDS in alice_browser.get("/health-questions/1").text
    assert [row.version for row in stored(engine, QuestionSet)] == [1, 2]
    assert "Dana Doe: Clearer." in dana_browser.get("/admin/questions").text


def test_an_admin_adds_moves_and_removes_a_question(dana_browser, engine):
    fields = typed(question_fields(sets_question("skin"), short="Sunburn", ask="Is your scalp sunburnt?"))
    assert dana_browser.post("/admin/questions/new", data=fields).status_code == 303
    dana_browser.post("/admin/questions/sunburn/move", data={"up": "yes"})
    dana_browser.post("/admin/questions/sunburn/move", data={"up": "yes", "whole_page": "yes"})
    dana_browser.post("/admin/questions/pigment/remove")
    keys = [one.key for one in stored(engine, QuestionsDraft)[0].asked]
    assert keys[:5] == ["infection", "skin", "new_scar", "sunburn", "growth"]
    assert "pigment" not in keys
    assert dana_browser.post("/admin/questions/discard").status_code == 303
    assert not stored(engine, QuestionsDraft)


@pytest.mark.parametrize(
    "path, change, field",
    [
        ("new", {"short": "Bleeding"}, "short"),
        ("new", {"short": "??"}, "short"),
        ("bleeding", {"unsure": "fine"}, "unsure"),
        ("bleeding", {"yes": "not_now", "wait_days": ""}, "wait_days"),
        ("bleeding", {"ask": "Tell us."}, "ask"),
    ],
)
def test_a_mistake_comes_back_with_what_was_typed(dana_browser, engine, path, change, field):
    fields = typed(question_fields(sets_question("bleeding"), why="A reason of my own.", **change))
    page = dana_browser.post(f"/admin/questions/{path}", data=fields)
    assert page.status_code == 422
    assert f'id="e-{field}"' in page.text
    assert "A reason of my own." in page.text
    assert not stored(engine, QuestionsDraft)


def test_nothing_is_published_without_a_change_or_a_reason(dana_browser, engine):
    assert "Nothing has changed" in dana_browser.get("/admin/questions/changes").text
    assert dana_browser.post("/admin/questions/changes", data={"note": "Why not."}).status_code == 422
    dana_browser.post("/admin/questions/pigment/remove")
    page = dana_browser.post("/admin/questions/changes", data={"note": " "})
    assert page.status_code == 422
    assert 'id="e-note"' in page.text
    assert [row.version for row in stored(engine, QuestionSet)] == [1]


def test_a_question_that_others_need_is_not_removed(dana_browser):
    assert dana_browser.post("/admin/questions/immune/remove").status_code == 409
    assert dana_browser.get("/admin/questions/nothing").status_code == 404


# ---- roles, and the words of the house ----


def test_the_wrong_role_is_turned_away(alice_browser, bob_browser, dana_browser, alice):
    for browser in (bob_browser, dana_browser):
        assert browser.get("/health-questions").status_code == 403
        assert browser.post("/health-questions/send", data={}).status_code == 403
    for browser in (alice_browser, dana_browser):
        assert browser.get(f"/clients/{alice.id}/health").status_code == 403
    for browser in (alice_browser, bob_browser):
        assert browser.get("/admin/questions").status_code == 403
        assert browser.post("/admin/questions/changes", data={"note": "x"}).status_code == 403


def test_the_clinical_rules_name_every_starting_question_with_its_meaning_and_sources():
    told = (Path(__file__).parents[2] / "docs" / "clinical-rules.md").read_text("utf-8")
    for one in STARTERS:
        yes = f"{one.yes.label}, {one.wait_days} days" if one.wait_days else one.yes.label
        again = f"{one.reask_days} days" if one.reask_days else "–"
        assert f"| `{one.key}` | {one.short} | {yes} | {again} | {', '.join(one.sources)} |" in told


def sets_question(key):
    return next(question for question in STARTERS if question.key == key)


def typed(fields):
    return {name: "" if value is None else str(value) for name, value in fields.items()}
