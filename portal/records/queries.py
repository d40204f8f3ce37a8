"""Reads of treatment records."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.records.models import Addendum, TreatmentRecord
from portal.records.rules import Allowed
from portal.suitability.models import Verdict
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind


def record_for(db: Session, viewer: Viewer, appointment_id: UUID) -> TreatmentRecord | None:
    """The record of one appointment; None when there is none (for a client: none that is signed)."""
    return db.exec(_visible_to(viewer).where(TreatmentRecord.appointment_id == appointment_id)).first()


def record(db: Session, viewer: Viewer, record_id: UUID) -> TreatmentRecord:
    """One record. Raises NotFound."""
    found = db.exec(_visible_to(viewer).where(TreatmentRecord.id == record_id)).first()
    if found is None:
        raise NotFound("There is no such record.")
    return found


def records(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[TreatmentRecord]:
    """A client's records, newest first; a client's own are the signed ones, without the private notes."""
    wanted = _visible_to(viewer).where(TreatmentRecord.client_id == client_id)
    return db.exec(wanted.order_by(col(TreatmentRecord.drafted_at).desc())).all()


def addenda(db: Session, viewer: Viewer, record_id: UUID) -> Sequence[Addendum]:
    """What practitioners added to a signed record, oldest first. It is written for the team: a client sees none."""
    if not viewer.is_practitioner:
        return []
    return db.exec(select(Addendum).where(Addendum.record_id == record_id).order_by(col(Addendum.at))).all()


def unsigned(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[Appointment]:
    """Treatment sessions that are over (or attended) without a signed record, oldest first; for practitioners."""
    if not viewer.is_practitioner:
        return []
    over = (Appointment.state == State.ATTENDED) | (
        (Appointment.state == State.BOOKED) & (Appointment.ends_at < clock.now())
    )
    signed = (col(TreatmentRecord.appointment_id) == col(Appointment.id)) & col(TreatmentRecord.signed_at).is_not(None)
    wanted = (
        select(Appointment)
        .join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
        .join(TreatmentRecord, signed, isouter=True)
        .where(Treatment.kind == Kind.SESSION, col(TreatmentRecord.id).is_(None), over)
    )
    return db.exec(wanted.order_by(col(Appointment.starts_at)).limit(limit)).all()


def allowed_at(db: Session, client_id: UUID, treatment_id: UUID, at: datetime) -> Allowed | None:
    """What the verdict that counted at `at` allows for this treatment; None where it said no or was about another."""
    signed = select(Verdict).where(Verdict.client_id == client_id, Verdict.signed_at <= at)
    verdict = db.exec(signed.order_by(col(Verdict.signed_at).desc()).limit(1)).first()
    if verdict is None or not verdict.outcome.allows or verdict.scope_treatment_id != treatment_id:
        return None
    return Allowed(tuple(verdict.scope_zones), verdict.scope_max_depth_mm or 0)


def _visible_to(viewer: Viewer) -> SelectOfScalar[TreatmentRecord]:
    """A practitioner sees all, a client their own signed ones without the private notes, an admin none."""
    seen = select(TreatmentRecord)
    if viewer.is_practitioner:
        return seen
    own = seen.where(TreatmentRecord.client_id == viewer.id, col(TreatmentRecord.signed_at).is_not(None))
    return own.options(defer(col(TreatmentRecord.notes), raiseload=True))  # type: ignore[arg-type]
