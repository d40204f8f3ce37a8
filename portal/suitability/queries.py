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
from portal.consents import queries as consents
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.questionnaires import queries as questionnaires
from portal.suitability import rules
from portal.suitability.answer import Code, GateAnswer
from portal.suitability.models import Hold, Verdict
from portal.suitability.rules import GateFacts
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

T = TypeVar("T", Verdict, Hold)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client's suitability stands: for pages. `treatment` is what the verdict is or will be about."""

    treatment: Treatment | None
    verdicts: Sequence[Verdict]
    holds: Sequence[Hold]
    answer: GateAnswer

    @property
    def verdict(self) -> Verdict | None:
        return self.verdicts[0] if self.verdicts else None


def facts_for(db: Session, client_id: UUID, treatment: Treatment) -> GateFacts:
    """What the gate needs to know of one client and one treatment; who knows of sessions and courses adds those."""
    if not treatment.needs_verdict:
        return GateFacts(treatment.id, needs_verdict=False)
    verdict = _newest(db, client_id)
    return GateFacts(
        treatment_id=treatment.id,
        verdict=verdict.facts() if verdict else None,
        consent=consents.facts(db, client_id, treatment.id),
        health=questionnaires.changes_since(db, client_id, verdict.signed_at) if verdict else (),
        holds=tuple(hold.kind for hold in _open_holds(db, client_id)),
        interval_days=treatment.interval_days,
        cooling_off_days=treatment.cooling_off_days,
        time_zone=clinic.profile(db).time_zone,
    )


def newest_facts(db: Session, client_id: UUID, treatment: Treatment) -> dict[Code, datetime]:
    """When the newest fact behind each reason arose: what a decision made before it cannot have been about."""
    verdict, consent = _newest(db, client_id), consents.facts(db, client_id, treatment.id)
    signed = verdict.signed_at if verdict else clock.EVER
    found = dict.fromkeys((Code.DEFERRED, Code.EXPIRED, Code.OUT_OF_SCOPE), signed)
    found[Code.COOLING_OFF] = max(signed, consent.signed_at or clock.EVER)
    found[Code.HEALTH_CHANGED] = questionnaires.last_answered(db, [client_id]).get(client_id, clock.EVER)
    for hold in _open_holds(db, client_id):
        code = Code.SIDE_EFFECT if hold.kind is rules.HoldKind.SIDE_EFFECT else Code.HOLD
        found[code] = max(found.get(code, clock.EVER), hold.placed_at)
    return found


def standing(db: Session, viewer: Viewer, client_id: UUID) -> Standing:
    """Everything a page about a client's suitability shows. The gate is asked about now, without past sessions."""
    signed = verdicts(db, viewer, client_id)
    offered = treatments.with_verdict(db)
    treatment = treatments.get(db, signed[0].scope_treatment_id) if signed else next(iter(offered), None)
    answer = rules.gate(facts_for(db, client_id, treatment), clock.now()) if treatment else GateAnswer()
    return Standing(treatment, signed, holds(db, viewer, client_id), answer)


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


def _visible_to(viewer: Viewer, table: type[T]) -> SelectOfScalar[T]:
    """A client sees what is about themself; a practitioner everything; an admin, who sees no clinical text, nothing."""
    seen = select(table)
    return seen if viewer.is_practitioner else seen.where(col(table.client_id) == viewer.id)


def _verdicts(viewer: Viewer, client_id: UUID) -> SelectOfScalar[Verdict]:
    wanted = _visible_to(viewer, Verdict).where(Verdict.client_id == client_id)
    if not viewer.is_practitioner:
        for private in (Verdict.note_private, Verdict.despite_answers):
            wanted = wanted.options(defer(col(private), raiseload=True))  # type: ignore[arg-type]
    return wanted.order_by(col(Verdict.signed_at).desc())


def _newest(db: Session, client_id: UUID) -> Verdict | None:
    wanted = select(Verdict).where(Verdict.client_id == client_id).order_by(col(Verdict.signed_at).desc())
    return db.exec(wanted.limit(1)).first()


def _open_holds(db: Session, client_id: UUID) -> Sequence[Hold]:
    wanted = select(Hold).where(Hold.client_id == client_id, col(Hold.lifted_at).is_(None))
    return db.exec(wanted.order_by(col(Hold.placed_at))).all()
