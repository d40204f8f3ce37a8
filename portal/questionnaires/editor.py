"""Verbs of an admin: prepare the next version of the questions, publish it. What is published is never changed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.db import insert_once, lock_row
from portal.kit.errors import Refused
from portal.questionnaires import editing, sets
from portal.questionnaires.forms import MoveForm, PublishForm, QuestionForm
from portal.questionnaires.models import QuestionsDraft, QuestionSet
from portal.questionnaires.rules import Question, as_data
from portal.questionnaires.starters import STARTERS

_SETS: sa.Table = QuestionSet.__table__  # type: ignore[attr-defined]
_DRAFTS: sa.Table = QuestionsDraft.__table__  # type: ignore[attr-defined]
LIST = ("To the questions", "/admin/questions")


def add_starters(db: Session) -> bool:
    """Publish the starters as version 1, unless something was published before."""
    if sets.versions(db):
        return False
    row = QuestionSet(version=1, questions=[as_data(one) for one in STARTERS], note="What a new clinic begins with.")
    return insert_once(db, _SETS, row.model_dump(), "version")


def save_question(db: Session, admin: Viewer, form: QuestionForm, key: str = "") -> Question:
    """Add a question to the next version, or change the one of this key. Raises Refused, NotFound."""
    if key:
        sets.prepared_one(db, key)
    prepared, question = _prepared(db), form.as_question(key)
    if not key and (problem := editing.key_problem(question, prepared, sets.ever_asked(db))):
        raise Refused(problem)
    _prepare(db, admin, editing.replaced(prepared, question))
    return question


def remove_question(db: Session, admin: Viewer, key: str) -> None:
    """Leave a question out of the next version; answers given to it stay. Raises NotFound."""
    prepared, leaving = _prepared(db), sets.prepared_one(db, key)
    if problem := editing.removal_problem(key):
        raise Refused(problem, LIST)
    _prepare(db, admin, [question for question in prepared if question != leaving])


def move_question(db: Session, admin: Viewer, key: str, form: MoveForm) -> None:
    """One place up or down in the next version. Raises NotFound."""
    prepared, moving = _prepared(db), sets.prepared_one(db, key)
    _prepare(db, admin, editing.moved(prepared, moving.key, up=form.up, whole_page=form.whole_page))


def discard(db: Session, admin: Viewer) -> None:
    """Throw away what was prepared; fine when there is nothing."""
    if draft := sets.next_version(db):
        audit.record(db, admin, "questionnaires.edits_discarded", draft)
        db.delete(draft)


def publish(db: Session, admin: Viewer, form: PublishForm) -> QuestionSet:
    """Put the prepared questions in force as a new version. Raises Refused."""
    _alone(db)
    draft, now = sets.next_version(db), sets.in_force(db)
    if draft is None:
        raise Refused("There is nothing to publish: it was published or thrown away meanwhile.", LIST)
    if problem := editing.set_problem(draft.asked, now.asked):
        raise Refused(problem, LIST)
    known: dict[str, Any] = {"version": now.version + 1, "questions": draft.questions, "published_by_id": admin.id}
    row = QuestionSet(**known, note=form.note)
    if not insert_once(db, _SETS, row.model_dump(), "version"):
        raise Refused("Somebody has just published another version. Please look at it first.", LIST)
    db.delete(draft)
    audit.record(db, admin, "questionnaires.published", row)
    return row


def _prepared(db: Session) -> tuple[Question, ...]:
    _alone(db)
    return sets.prepared(db)


def _alone(db: Session) -> None:
    """One admin at a time until this transaction ends, so that no edit of another is lost."""
    add_starters(db)
    lock_row(db, _SETS, sets.versions(db)[0].id)
    db.expire_all()  # what was read before the wait may be old


def _prepare(db: Session, admin: Viewer, questions: Sequence[Question]) -> None:
    values = QuestionsDraft(questions=[as_data(one) for one in questions], edited_by_id=admin.id)
    if not insert_once(db, _DRAFTS, values.model_dump(), "place"):
        draft = sets.next_version(db)
        if draft is None:
            raise Refused("These changes were thrown away meanwhile. Please begin again.", LIST)
        draft.questions, draft.edited_at, draft.edited_by_id = values.questions, clock.now(), admin.id
        db.add(draft)
    audit.record(db, admin, "questionnaires.edited")
