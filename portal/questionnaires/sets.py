"""Reads of the questions themselves. They are about nobody: no viewer is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.kit.errors import NotFound
from portal.questionnaires.models import QuestionsDraft, QuestionSet
from portal.questionnaires.rules import Question, in_order
from portal.questionnaires.starters import STARTERS


@dataclass(frozen=True, slots=True)
class Questions:
    """One version as it is asked; before anything is published, the starters as version 1."""

    version: int
    asked: tuple[Question, ...]
    published_at: datetime | None = None
    published_by_id: UUID | None = None

    @property
    def by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.asked}


def in_force(db: Session) -> Questions:
    """The newest published version."""
    return _shown(db.exec(_newest_first().limit(1)).first())


def of_version(db: Session, version: int) -> tuple[Question, ...]:
    """The questions of one version, as they were asked then."""
    return _shown(db.exec(_newest_first().where(col(QuestionSet.version) <= version).limit(1)).first()).asked


def versions(db: Session) -> Sequence[QuestionSet]:
    """Everything that was published, newest first."""
    return db.exec(_newest_first()).all()


def ever_asked(db: Session) -> list[Question]:
    """Every question of every version, with repetitions."""
    return [question for one in versions(db) for question in one.asked] or list(STARTERS)


def next_version(db: Session) -> QuestionsDraft | None:
    """What an admin prepares, if anything."""
    return db.exec(select(QuestionsDraft)).first()


def prepared(db: Session) -> tuple[Question, ...]:
    """The questions as an admin edits them now: the next version, or else the one in force."""
    draft = next_version(db)
    return in_order(draft.asked if draft else in_force(db).asked)


def prepared_one(db: Session, key: str) -> Question:
    """One of the prepared questions. Raises NotFound."""
    found = next((question for question in prepared(db) if question.key == key), None)
    if found is None:
        raise NotFound("There is no such question.")
    return found


def _newest_first() -> SelectOfScalar[QuestionSet]:
    return select(QuestionSet).order_by(col(QuestionSet.version).desc())


def _shown(row: QuestionSet | None) -> Questions:
    if row is None:
        return Questions(1, STARTERS)
    return Questions(row.version, row.asked, row.published_at, row.published_by_id)
