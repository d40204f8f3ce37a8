"""Reads of questions, for who may see them; what a step needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.bookings import queries as bookings
from portal.bookings.models import Appointment
from portal.bookings.rules import State as Visit
from portal.checkins.models import CheckIn, CheckInPolicy
from portal.checkins.rules import LOOK_BACK, Kind, Limits, State, Why
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind as Treated

MOST = 200
_ALARMS = [level for level in Level if level.is_alarm]
_WAITING = (
    col(CheckIn.answered_at).is_(None),
    col(CheckIn.missed_at).is_(None),
    col(CheckIn.ended_at).is_(None),
)
_TASK = (
    col(CheckIn.missed_at).is_not(None),
    col(CheckIn.answered_at).is_(None),
    col(CheckIn.closed_at).is_(None),
    col(CheckIn.ended_at).is_(None),
)


@dataclass(frozen=True, slots=True)
class Silence:
    """What one client has not answered about one session or report: the last question first. `since`: the first."""

    missed: Sequence[CheckIn]
    in_alarm: bool

    @property
    def last(self) -> CheckIn:
        return self.missed[0]

    @property
    def client_id(self) -> UUID:
        return self.last.client_id

    @property
    def what(self) -> str:
        """“Has not answered the 24-hour check-in”."""
        if self.last.is_follow_up:
            return "Has not answered how it is now"
        more = len(self.missed) - 1
        return f"Has not answered the {self.last.called}" + (f" and {more} before it" if more else "")

    @property
    def since(self) -> datetime:
        return min(one.missed_at or one.due_at for one in self.missed)


def policy(db: Session) -> CheckInPolicy:
    """The clinic's limits; defaults before an admin set them."""
    return db.exec(select(CheckInPolicy)).first() or CheckInPolicy()


def limits(db: Session) -> Limits:
    return policy(db).limits(ZoneInfo(clinic.profile(db).time_zone))


def check_in(db: Session, viewer: Viewer, check_in_id: UUID) -> CheckIn:
    """One question. Raises NotFound."""
    found = db.exec(_visible_to(viewer).where(CheckIn.id == check_in_id)).first()
    if found is None:
        raise NotFound("There is no such check-in.")
    return found


