"""Reads of case files: for practitioners, and for nobody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.cases.models import CaseAddendum, CaseFile
from portal.escalations import queries as escalations
from portal.escalations.models import CaseAction
from portal.kit.errors import NotFound
from portal.records import queries as records
from portal.records.models import TreatmentRecord
from portal.side_effects.models import SideEffectReport


@dataclass(frozen=True, slots=True)
class Sources:
    """A case with all that belongs to it. `names`: of everybody in it, the client too; `known_names`: these, and of the
    whole team, for masking; `phone`: the client's.
    """

    file: CaseFile
    report: SideEffectReport
    record: TreatmentRecord | None
    course: Sequence[SideEffectReport]
    actions: Sequence[CaseAction]
    addenda: Sequence[CaseAddendum]
    names: Mapping[UUID, str]
    known_names: Collection[str]
    phone: str

    @property
    def signer_id(self) -> UUID:
        """Who signed; of a draft, who wrote last."""
        return self.file.signed_by_id or self.file.written_by_id


def of_report(db: Session, viewer: Viewer, report_id: UUID) -> CaseFile | None:
    """The case file of one report, as it is now; None while there is none."""
    wanted = _visible_to(viewer).where(CaseFile.report_id == report_id)
    return db.exec(wanted.execution_options(populate_existing=True)).first()


def case_file(db: Session, viewer: Viewer, report_id: UUID) -> CaseFile:
    """The same. Raises NotFound."""
    found = of_report(db, viewer, report_id)
    if found is None:
        raise NotFound("There is no case file of this report yet.")
    return found


def addenda(db: Session, viewer: Viewer, file: CaseFile) -> Sequence[CaseAddendum]:
    """What was added after signing, oldest first."""
    if not viewer.is_practitioner:
        return []
    return db.exec(select(CaseAddendum).where(CaseAddendum.file_id == file.id).order_by(col(CaseAddendum.at))).all()


def record_of(db: Session, viewer: Viewer, report: SideEffectReport) -> TreatmentRecord | None:
    """The record of the session a report comes after, where both are known."""
    return records.record_for(db, viewer, report.appointment_id) if report.appointment_id else None


def course(db: Session, viewer: Viewer, report: SideEffectReport) -> Sequence[SideEffectReport]:
    """Every report after the same session, oldest first; where no session is known, those without one."""
    if not viewer.is_practitioner:
        return []
    wanted = select(SideEffectReport).where(SideEffectReport.client_id == report.client_id)
    visit, ended_at = col(SideEffectReport.appointment_id), col(SideEffectReport.followed_at)
    known = [one == of for one, of in ((visit, report.appointment_id), (ended_at, report.followed_at)) if of]
    wanted = wanted.where(sa.or_(*known) if known else sa.and_(visit.is_(None), ended_at.is_(None)))
    return db.exec(wanted.order_by(col(SideEffectReport.reported_at))).all()


def sources(db: Session, viewer: Viewer, report: SideEffectReport) -> Sources:
    """The case of a report that the viewer may see, whole. Raises NotFound."""
    file = case_file(db, viewer, report.id)
    actions, added = escalations.actions(db, viewer, report.id), addenda(db, viewer, file)
    staff = [*(one.by_id for one in actions), *(one.by_id for one in added)]
    staff += [file.written_by_id, file.signed_by_id or file.written_by_id]
    names = accounts.names(db, [report.client_id, *staff])
    return Sources(
        file=file,
        report=report,
        record=record_of(db, viewer, report),
        course=course(db, viewer, report),
        actions=actions,
        addenda=added,
        names=names,
        known_names={*names.values(), *(one.name for one in accounts.team(db))},
        phone=accounts.person(db, report.client_id).phone,
    )


def _visible_to(viewer: Viewer) -> SelectOfScalar[CaseFile]:
    seen = select(CaseFile)
    return seen if viewer.is_practitioner else seen.where(sa.false())
