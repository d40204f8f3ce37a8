import pytest
from sqlmodel import col, select

from portal.audit.models import AuditEntry
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import checked
from portal.questionnaires import editor, sets
from portal.questionnaires.forms import MoveForm, PublishForm, QuestionForm
from portal.questionnaires.models import QuestionsDraft, QuestionSet
from portal.questionnaires.starters import STARTERS
from tests.make_questionnaires import a_new_version, question_fields

NEW_WORDS = "Do you take anything at all that thins the blood?"


def test_publishing_keeps_every_version(db, dana):
    a_new_version(db, dana, thinners=NEW_WORDS)
    a_new_version(db, dana, remove="pigment")
    assert [one.version for one in sets.versions(db)] == [3, 2, 1]
    assert sets.of_version(db, 1) == STARTERS
    assert len(sets.of_version(db, 2)) == 17
    assert len(sets.in_force(db).asked) == 16
    assert not db.exec(select(QuestionsDraft)).all()
    assert db.exec(select(QuestionSet).order_by(col(QuestionSet.version).desc())).first().published_by_id == dana.id
    entries = db.exec(select(AuditEntry).where(AuditEntry.action == "questionnaires.published")).all()
    assert len(entries) == 2


def test_nothing_is_published_without_a_change(db, dana):
    words = checked(PublishForm, note="Why not.").value
    with pytest.raises(Refused, match="nothing to publish"):
        editor.publish(db, dana, words)
    editor.move_question(db, dana, "bleeding", checked(MoveForm, up=True).value)
    with pytest.raises(Refused, match="Nothing has changed"):
        editor.publish(db, dana, words)
    editor.discard(db, dana)
    editor.discard(db, dana)
    assert sets.next_version(db) is None


def test_a_removed_question_leaves_its_name_behind(db, dana):
    old = sets.prepared_one(db, "pigment")
    a_new_version(db, dana, remove="pigment")
    other = question_fields(old, short="Pigment", ask="Do you like the colour blue?")
    with pytest.raises(Refused, match="An earlier question"):
        editor.save_question(db, dana, checked(QuestionForm, **other).value)


def test_questions_that_other_rules_read_cannot_be_removed(db, dana):
    for key in ("diabetes", "immune", "therapy"):
        with pytest.raises(Refused, match="side effects"):
            editor.remove_question(db, dana, key)
    for call in (editor.remove_question, lambda *what: editor.move_question(*what, checked(MoveForm).value)):
        with pytest.raises(NotFound):
            call(db, dana, "no_such_question")


@pytest.mark.parametrize(
    "change, field",
    [
        ({"ask": "Tell us."}, "ask"),
        ({"ask": ""}, "ask"),
        ({"why": " "}, "why"),
        ({"group": ""}, "group"),
        ({"sources": ""}, "sources"),
        ({"yes": "maybe"}, "yes"),
        ({"unsure": "fine"}, "unsure"),
        ({"yes": "not_now"}, "wait_days"),
        ({"unsure": "not_now"}, "wait_days"),
        ({"yes": "not_now", "wait_days": 0}, "wait_days"),
        ({"yes": "not_now", "wait_days": 731}, "wait_days"),
        ({"reask_days": "soon"}, "reask_days"),
    ],
)
def test_nonsense_is_refused_beside_its_field(change, field):
    assert list(checked(QuestionForm, **question_fields(STARTERS[0], **change)).errors) == [field]


def test_days_to_wait_without_a_not_yet_are_dropped():
    assert checked(QuestionForm, **question_fields(STARTERS[0], wait_days=9)).value.wait_days is None
