"""Whose health answers have changed since a yes and wait for a practitioner's look: for all clients at once.

The same answer as `questionnaires.queries.changes_since` gives of each client, in a constant number of statements.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from portal.accounts.rules import Viewer
from portal.questionnaires import queries as questionnaires
from portal.questionnaires import sets
from portal.questionnaires.models import AnswersReview, HealthAnswers
from portal.questionnaires.rules import Answer, Meaning, Question
from portal.suitability.models import Verdict
from portal.suitability.rules import Outcome

MOST = 50
_YES = [outcome for outcome in Outcome if outcome.allows]


class Changed(NamedTuple):
    """One client whose answers wait."""

    client_id: UUID
    since: datetime
    gravest: Meaning


def changed(db: Session, viewer: Viewer) -> list[Changed]:
    """At most fifty, the longest first; nothing for who is no practitioner."""
    if not viewer.is_practitioner:
        return []
    asked, found = cache(partial(sets.of_version, db)), _sent_since_a_yes(db)
    suspects = [(row, since) for row, since in found if not _is_all_no(row, asked(row.version))]
    stood = _stood(db, suspects)
    lines = [(row, questionnaires.changes_between(db, asked, row, stood.get(row.client_id))) for row, _ in suspects]
    return [
        Changed(row.client_id, row.submitted_at, max((one.meaning for one in changes), key=lambda one: one.weight))
        for row, changes in lines
        if changes
    ][:MOST]


def _sent_since_a_yes(db: Session) -> list[tuple[HealthAnswers, datetime]]:
    """The newest answers of everybody with a yes that still counts, if nobody has looked; and when that was signed."""
    later, newer = aliased(Verdict), aliased(HealthAnswers)
    wanted = select(HealthAnswers, Verdict.signed_at).join(Verdict, col(Verdict.client_id) == HealthAnswers.client_id)
    wanted = wanted.where(
        col(Verdict.outcome).in_(_YES),
        col(Verdict.valid_until) >= questionnaires.today(db),
        HealthAnswers.submitted_at > Verdict.signed_at,
        ~sa.exists().where(col(later.client_id) == Verdict.client_id, col(later.signed_at) > Verdict.signed_at),
        ~sa.exists().where(
            col(newer.client_id) == HealthAnswers.client_id, col(newer.submitted_at) > HealthAnswers.submitted_at
        ),
        ~sa.exists().where(col(AnswersReview.answers_id) == HealthAnswers.id),
    )
    return [(row, since) for row, since in db.exec(wanted.order_by(col(HealthAnswers.submitted_at)))]


def _is_all_no(row: HealthAnswers, questions: Sequence[Question]) -> bool:
    """No is always fine, so there is nothing to compare: true of nearly everybody, and cheap."""
    return all(row.answers.get(question.key) == Answer.NO for question in questions)


def _stood(db: Session, suspects: Sequence[tuple[HealthAnswers, datetime]]) -> dict[UUID, HealthAnswers]:
    """By client, the answers a practitioner last looked at: those let stand since the yes, or else those before it."""
    since = {row.client_id: at for row, at in suspects}
    if not since:
        return {}
    wanted = select(HealthAnswers, AnswersReview.at).join(
        AnswersReview, col(AnswersReview.answers_id) == HealthAnswers.id, isouter=True
    )
    wanted = wanted.where(col(HealthAnswers.client_id).in_(since)).order_by(col(HealthAnswers.submitted_at))
    rows = db.exec(wanted).all()
    before = {row.client_id: row for row, _ in rows if row.submitted_at <= since[row.client_id]}
    reviewed = sorted((pair for pair in rows if _is_after(pair[1], since[pair[0].client_id])), key=lambda pair: pair[1])
    return before | {row.client_id: row for row, _ in reviewed}


def _is_after(at: datetime | None, since: datetime) -> bool:
    return at is not None and at > since
