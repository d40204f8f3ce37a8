"""Reads of health answers: what a client said, what changed since somebody looked, what is not sent yet."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.questionnaires import rules, sets
from portal.questionnaires.models import AnswersDraft, AnswersReview, HealthAnswers
from portal.questionnaires.pages import Page, pages_of
from portal.questionnaires.rules import Answer, Answers, Flag, HealthChange, Question, Said
from portal.questionnaires.sets import Questions

Asked = Callable[[int], tuple[Question, ...]]  # the questions of a version
T = TypeVar("T", HealthAnswers, AnswersDraft, AnswersReview)


@dataclass(frozen=True, slots=True)
class Unsent:
    """That there are answers which are not sent, without them."""

    page: int
    pages: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Answers as they were sent once, beside the ones they are compared with, and who has looked."""

    answers: HealthAnswers
    flags: list[Flag]
    compared: HealthAnswers | None
    review: AnswersReview | None

    @property
    def changed(self) -> list[Flag]:
        return [flag for flag in self.flags if flag.is_new]

    @property
    def raised(self) -> list[Flag]:
        return [flag for flag in self.flags if flag.is_raised]


@dataclass(frozen=True, slots=True)
class Health:
    """Everything a page about a client's health answers shows."""

    entries: list[Entry] = field(default_factory=list)
    unsent: Unsent | None = None
    reask_on: date | None = None
    may_stand: bool = False

    @property
    def newest(self) -> Entry | None:
        return self.entries[0] if self.entries else None

    @property
    def flags(self) -> list[Flag]:
        return self.newest.flags if self.newest else []


@dataclass(frozen=True, slots=True)
class Sheet:
    """The questions one client is asked now, and what they have answered so far. Nothing of it is sent."""

    questions: Questions
    pages: tuple[Page, ...]
    draft: AnswersDraft | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    since: HealthAnswers | None = None
    known: Answers = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return [question.key for page in self.pages for question in page.questions]

    @property
    def last_page(self) -> int:
        """The page on which all answers are looked over and sent."""
        return len(self.pages) + 1

    @property
    def has_new_questions(self) -> bool:
        return self.draft is not None and self.draft.began_with != self.questions.version

    @property
    def kept(self) -> list[tuple[Question, Answer]]:
        """What is taken over from the answers before, unasked."""
        asked = set(self.keys)
        return [(one, self.known[one.key].answer) for one in self.questions.asked if one.key not in asked]


def newest(db: Session, viewer: Viewer, client_id: UUID) -> HealthAnswers | None:
    """What the client sent last; None when it is not the viewer's to see."""
    return db.exec(_sent(viewer, client_id).limit(1)).first()


def of(db: Session, viewer: Viewer, answers_id: UUID) -> HealthAnswers:
    """Answers by their id. Raises NotFound."""
    found = db.exec(_visible_to(viewer, HealthAnswers).where(HealthAnswers.id == answers_id)).first()
    if found is None:
        raise NotFound("There are no such answers.")
    return found


