"""Reads of verdicts, holds and health answers, and the gate filled with its facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.suitability import rules, screening
from portal.suitability.models import HealthAnswers, Hold, Verdict
from portal.suitability.rules import GateAnswer, GateFacts
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

T = TypeVar("T", Verdict, Hold, HealthAnswers)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client's suitability stands: for pages. `treatment` is what the verdict is or will be about."""

    treatment: Treatment | None
    verdicts: Sequence[Verdict]
    holds: Sequence[Hold]
    answers: Sequence[HealthAnswers]
    answer: GateAnswer

    @property
    def verdict(self) -> Verdict | None:
        return self.verdicts[0] if self.verdicts else None

    @property
    def flags(self) -> list[screening.Flag]:
        """The newest health answers, what was raised first, with what is new since the ones before."""
        if not self.answers:
            return []
        return screening.flags(self.answers[0].answers, self.answers[1].answers if len(self.answers) > 1 else None)


def gate_for(
    db: Session,
    client_id: UUID,
    treatment: Treatment,
    at: datetime,
    *,
    last_session_at: datetime | None,
    sessions_done: int,
    interval_days: int | None = None,
) -> GateAnswer:
    """Ask the gate about one client, one treatment and the moment `at` of that treatment.

    `last_session_at`: the treatment session before `at`, done or booked. `sessions_done`: how many are done or booked
    since `counted_from` (a new verdict counts anew), without the one in question. `interval_days`: the course's own
    interval, where it is longer than the treatment's.
    """
    verdict = _newest(db, client_id)
    facts = GateFacts(
        treatment_id=treatment.id,
        needs_verdict=treatment.needs_verdict,
        verdict=verdict.facts() if verdict else None,
        sessions_done=sessions_done,
        last_done_at=last_session_at,
        interval_days=max(treatment.interval_days, interval_days or 0),
        holds=tuple(hold.kind for hold in _open_holds(db, client_id)),
        time_zone=clinic.profile(db).time_zone,
    )
    return rules.gate(facts, at)


def counted_from(db: Session, client_id: UUID) -> datetime | None:
    """The signing of the verdict that counts now: treatment sessions before it do not use it up."""
    verdict = _newest(db, client_id)
    return verdict.signed_at if verdict else None


def standing(db: Session, viewer: Viewer, client_id: UUID) -> Standing:
    """Everything a page about a client's suitability shows. The gate is asked about now, without past sessions."""
    signed = verdicts(db, viewer, client_id)
    offered = treatments.with_verdict(db)
    treatment = treatments.get(db, signed[0].scope_treatment_id) if signed else next(iter(offered), None)
    shut = GateAnswer()
    if treatment:
        shut = gate_for(db, client_id, treatment, clock.now(), last_session_at=None, sessions_done=0)
    answered = _visible_to(viewer, HealthAnswers).where(HealthAnswers.client_id == client_id)
    newest = db.exec(answered.order_by(col(HealthAnswers.submitted_at).desc()).limit(2)).all()
    return Standing(treatment, signed, holds(db, viewer, client_id), newest, shut)


def current_verdict(db: Session, viewer: Viewer, client_id: UUID) -> Verdict | None:
    """The newest verdict, whatever it says; None when there is none or it is not the viewer's to see."""
    return db.exec(_verdicts(viewer, client_id).limit(1)).first()


def verdicts(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Verdict]:
    """All verdicts about a client, newest first."""
    return db.exec(_verdicts(viewer, client_id)).all()


def holds(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Hold]:
    """What is on hold now, oldest first."""
    wanted = _visible_to(viewer, Hold).where(Hold.client_id == client_id, col(Hold.lifted_at).is_(None))
    return db.exec(wanted.order_by(col(Hold.placed_at))).all()


def hold(db: Session, viewer: Viewer, hold_id: UUID) -> Hold:
    """One hold. Raises NotFound."""
    found = db.exec(_visible_to(viewer, Hold).where(Hold.id == hold_id)).first()
    if found is None:
        raise NotFound("There is no such pause.")
    return found


def open_holds_from(db: Session, source_id: UUID) -> Sequence[Hold]:
    """Open holds that one report or answer caused; for the code that lifts them."""
    return db.exec(select(Hold).where(Hold.source_id == source_id, col(Hold.lifted_at).is_(None))).all()


def open_holds_of_kind(db: Session, client_id: UUID, kind: rules.HoldKind) -> Sequence[Hold]:
    """A client's open holds of one kind; for the code that lifts them."""
    return [hold for hold in _open_holds(db, client_id) if hold.kind is kind]


def latest_answers(db: Session, viewer: Viewer, client_id: UUID) -> HealthAnswers | None:
    """What the client answered last."""
    answered = _visible_to(viewer, HealthAnswers).where(HealthAnswers.client_id == client_id)
    return db.exec(answered.order_by(col(HealthAnswers.submitted_at).desc()).limit(1)).first()


def _visible_to(viewer: Viewer, table: type[T]) -> SelectOfScalar[T]:
    """A client sees what is about themself; a practitioner everything; an admin, who sees no clinical text, nothing."""
    seen = select(table)
    return seen if viewer.is_practitioner else seen.where(col(table.client_id) == viewer.id)


def _verdicts(viewer: Viewer, client_id: UUID) -> SelectOfScalar[Verdict]:
    wanted = _visible_to(viewer, Verdict).where(Verdict.client_id == client_id)
    if not viewer.is_practitioner:
        wanted = wanted.options(defer(col(Verdict.note_private), raiseload=True))  # type: ignore[arg-type]
    return wanted.order_by(col(Verdict.signed_at).desc())


def _newest(db: Session, client_id: UUID) -> Verdict | None:
    wanted = select(Verdict).where(Verdict.client_id == client_id).order_by(col(Verdict.signed_at).desc())
    return db.exec(wanted.limit(1)).first()


def _open_holds(db: Session, client_id: UUID) -> Sequence[Hold]:
    wanted = select(Hold).where(Hold.client_id == client_id, col(Hold.lifted_at).is_(None))
    return db.exec(wanted.order_by(col(Hold.placed_at))).all()
