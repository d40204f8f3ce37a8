from datetime import timedelta

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.questionnaires import editor, queries, service, sets
from portal.questionnaires.forms import AcceptForm, CheckForm, PublishForm, QuestionForm
from portal.questionnaires.models import AnswersDraft, HealthAnswers
from portal.questionnaires.rules import Answer, HealthChange, Meaning
from portal.questionnaires.starters import STARTERS
from tests.make_questionnaires import a_new_version, health_answers, nothing_changed, question_fields, unsent_answers

DAY = timedelta(days=1)
SEEN = checked(AcceptForm, note="Called her: it is old.").value
NEW_WORDS = "Do you take anything at all that thins the blood?"
DECIDE = HealthChange(Meaning.DECIDE)


def changes(db, client, since):
    return queries.changes_since(db, client.id, since)


def all_no(db, client):
    return dict.fromkeys(queries.sheet(db, client).keys, Answer.NO)


# ---- answering ----


def test_before_anything_is_published_the_starters_are_version_one(db):
    assert sets.in_force(db).version == 1
    assert sets.in_force(db).asked == sets.of_version(db, 1) == STARTERS
    assert editor.add_starters(db)
    assert not editor.add_starters(db)
    assert sets.in_force(db).asked == STARTERS


def test_answers_are_kept_page_by_page_and_not_sent(db, alice, bob):
    unsent_answers(db, alice, pages=2)
    sheet = queries.sheet(db, alice)
    assert (len(sheet.answers), sheet.draft.page, sheet.last_page) == (8, 3, 5)
    assert queries.newest(db, alice, alice.id) is None
    assert queries.last_answered(db, [alice.id]) == {}
    unsent = queries.health(db, bob, alice.id).unsent
    assert (unsent.page, unsent.pages) == (3, 5)
    assert not db.exec(select(Notice)).all()


def test_a_page_that_is_not_complete_stays_the_page_to_go_on_with(db, alice):
    service.save_page(db, alice, {"bleeding": Answer.YES, "no_such_question": Answer.YES}, 1)
    sheet = queries.sheet(db, alice)
    assert (sheet.answers, sheet.draft.page) == ({"bleeding": Answer.YES}, 1)


@pytest.mark.parametrize("missing, page", [("keloid", 1), ("growth", 2), ("patches", 4)])
def test_what_is_not_complete_cannot_be_sent(db, alice, missing, page):
    service.save_page(db, alice, {key: answer for key, answer in all_no(db, alice).items() if key != missing}, 1)
    with pytest.raises(service.Incomplete) as refusal:
        service.send(db, alice)
    assert refusal.value.page == page
    assert not db.exec(select(HealthAnswers)).all()


def test_a_blank_draft_cannot_be_sent(db, alice):
    with pytest.raises(Refused, match="not open any more"):
        service.send(db, alice)
    service.save_page(db, alice, {}, 1)
    with pytest.raises(service.Incomplete):
        service.send(db, alice)


def test_sending_ends_the_draft_and_tells_practitioners_in_the_portal_only(db, alice, bob, erin):
    row = health_answers(db, alice, skin="yes", note="Since spring.")
    assert db.exec(select(AnswersDraft)).all() == []
    assert len(row.answers) == 17
    assert set(row.said_on.values()) == {queries.today(db).isoformat()}
    notices = db.exec(select(Notice)).all()
    assert {notice.person_id for notice in notices} == {bob.id, erin.id}
    assert {notice.href for notice in notices} == {f"/clients/{alice.id}/health"}
    assert not any(word in notices[0].text.lower() for word in ("eczema", "skin", "spring"))
    assert not db.exec(select(OutboxMail)).all()
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "questionnaires.answered")).one()
    assert (entry.actor_id, entry.client_id, entry.subject_id) == (alice.id, alice.id, row.id)


