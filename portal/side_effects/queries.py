"""Reads of reports, and of what the rules need to know about a client."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, case, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.bookings import queries as bookings
from portal.kit.errors import NotFound
from portal.questionnaires import queries as questionnaires
from portal.side_effects import kept, running
from portal.side_effects.conditions import RISKS, Earlier
from portal.side_effects.layout import Stage
from portal.side_effects.models import ReportAcknowledgement, SideEffectReport
from portal.side_effects.rules import Level

# Which answers of the health questions lower which thresholds; these questions may be reworded, not removed.
RISK_OF = {
    "immune": "immune",
    "therapy": "immune",
    "systemic": "immune",
    "diabetes": "diabetes",
    "thinners": "anticoagulant",
    "bleeding": "anticoagulant",
    "keloid": "keloid",
    "allergy": "allergy",
}
_LEVELS = case({level.value: -level.rank for level in Level}, value=col(SideEffectReport.level))


class Followed(NamedTuple):
    """The treatment session a report comes after, as far as it is known."""

    appointment_id: UUID | None
    ended_at: datetime | None

    def hours(self, at: datetime) -> float | None:
        return max((at - self.ended_at) / timedelta(hours=1), 0.0) if self.ended_at else None


class Seen(NamedTuple):
    """Who has seen a report, and when."""

    name: str
    at: datetime


def reports(db: Session, viewer: Viewer, client_id: UUID, limit: int = 200) -> Sequence[SideEffectReport]:
    """A client's reports: open ones first, the most urgent first among them, then the others; newest first."""
    wanted = _visible_to(viewer).where(SideEffectReport.client_id == client_id)
    found = db.exec(wanted.order_by(col(SideEffectReport.reported_at).desc()).limit(limit)).all()
    return sorted(found, key=lambda one: (not one.is_open, -one.level.rank if one.is_open else 0))


def report(db: Session, viewer: Viewer, report_id: UUID) -> SideEffectReport:
    """One report. Raises NotFound."""
    found = db.exec(_visible_to(viewer).where(SideEffectReport.id == report_id)).first()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def open_reports(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[SideEffectReport]:
    """What waits for a practitioner: the most urgent first, then the longest waiting."""
    wanted = _visible_to(viewer).where(col(SideEffectReport.closed_at).is_(None), col(SideEffectReport.needs_person))
    return db.exec(wanted.order_by(_LEVELS, col(SideEffectReport.reported_at)).limit(limit)).all()


def open_levels(db: Session, client_id: UUID) -> frozenset[Level]:
    """The levels of a client's open reports: no word of them, for code that asks whether something is paused."""
    wanted = select(SideEffectReport.level).where(SideEffectReport.client_id == client_id)
    wanted = wanted.where(col(SideEffectReport.closed_at).is_(None), col(SideEffectReport.needs_person))
    return frozenset(map(Level, db.exec(wanted)))


def reports_since(
    db: Session, viewer: Viewer, client_ids: Collection[UUID], since: datetime
) -> Sequence[SideEffectReport]:
    """All that some clients reported from a moment on, the oldest first, in one statement."""
    wanted = _visible_to(viewer).where(col(SideEffectReport.client_id).in_(client_ids))
    wanted = wanted.where(SideEffectReport.reported_at >= since)
    return db.exec(wanted.order_by(col(SideEffectReport.reported_at))).all()


def acknowledged(db: Session, reports_seen: Sequence[SideEffectReport]) -> dict[UUID, list[Seen]]:
    """Who has seen these reports, first come first; for reports the viewer may see."""
    ids = [one.id for one in reports_seen]
    if not ids:
        return {}
    wanted = select(ReportAcknowledgement).where(col(ReportAcknowledgement.report_id).in_(ids))
    rows = db.exec(wanted.order_by(col(ReportAcknowledgement.at))).all()
    names = accounts.names(db, [row.practitioner_id for row in rows])
    found: dict[UUID, list[Seen]] = {}
    for row in rows:
        found.setdefault(row.report_id, []).append(Seen(names[row.practitioner_id], row.at))
    return found


def acknowledgement(db: Session, practitioner: Viewer, report_id: UUID) -> ReportAcknowledgement | None:
    """This practitioner's own."""
    wanted = select(ReportAcknowledgement).where(ReportAcknowledgement.report_id == report_id)
    return db.exec(wanted.where(ReportAcknowledgement.practitioner_id == practitioner.id)).first()


def followed(db: Session, viewer: Viewer, client_id: UUID) -> Followed:
    """The last treatment session that was attended, and when it ended."""
    began, _ = bookings.past_sessions(db, client_id)
    if began is None:
        return Followed(None, None)
    same = (one for one in bookings.appointments(db, viewer, client_id) if one.starts_at == began)
    appointment = next(same, None)
    return Followed(appointment.id, appointment.ends_at) if appointment else Followed(None, began)


def stage_now(db: Session, viewer: Viewer, client_id: UUID, at: datetime) -> Stage | None:
    """What is normal for this client at `at`; None before the first treatment session."""
    hours = followed(db, viewer, client_id).hours(at)
    return None if hours is None else running.table(db).stage(hours)


def earlier(db: Session, client_id: UUID, after: Followed) -> tuple[Earlier, ...]:
    """What the same client reported before about the same session, or (when that is not known) at any time."""
    wanted = select(SideEffectReport).where(SideEffectReport.client_id == client_id)
    if after.ended_at:
        wanted = wanted.where(SideEffectReport.followed_at == after.ended_at)
    rows = db.exec(wanted.order_by(col(SideEffectReport.reported_at))).all()
    return tuple(kept.earlier(row.hours, row.inputs) for row in rows)


def risks(db: Session, viewer: Viewer, client_id: UUID) -> frozenset[str]:
    """What in the last health answers asks for an earlier look. Not sure, and not asked, count as yes."""
    latest = questionnaires.newest(db, viewer, client_id)
    if latest is None:
        return RISKS
    return frozenset(risk for key, risk in RISK_OF.items() if latest.answers.get(key) != "no")


def _visible_to(viewer: Viewer) -> SelectOfScalar[SideEffectReport]:
    """A practitioner sees every report, anybody else their own: an admin sees no clinical text."""
    seen = select(SideEffectReport)
    return seen if viewer.is_practitioner else seen.where(col(SideEffectReport.client_id) == viewer.id)
