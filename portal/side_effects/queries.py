"""Reads of reports, and of what the rules need to know about a client."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, and_, case, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.bookings import queries as bookings
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.kit import clock
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
SIGNED_WITHIN = timedelta(hours=36)  # of the planned end of a session
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
    """The last treatment session that was attended, and when it ended.

    A later one whose time has come, and of which nobody has said yet whether it took place, comes before it. Records
    are signed as a rule by the next day: so long it counts as held as planned; after that nobody knows by which of the
    two to judge, so the hours are unknown and the strictest rows count.
    """
    if not (viewer.is_practitioner or viewer.id == client_id):
        return Followed(None, None)
    begun = or_(Appointment.state == State.ATTENDED, col(Appointment.starts_at) <= clock.now())
    wanted = bookings.session_rows(client_id).where(begun).order_by(col(Appointment.starts_at).desc())
    last = db.exec(wanted.limit(1)).first()
    if last is None:
        return Followed(None, None)
    is_held = last.state is State.ATTENDED or timedelta(0) <= clock.now() - last.ends_at <= SIGNED_WITHIN
    return Followed(last.id, last.ends_at if is_held else None)


def stage_now(db: Session, viewer: Viewer, client_id: UUID, at: datetime) -> Stage | None:
    """What is normal for this client at `at`; None before the first treatment session, or when it is not known which
    was the last.
    """
    hours = followed(db, viewer, client_id).hours(at)
    return None if hours is None else running.table(db).stage(hours)


def earlier(db: Session, client_id: UUID, after: Followed) -> tuple[Earlier, ...]:
    """What the same client reported before about the same session, or (when that is not known) at any time.

    What was told before anybody said that the session took place has its hours now.
    """
    wanted = select(SideEffectReport).where(SideEffectReport.client_id == client_id)
    if after.ended_at:
        followed_at = col(SideEffectReport.followed_at)
        own = and_(followed_at.is_(None), col(SideEffectReport.appointment_id) == after.appointment_id)
        wanted = wanted.where(or_(followed_at == after.ended_at, own))
    rows = db.exec(wanted.order_by(col(SideEffectReport.reported_at))).all()
    return tuple(
        kept.earlier(after.hours(row.reported_at) if row.hours is None else row.hours, row.inputs) for row in rows
    )


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