def test_answers_are_added_never_replaced(db, alice):
    first = health_answers(db, alice, note="First.")
    second = health_answers(db, alice, skin="yes")
    assert first.answers["skin"] == "no"
    assert queries.newest(db, alice, alice.id).id == second.id
    assert [row.id for row in queries.history(db, alice, alice.id)] == [second.id, first.id]
    assert second.submitted_at > first.submitted_at


def test_a_draft_can_be_thrown_away(db, alice):
    unsent_answers(db, alice)
    service.discard(db, alice)
    service.discard(db, alice)
    assert queries.sheet(db, alice).draft is None


# ---- has anything changed? ----


def test_nothing_changed_confirms_the_answers_before(db, alice, later):
    first = health_answers(db, alice, skin="yes", note="It itches.")
    with later(10 * DAY):
        again = nothing_changed(db, alice)
    assert (again.confirms_id, again.answers, again.note) == (first.id, first.answers, "It itches.")
    assert again.said_on == first.said_on
    assert queries.last_answered(db, [alice.id]) == {alice.id: again.submitted_at}


def test_only_what_changed_is_asked(db, alice, later):
    first = health_answers(db, alice, skin="yes")
    with later(10 * DAY):
        assert service.check(db, alice, ["skin", "pregnancy"]) is None
        sheet = queries.sheet(db, alice)
        assert sheet.keys == ["skin", "pregnancy"]
        assert len(sheet.kept) == 15
        service.save_page(db, alice, {"skin": Answer.NO, "pregnancy": Answer.UNSURE}, 1)
        row = service.send(db, alice)
    assert row.confirms_id is None
    assert {key for key in row.answers if row.answers[key] != first.answers[key]} == {"skin", "pregnancy"}
    assert {key for key in row.said_on if row.said_on[key] != first.said_on[key]} == {"skin", "pregnancy"}


def test_what_is_due_is_asked_even_when_nothing_changed(db, alice, later):
    health_answers(db, alice)
    with later(28 * DAY):
        assert service.check(db, alice, []) is None
        assert queries.sheet(db, alice).keys == ["infection", "therapy"]
        service.discard(db, alice)
        assert nothing_changed(db, alice, infection="yes").answers["infection"] == "yes"


def test_nothing_is_confirmed_before_there_is_something_or_while_a_draft_is_open(db, alice):
    with pytest.raises(Refused):
        service.check(db, alice, [])
    health_answers(db, alice)
    unsent_answers(db, alice)
    with pytest.raises(Refused, match="begun"):
        service.check(db, alice, [])
    service.discard(db, alice)
    with pytest.raises(Refused, match="have changed meanwhile"):
        service.check(db, alice, ["gone"])


@pytest.mark.parametrize(
    "fields, ok",
    [
        ({}, False),
        ({"nothing": True}, True),
        ({"changed": ["skin"]}, True),
        ({"changed": ["skin"], "nothing": True}, False),
    ],
)
def test_nothing_has_changed_is_said_explicitly(fields, ok):
    assert checked(CheckForm, **fields).ok is ok


# ---- what the gate asks ----


def test_without_answers_nothing_has_changed(db, alice):
    assert changes(db, alice, clock.now()) == ()


def test_without_answers_at_the_time_all_that_is_not_fine_counts(db, alice):
    since = clock.now()
    health_answers(db, alice, skin="yes", immune="unsure")
    assert changes(db, alice, since) == (DECIDE, DECIDE)


def test_answers_that_stood_at_the_signing_do_not_count(db, alice):
    health_answers(db, alice, skin="yes")
    since = clock.now()
    assert changes(db, alice, since) == ()
    health_answers(db, alice, skin="yes")
    assert changes(db, alice, since) == ()
    health_answers(db, alice, skin="yes", pregnancy="unsure")
    assert changes(db, alice, since) == (DECIDE,)
    health_answers(db, alice)
    assert changes(db, alice, since) == ()


