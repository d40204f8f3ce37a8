"""Sets of questions and what clients answered. What is published, sent or signed never changes: a new row follows."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row
from portal.questionnaires.rules import Question, from_data


class QuestionSet(Row, table=True):
    """One published version of the questions; the newest is in force."""

    version: int = Field(unique=True)
    questions: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    published_at: datetime = Field(default_factory=clock.now)
    published_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    note: str = Field(default="", max_length=1000)

    __table_args__ = (sa.CheckConstraint("version >= 1", name="version_from_one"),)

    @property
    def asked(self) -> tuple[Question, ...]:
        return tuple(map(from_data, self.questions))


class QuestionsDraft(Row, table=True):
    """The next version while an admin works on it: there is one at most, and nobody is asked from it."""

    place: str = Field(default="next", unique=True, max_length=8)
    questions: list[dict[str, Any]] = Field(sa_type=sa.JSON)
    edited_at: datetime = Field(default_factory=clock.now)
    edited_by_id: UUID | None = Field(default=None, foreign_key="person.id")

    @property
    def asked(self) -> tuple[Question, ...]:
        return tuple(map(from_data, self.questions))


class HealthAnswers(Row, table=True):
    """What one client sent at one time: question key → yes, no or unsure; `said_on`: key → the day it was last asked.

    `confirms_id`: the earlier answers of which the client said that nothing has changed.
    """

    client_id: UUID = Field(foreign_key="person.id")
    version: int
    answers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    said_on: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    note: str = Field(default="", max_length=4000)
    submitted_at: datetime = Field(default_factory=clock.now)
    confirms_id: UUID | None = Field(default=None, foreign_key="health_answers.id")

    __table_args__ = (sa.Index("ix_health_answers_client", "client_id", "submitted_at"),)


class AnswersDraft(Row, table=True):
    """Answers that are not sent: one draft a client, on whatever device. `changed`: what the client ticked as changed
    since the answers `since_id`; without those everything is asked. `began_with`: the version it was begun with.
    """

    client_id: UUID = Field(foreign_key="person.id", unique=True)
    version: int
    began_with: int
    answers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    changed: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    since_id: UUID | None = Field(default=None, foreign_key="health_answers.id")
    note: str = Field(default="", max_length=4000)
    page: int = 1
    updated_at: datetime = Field(default_factory=clock.now)


class AnswersReview(Row, table=True):
    """A practitioner has seen changed answers, and the verdict stands. `note` is for practitioners."""

    answers_id: UUID = Field(foreign_key="health_answers.id", unique=True)
    client_id: UUID = Field(foreign_key="person.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    note: str = Field(default="", max_length=1000)
    at: datetime = Field(default_factory=clock.now)

    __table_args__ = (sa.Index("ix_answers_review_client", "client_id", "at"),)