def history(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[HealthAnswers]:
    """Everything the client ever sent, newest first."""
    return db.exec(_sent(viewer, client_id)).all()


def health(db: Session, viewer: Viewer, client_id: UUID, since: datetime | None = None) -> Health:
    """For pages. The newest answers are compared with those that stood at `since`, or at the last look; else, like all
    others, with the ones before them.
    """
    rows = history(db, viewer, client_id)
    if not rows:
        return Health(unsent=_unsent(db, viewer, client_id))
    reviews = {one.answers_id: one for one in _reviews(db, viewer, client_id)}
    before: list[HealthAnswers | None] = [*rows[1:], None]
    before[0] = _looked_at(rows, reviews, since) or before[0]
    asked = cache(lambda version: sets.of_version(db, version))
    entries = [
        Entry(row, _flags(db, asked, row, other), other, reviews.get(row.id))
        for row, other in zip(rows, before, strict=True)
    ]
    questions, now = asked(rows[0].version), said(db, rows[0])
    return Health(
        entries=entries,
        unsent=_unsent(db, viewer, client_id),
        reask_on=rules.reask_on(questions, now),
        may_stand=rows[0].id not in reviews and not rules.speaks_against(questions, now, today(db)),
    )


def changes_since(db: Session, client_id: UUID, since: datetime) -> tuple[HealthChange, ...]:
    """What the newest answers say that is not fine and was not so in the answers that stood at `since`, or at a
    practitioner's later look. Without answers at that time all that is not fine. For the gate: no viewer is asked.
    """
    row = db.exec(_answers_of(client_id).limit(1)).first()
    if row is None or row.submitted_at <= since:
        return ()
    looked = select(AnswersReview).where(AnswersReview.client_id == client_id, AnswersReview.at > since)
    review = db.exec(looked.order_by(col(AnswersReview.at).desc()).limit(1)).first()
    wanted = _answers_of(client_id)
    if review:
        wanted = wanted.where(HealthAnswers.id == review.answers_id)
    stood = db.exec(wanted.where(HealthAnswers.submitted_at <= (review.at if review else since)).limit(1)).first()
    return changes_between(db, cache(partial(sets.of_version, db)), row, stood)


def changes_between(
    db: Session, asked: Asked, row: HealthAnswers, stood: HealthAnswers | None
) -> tuple[HealthChange, ...]:
    """What these answers say that is not fine and was not so in those that `stood`. `asked`: questions by version."""
    questions = asked(row.version)
    return rules.changes(questions, said(db, row), _to_these(db, asked, questions, stood))


def reask_on(db: Session, client_id: UUID) -> date | None:
    """The day from which an answer of this client is not relied upon any more. For the gate: no viewer is asked."""
    row = db.exec(_answers_of(client_id).limit(1)).first()
    return rules.reask_on(sets.of_version(db, row.version), said(db, row)) if row else None


def last_answered(db: Session, client_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these clients last sent or confirmed answers; who never did is missing. One query, no content."""
    if not client_ids:
        return {}
    newest_of = func.max(HealthAnswers.submitted_at)
    wanted = select(HealthAnswers.client_id, newest_of).where(col(HealthAnswers.client_id).in_(set(client_ids)))
    return dict(db.exec(wanted.group_by(col(HealthAnswers.client_id))).all())


def needs_check(db: Session, client_id: UUID, starts_at: datetime, last_session_at: datetime | None = None) -> bool:
    """Whether the answers are to be given or confirmed before this appointment. For many: `last_answered` and
    `rules.needs_check`.
    """
    return rules.needs_check(last_answered(db, [client_id]).get(client_id), starts_at, last_session_at)


def sheet(db: Session, client: Viewer) -> Sheet:
    """What this client is asked: their draft brought up to the questions in force, or everything from the beginning."""
    questions = sets.in_force(db)
    draft = draft_of(db, client)
    if draft is None:
        return Sheet(questions, pages_of(questions.asked))
    since = db.get(HealthAnswers, draft.since_id) if draft.since_id else None
    asked = to_ask(db, questions, since, draft.changed)
    then = questions.asked if draft.version == questions.version else sets.of_version(db, draft.version)
    answers = rules.still_valid(draft.answers, then, asked)
    return Sheet(questions, pages_of(asked), draft, answers, since, said(db, since) if since else {})


def draft_of(db: Session, client: Viewer) -> AnswersDraft | None:
    """The client's own draft; nobody else reads it."""
    return db.exec(select(AnswersDraft).where(AnswersDraft.client_id == client.id)).first()


def to_ask(
    db: Session, questions: Questions, since: HealthAnswers | None, changed: Collection[str] = ()
) -> list[Question]:
    """Which questions are asked of somebody who answered before: what changed, what is new, what is due again."""
    if since is None:
        return list(questions.asked)
    due = rules.must_ask(questions.asked, sets.of_version(db, since.version), said(db, since), today(db))
    wanted = {question.key for question in due} | set(changed)
    return [question for question in questions.asked if question.key in wanted]


def said(db: Session, row: HealthAnswers) -> Answers:
    """A row's answers with the day each was given on."""
    sent = row.submitted_at.astimezone(ZoneInfo(clinic.profile(db).time_zone)).date()
    days = {key: date.fromisoformat(day) for key, day in row.said_on.items()}
    return {key: Said(Answer(answer), days.get(key, sent)) for key, answer in row.answers.items()}


def today(db: Session) -> date:
    """The day it is at the clinic."""
    return clock.today(clinic.profile(db).time_zone)


def _visible_to(viewer: Viewer, table: type[T]) -> SelectOfScalar[T]:
    """A client sees their own; a practitioner everything; an admin, who sees no clinical text, nothing."""
    seen = select(table)
    return seen if viewer.is_practitioner else seen.where(col(table.client_id) == viewer.id)


def _sent(viewer: Viewer, client_id: UUID) -> SelectOfScalar[HealthAnswers]:
    wanted = _visible_to(viewer, HealthAnswers).where(HealthAnswers.client_id == client_id)
    return wanted.order_by(col(HealthAnswers.submitted_at).desc())


def _answers_of(client_id: UUID) -> SelectOfScalar[HealthAnswers]:
    wanted = select(HealthAnswers).where(HealthAnswers.client_id == client_id)
    return wanted.order_by(col(HealthAnswers.submitted_at).desc())


def _reviews(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[AnswersReview]:
    wanted = _visible_to(viewer, AnswersReview).where(AnswersReview.client_id == client_id)
    if not viewer.is_practitioner:
        wanted = wanted.options(defer(col(AnswersReview.note), raiseload=True))  # type: ignore[arg-type]
    return db.exec(wanted.order_by(col(AnswersReview.at).desc())).all()


def _unsent(db: Session, viewer: Viewer, client_id: UUID) -> Unsent | None:
    draft = db.exec(_visible_to(viewer, AnswersDraft).where(AnswersDraft.client_id == client_id)).first()
    if draft is None:
        return None
    since = db.get(HealthAnswers, draft.since_id) if draft.since_id else None
    pages = len(pages_of(to_ask(db, sets.in_force(db), since, draft.changed))) + 1
    return Unsent(min(draft.page, pages), pages, draft.updated_at)


def _looked_at(
    rows: Sequence[HealthAnswers], reviews: dict[UUID, AnswersReview], since: datetime | None
) -> HealthAnswers | None:
    """The last earlier answers a practitioner let stand, or that stood at `since`, whichever are newer."""
    return next((row for row in rows[1:] if row.id in reviews or (since and row.submitted_at <= since)), None)


def _flags(db: Session, asked: Asked, row: HealthAnswers, other: HealthAnswers | None) -> list[Flag]:
    return rules.flags(asked(row.version), said(db, row), _to_these(db, asked, asked(row.version), other))


def _to_these(db: Session, asked: Asked, questions: Sequence[Question], row: HealthAnswers | None) -> Answers | None:
    """Earlier answers as far as they were given to the same questions; None without any."""
    if row is None:
        return None
    valid = rules.still_valid(row.answers, asked(row.version), questions)
    return {key: one for key, one in said(db, row).items() if key in valid}