def test_two_changes_in_a_row_both_count_against_the_signing(db, alice):
    health_answers(db, alice)
    since = clock.now()
    health_answers(db, alice, skin="yes")
    nothing_changed(db, alice)
    assert changes(db, alice, since) == (DECIDE,)


def test_a_not_yet_names_its_day(db, alice):
    since = clock.now()
    health_answers(db, alice, infection="yes")
    (change,) = changes(db, alice, since)
    assert change == HealthChange(Meaning.NOT_NOW, queries.today(db) + 28 * DAY)
    assert queries.reask_on(db, alice.id) == change.until


def test_a_practitioners_look_moves_the_line(db, alice, bob):
    health_answers(db, alice)
    since = clock.now()
    row = health_answers(db, alice, skin="yes")
    review = service.accept(db, bob, row.id, SEEN)
    assert changes(db, alice, since) == ()
    health_answers(db, alice, skin="yes", immune="yes")
    assert changes(db, alice, since) == (DECIDE,)
    assert changes(db, alice, review.at + DAY) == ()


def test_a_verdict_after_the_look_moves_it_again(db, alice, bob):
    row = health_answers(db, alice, skin="yes")
    service.accept(db, bob, row.id, SEEN)
    health_answers(db, alice, immune="yes")
    since = clock.now()
    health_answers(db, alice, immune="yes", skin="yes")
    assert changes(db, alice, since) == (DECIDE,)


def test_a_reworded_question_is_another_statement(db, alice, dana):
    health_answers(db, alice, thinners="yes")
    since = clock.now()
    a_new_version(db, dana, thinners=NEW_WORDS)
    health_answers(db, alice, thinners="yes")
    assert changes(db, alice, since) == (DECIDE,)


def test_what_an_answer_meant_is_read_from_its_own_version(db, alice, dana):
    since = clock.now()
    health_answers(db, alice, skin="yes")
    fields = question_fields(sets.prepared_one(db, "skin"), yes=Meaning.STOP)
    editor.save_question(db, dana, checked(QuestionForm, **fields).value, "skin")
    editor.publish(db, dana, checked(PublishForm, note="Stricter.").value)
    assert changes(db, alice, since) == (DECIDE,)
    health_answers(db, alice, skin="yes")
    assert changes(db, alice, since) == (HealthChange(Meaning.STOP),)


def test_others_answers_do_not_count(db, alice, charlie):
    since = clock.now()
    health_answers(db, alice, skin="yes")
    assert changes(db, charlie, since) == ()
    assert queries.reask_on(db, charlie.id) is None
    assert set(queries.last_answered(db, [alice.id, charlie.id])) == {alice.id}


def test_the_calendar_flags_who_has_not_confirmed(db, alice, charlie):
    row = health_answers(db, alice)
    soon = clock.now() + DAY
    assert queries.needs_check(db, charlie.id, soon)
    assert not queries.needs_check(db, alice.id, soon)
    assert queries.needs_check(db, alice.id, soon, row.submitted_at + timedelta(hours=1))
    assert queries.needs_check(db, alice.id, soon + 28 * DAY)


def test_who_listens_hears_of_answers_and_looks(db, alice, bob, monkeypatch):
    heard = []
    monkeypatch.setattr(service.CHANGED, "_listeners", [lambda _, client_id: heard.append(client_id)])
    row = health_answers(db, alice, skin="yes")
    service.accept(db, bob, row.id, SEEN)
    unsent_answers(db, alice)
    assert heard == [alice.id, alice.id]


# ---- seen; the verdict stands ----


@pytest.mark.parametrize("days, is_allowed", [(27, False), (28, True)])
def test_a_verdict_cannot_just_stand_against_a_not_yet(db, alice, bob, later, days, is_allowed):
    row = health_answers(db, alice, infection="yes")
    with later(days * DAY):
        assert queries.health(db, bob, alice.id).may_stand is is_allowed
        if is_allowed:
            assert service.accept(db, bob, row.id, SEEN).answers_id == row.id
        else:
            with pytest.raises(Refused, match="sign a new one"):
                service.accept(db, bob, row.id, SEEN)