def present(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[CheckIn]:
    """The questions of a client's last session, and all about reports since it, in order of time."""
    mine = _visible_to(viewer).where(CheckIn.client_id == client_id)
    newest = mine.where(CheckIn.kind == Kind.SCHEDULED, col(CheckIn.ended_why).is_distinct_from(Why.NEXT_SESSION))
    last = db.exec(newest.order_by(col(CheckIn.due_at).desc())).first()
    if last is None:
        return db.exec(mine.order_by(col(CheckIn.due_at).desc()).limit(MOST)).all()[::-1]
    begins = sa.select(sa.func.min(CheckIn.opens_at)).where(col(CheckIn.appointment_id) == last.appointment_id)
    of_it = sa.or_(
        col(CheckIn.appointment_id) == last.appointment_id,
        sa.and_(col(CheckIn.report_id).is_not(None), col(CheckIn.opens_at) >= begins.scalar_subquery()),
        sa.and_(*_WAITING),
    )
    return db.exec(mine.where(of_it).order_by(col(CheckIn.due_at)).limit(MOST)).all()


def with_states(db: Session, viewer: Viewer, client_id: UUID) -> list[tuple[CheckIn, State]]:
    """The same, each with what has become of it by now."""
    at = clock.now()
    return [(row, row.state(at)) for row in present(db, viewer, client_id)]


def due(db: Session, viewer: Viewer) -> Sequence[CheckIn]:
    """What the viewer can answer now, as a client: what is due, then what was missed; the last first."""
    mine = select(CheckIn).where(CheckIn.client_id == viewer.id, sa.or_(sa.and_(*_WAITING), sa.and_(*_TASK)))
    at = clock.now()
    rows = [one for one in db.exec(mine.limit(MOST)) if one.state(at) in {State.DUE, State.MISSED}]
    return sorted(rows, key=lambda one: (one.is_task, -one.due_at.timestamp()))


def silent(db: Session, viewer: Viewer) -> list[Silence]:
    """Who did not answer, for practitioners: one for each session or report, at most `MOST`: those of clients with an
    open alarm first, then the longest silence.
    """
    if not viewer.is_practitioner:
        return []
    about, alarmed = sa.func.coalesce(CheckIn.report_id, CheckIn.appointment_id), col(CheckIn.client_id).in_(_alarmed())
    most = sa.select(about).where(*_TASK).group_by(about, col(CheckIn.client_id))
    most = most.order_by(sa.case((alarmed, 0), else_=1), sa.func.min(CheckIn.missed_at)).limit(MOST)
    wanted = select(CheckIn, alarmed).where(*_TASK, about.in_(most)).order_by(col(CheckIn.missed_at))
    groups: dict[UUID, list[CheckIn]] = {}
    in_alarm: set[UUID] = set()
    for row, is_alarmed in db.exec(wanted):
        groups.setdefault(row.about, []).insert(0, row)
        in_alarm.update([row.about] if is_alarmed else ())
    return [Silence(group, which in in_alarm) for which, group in groups.items()]


def together_with(db: Session, row: CheckIn) -> Sequence[CheckIn]:
    """What is settled by one look: everything missed and open about the same session or report, the last first."""
    wanted = select(CheckIn).where(*_TASK, CheckIn.client_id == row.client_id)
    wanted = wanted.where(col(CheckIn.appointment_id).is_not_distinct_from(row.appointment_id))
    wanted = wanted.where(col(CheckIn.report_id).is_not_distinct_from(row.report_id))
    return db.exec(wanted.order_by(col(CheckIn.due_at).desc())).all()


def former(db: Session, row: CheckIn) -> SideEffectReport | None:
    """What its client last told, since the session or report it asks about."""
    last = select(SideEffectReport).where(SideEffectReport.client_id == row.client_id)
    last = last.where(SideEffectReport.reported_at >= begun(db, row))
    return db.exec(last.order_by(col(SideEffectReport.reported_at).desc())).first()


def about(db: Session, row: CheckIn) -> SideEffectReport | None:
    """The report a follow-up asks about."""
    return db.get(SideEffectReport, row.report_id) if row.report_id else None


def begun(db: Session, row: CheckIn) -> datetime:
    """When the session ended, or the report was made, that it asks about."""
    if row.report_id:
        return db.get_one(SideEffectReport, row.report_id).reported_at
    return db.get_one(Appointment, row.appointment_id).ends_at


def to_plan(db: Session, at: datetime) -> Sequence[UUID]:
    """Sessions that ended lately and have no questions yet, or none any more because they were thought not to have
    been; the oldest first. Of those without any hours to ask at there is nothing to plan.
    """
    wanted = select(Appointment.id).join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
    asked = sa.exists().where(col(CheckIn.appointment_id) == Appointment.id)
    wanted = wanted.where(
        *_held(at),
        Treatment.kind == Treated.SESSION,
        sa.cast(col(Treatment.check_in_hours), sa.String) != "[]",
        Appointment.ends_at > at - LOOK_BACK,
        sa.or_(~asked, asked.where(col(CheckIn.ended_why) == Why.NOT_ATTENDED)),
    )
    return db.exec(wanted.order_by(col(Appointment.ends_at)).limit(MOST)).all()


def to_look_at(db: Session, at: datetime | None, limit: int | None = None) -> Sequence[UUID]:
    """What is due at a moment, the longest first; without a moment, everything that waits."""
    wanted = select(CheckIn.id).where(col(CheckIn.next_at).is_not(None))
    wanted = wanted.where(col(CheckIn.next_at) <= at) if at else wanted
    return db.exec(wanted.order_by(col(CheckIn.next_at)).limit(limit)).all()


def unfollowed(db: Session, at: datetime) -> Sequence[UUID]:
    """Open reports, not too old when we first see them, about which nobody is going to ask."""
    asked = sa.exists().where(
        col(CheckIn.report_id) == SideEffectReport.id,
        sa.or_(sa.and_(*_WAITING), col(CheckIn.ended_why) == Why.ACCOUNT_CLOSED),
    )
    known = sa.exists().where(col(CheckIn.report_id) == SideEffectReport.id)
    wanted = select(SideEffectReport.id).where(*_open(), ~asked)
    wanted = wanted.where(sa.or_(col(SideEffectReport.reported_at) > at - LOOK_BACK, known))
    return db.exec(wanted.order_by(col(SideEffectReport.reported_at)).limit(MOST)).all()


def unsettled(db: Session, client_id: UUID) -> Sequence[CheckIn]:
    """A client's questions that a report may answer, in order: waiting, or missed with nobody having settled it."""
    wanted = select(CheckIn).where(CheckIn.client_id == client_id, sa.or_(sa.and_(*_WAITING), sa.and_(*_TASK)))
    return db.exec(wanted.order_by(col(CheckIn.due_at))).all()


def open_reports(db: Session, client_id: UUID) -> Sequence[SideEffectReport]:
    """A client's reports that a person still has to close."""
    return db.exec(select(SideEffectReport).where(SideEffectReport.client_id == client_id, *_open())).all()


def reports_since(db: Session, client_id: UUID, since: datetime) -> Sequence[SideEffectReport]:
    """In order of time."""
    wanted = select(SideEffectReport).where(SideEffectReport.client_id == client_id)
    wanted = wanted.where(SideEffectReport.reported_at >= since)
    return db.exec(wanted.order_by(col(SideEffectReport.reported_at))).all()


def scheduled(db: Session, appointment_id: UUID, hours: int) -> CheckIn:
    return db.exec(select(CheckIn).where(CheckIn.appointment_id == appointment_id, CheckIn.hours == hours)).one()


def is_reminded(db: Session, row: CheckIn, since: datetime) -> bool:
    """Whether its client was reminded lately of another question, of another kind or report, that still waits."""
    wanted = select(CheckIn.id).where(CheckIn.client_id == row.client_id, CheckIn.id != row.id, *_WAITING)
    wanted = wanted.where(col(CheckIn.reminded_at) >= since)
    wanted = wanted.where(col(CheckIn.report_id).is_distinct_from(row.report_id))
    return db.exec(wanted).first() is not None


def last_follow_up(db: Session, report_id: UUID) -> CheckIn | None:
    wanted = select(CheckIn).where(CheckIn.report_id == report_id)
    return db.exec(wanted.order_by(col(CheckIn.number).desc())).first()


def is_held(db: Session, appointment_id: UUID, at: datetime) -> bool:
    """Whether a session was, as far as we know: it is over, and nobody has said that it did not take place."""
    return db.exec(select(Appointment.id).where(Appointment.id == appointment_id, *_held(at))).first() is not None


def is_unmarked(db: Session, row: CheckIn) -> bool:
    """Whether nobody has said yet that the session a question is about took place."""
    return db.get_one(Appointment, row.appointment_id).is_booked if row.appointment_id else False


def is_last(db: Session, visit: Appointment, at: datetime) -> bool:
    """Whether no later session of the same client is over."""
    later = bookings.session_rows(visit.client_id).where(*_held(at), Appointment.starts_at > visit.starts_at)
    return db.exec(later.limit(1)).first() is None


def _held(at: datetime) -> tuple[Any, ...]:
    """Attended; or booked and over: in all likelihood it was, and its record is signed tomorrow. What is on hold when
    its time has come, was not.
    """
    state = col(Appointment.state)
    was = sa.and_(state == Visit.BOOKED, col(Appointment.on_hold_since).is_(None))
    return sa.or_(state == Visit.ATTENDED, was), Appointment.ends_at <= at


def _open() -> tuple[Any, ...]:
    return col(SideEffectReport.closed_at).is_(None), col(SideEffectReport.needs_person)


def _alarmed() -> SelectOfScalar[UUID]:
    return select(SideEffectReport.client_id).where(*_open(), col(SideEffectReport.level).in_(_ALARMS))


def _visible_to(viewer: Viewer) -> SelectOfScalar[CheckIn]:
    """A practitioner sees every question, anybody else their own."""
    seen = select(CheckIn)
    return seen if viewer.is_practitioner else seen.where(col(CheckIn.client_id) == viewer.id)