def test_a_verdict_cannot_just_stand_against_a_stop(db, alice, bob, dana):
    fields = question_fields(sets.prepared_one(db, "growth"), yes=Meaning.STOP)
    editor.save_question(db, dana, checked(QuestionForm, **fields).value, "growth")
    editor.publish(db, dana, checked(PublishForm, note="Stricter.").value)
    row = health_answers(db, alice, growth="yes")
    with pytest.raises(Refused, match="sign a new one"):
        service.accept(db, bob, row.id, SEEN)


def test_only_the_newest_answers_are_looked_at_and_once(db, alice, bob, erin):
    first = health_answers(db, alice, skin="yes")
    second = health_answers(db, alice, skin="unsure")
    with pytest.raises(Refused, match="Newer answers"):
        service.accept(db, bob, first.id, SEEN)
    review = service.accept(db, bob, second.id, SEEN)
    with pytest.raises(Refused, match="already"):
        service.accept(db, erin, second.id, SEEN)
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "questionnaires.accepted")).one()
    assert (entry.actor_id, entry.client_id, entry.subject_id) == (bob.id, alice.id, review.id)


def test_only_a_practitioner_looks(db, alice, dana):
    row = health_answers(db, alice)
    for actor in (alice, dana):
        with pytest.raises(NotAllowed):
            service.accept(db, actor, row.id, SEEN)


def test_strangers_and_admins_see_nothing(db, alice, charlie, dana):
    row = health_answers(db, alice, note="Private.")
    unsent_answers(db, alice)
    for stranger in (charlie, dana):
        assert queries.newest(db, stranger, alice.id) is None
        assert not queries.history(db, stranger, alice.id)
        assert queries.health(db, stranger, alice.id) == queries.Health()
        assert queries.sheet(db, stranger).draft is None
        with pytest.raises(NotFound):
            queries.of(db, stranger, row.id)


def test_what_changed_is_shown_against_the_last_look(db, alice, bob):
    first = health_answers(db, alice)
    service.accept(db, bob, first.id, SEEN)
    health_answers(db, alice, skin="yes")
    nothing_changed(db, alice)
    newest = queries.health(db, bob, alice.id).newest
    assert newest.compared.id == first.id
    assert [(flag.question.key, flag.before) for flag in newest.changed] == [("skin", Answer.NO)]


# ---- the questions change ----


def test_a_draft_keeps_its_answers_when_the_questions_change(db, alice, dana):
    unsent_answers(db, alice, pages=4)
    a_new_version(db, dana, remove="pigment", thinners=NEW_WORDS)
    sheet = queries.sheet(db, alice)
    assert sheet.has_new_questions
    assert set(sheet.keys) - set(sheet.answers) == {"thinners"}
    assert "pigment" not in sheet.keys
    with pytest.raises(service.Incomplete) as refusal:
        service.send(db, alice)
    assert refusal.value.page == 1
    service.save_page(db, alice, {"thinners": Answer.NO}, 1)
    assert queries.sheet(db, alice).has_new_questions
    row = service.send(db, alice)
    assert (row.version, len(row.answers)) == (2, 16)


def test_a_version_never_rewrites_an_answer(db, alice, dana):
    row = health_answers(db, alice, pigment="yes")
    before = row.model_dump()
    a_new_version(db, dana, remove="pigment")
    db.refresh(row)
    assert row.model_dump() == before
    flags = queries.health(db, alice, alice.id).flags
    assert [flag.question.short for flag in flags if flag.is_raised] == ["Darker skin or dark marks"]


def test_a_check_asks_what_a_new_version_brought(db, alice, dana):
    health_answers(db, alice)
    a_new_version(db, dana, thinners=NEW_WORDS)
    assert service.check(db, alice, []) is None
    assert queries.sheet(db, alice).keys == ["thinners"]
