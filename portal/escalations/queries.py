"""Reads of running clocks, for who works here; what a step needs to know; the alarm load."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.models import TimeOff
from portal.availability.rules import Span
from portal.clinic import queries as clinic
from portal.escalations import opening, rules
from portal.escalations.models import CaseAction, Escalation, EscalationNotice, EscalationPolicy
from portal.escalations.rules import ActionKind, Alarm, Clocks, Step, Week
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level

AHEAD_DAYS = 28  # a clinic that is shut for longer than this is told of a report all the same
MOST = 200
UNSEEN = select(func.count()).where(
    col(Escalation.done_at).is_(None),
    col(Escalation.acted_at).is_(None),
    col(Escalation.acknowledged_at).is_(None),
    col(Escalation.level).in_(rules.ALARMS),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the plan of any escalation needs of the clinic at one moment."""

    clocks: Clocks
    duty: tuple[UUID, ...]
    hours: Sequence[Span]


class Told(NamedTuple):
    """One person at one step."""

    person_id: UUID
    name: str
    step: int
    at: datetime


class Standing(NamedTuple):
    """What the client of a report reads of its clock: whether somebody was told of it, when somebody is if nobody has
    been yet, and by when somebody means to have acted.
    """

    is_told: bool
    read_from: datetime | None
    answered_by: datetime | None


class Done(NamedTuple):
    """One action as a page shows it."""

    label: str
    text: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One escalation as pages show it. `next_to`: who is told at `next_at`, if nothing happens until then."""

    escalation: Escalation
    report: SideEffectReport
    client_name: str
    told: Sequence[Told]
    actions: Sequence[Done]
    seen_by: str
    next_to: Sequence[str]
    is_red: bool

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What may have been done, as choices."""
        return [(kind.value, kind.label) for kind in ActionKind]


def policy(db: Session) -> EscalationPolicy:
    """The clinic's limits; defaults before an admin set them."""
    return db.exec(select(EscalationPolicy)).first() or EscalationPolicy()


def running(db: Session, viewer: Viewer) -> list[Case]:
    """Every clock that has not ended: the red ones, then the most urgent, then what nobody has, then the oldest."""
    wanted = _visible_to(viewer).where(col(Escalation.done_at).is_(None)).order_by(col(Escalation.raised_at))
    cases, at = _cases(db, db.exec(wanted.limit(MOST)).all()), clock.now()
    return sorted(cases, key=lambda one: _order(one.escalation, at))


def of_report(db: Session, viewer: Viewer, report_id: UUID) -> Case | None:
    """The case of one report; None for a report that needs nobody, and for whoever is no practitioner."""
    cases = _cases(db, db.exec(_visible_to(viewer).where(Escalation.report_id == report_id)).all())
    return cases[0] if cases else None


def standing(db: Session, viewer: Viewer, report_id: UUID) -> Standing | None:
    """How it stands while nobody has acted: for practitioners, and for the client of the report. Told of it counts
    since it was raised last: who knew of what it was before has not been told that it is more now.
    """
    wanted = select(Escalation).where(Escalation.report_id == report_id, col(Escalation.acted_at).is_(None))
    wanted = wanted.where(col(Escalation.done_at).is_(None))
    row = db.exec(wanted if viewer.is_practitioner else wanted.where(Escalation.client_id == viewer.id)).first()
    if row is None:
        return None
    told = select(EscalationNotice.id).where(EscalationNotice.escalation_id == row.id)
    is_told = db.exec(told.where(EscalationNotice.at >= row.raised_at).limit(1)).first() is not None
    return Standing(is_told, None if is_told else row.next_at, row.due_at)


def escalation(db: Session, viewer: Viewer, report_id: UUID) -> Escalation:
    """One report's clock. Raises NotFound."""
    found = db.exec(_visible_to(viewer).where(Escalation.report_id == report_id)).first()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def load(db: Session, viewer: Viewer, weeks: int = 8) -> list[Week]:
    """How many reports raised an alarm and how fast somebody acted: numbers only, for the team."""
    if not viewer.is_staff:
        return []
    zone, at = ZoneInfo(clinic.profile(db).time_zone), clock.now()
    since = at - timedelta(weeks=weeks + 1)
    reports = db.exec(select(SideEffectReport.reported_at).where(SideEffectReport.reported_at >= since)).all()
    wanted = select(Escalation).where(col(Escalation.level).in_(rules.ALARMS), Escalation.raised_at >= since)
    alarms = [Alarm(row.raised_at, row.due_at, row.seen_at, row.acted_at) for row in db.exec(wanted)]
    return rules.by_week(reports, alarms, at, zone, weeks)


def to_look_at(db: Session, at: datetime | None) -> Sequence[UUID]:
    """What is due at a moment, the longest first; without a moment, everything whose clock runs."""
    wanted = select(Escalation.id).where(col(Escalation.next_at).is_not(None))
    wanted = wanted.where(col(Escalation.next_at) <= at) if at else wanted
    return db.exec(wanted.order_by(col(Escalation.next_at))).all()


def by_report(db: Session, report_id: UUID) -> Escalation | None:
    """For the verbs: whoever acts has been let in already."""
    return db.exec(select(Escalation).where(Escalation.report_id == report_id)).first()


def is_acted_on(db: Session, report_id: UUID) -> bool:
    """Whether anything was written down as done about a report, also before it became what it is now."""
    return db.exec(select(CaseAction.id).where(CaseAction.report_id == report_id)).first() is not None


def actions(db: Session, viewer: Viewer, report_id: UUID) -> Sequence[CaseAction]:
    """What was done about one report, oldest first; for practitioners."""
    if not viewer.is_practitioner:
        return []
    return db.exec(select(CaseAction).where(CaseAction.report_id == report_id).order_by(col(CaseAction.at))).all()


def facts(db: Session, level: Level, since: datetime, at: datetime) -> Facts:
    """The clinic's limits, who is on duty at `at`, and its hours from `since` on; what is urgent asks for no hours."""
    known = policy(db)
    is_urgent = level is Level.URGENT
    first = (at if is_urgent else min(since, at)).astimezone(availability.clinic_zone(db)).date()
    calendar = availability.team(db, first, 1 if is_urgent else max((at - since).days, 0) + AHEAD_DAYS)
    working = {who for who, spans in opening.at_work(calendar).items() if any(one[0] <= at < one[1] for one in spans)}
    away = db.exec(select(TimeOff.practitioner_id).where(TimeOff.starts_at <= at, TimeOff.ends_at > at)).all()
    everyone = [one.id for one in accounts.practitioners(db)]
    duty = rules.in_duty_order([UUID(one) for one in known.duty], everyone, working, away)
    return Facts(known.clocks, duty, opening.open_hours(calendar))


def told_in(db: Session, ids: Iterable[UUID]) -> dict[UUID, list[Told]]:
    """Who was told of these escalations, in order."""
    wanted = select(EscalationNotice).where(col(EscalationNotice.escalation_id).in_(list(ids)))
    rows = db.exec(wanted.order_by(col(EscalationNotice.step), col(EscalationNotice.at))).all()
    names = accounts.names(db, [row.person_id for row in rows])
    found: dict[UUID, list[Told]] = {}
    for row in rows:
        found.setdefault(row.escalation_id, []).append(Told(row.person_id, names[row.person_id], row.step, row.at))
    return found


def steps(row: Escalation, report: SideEffectReport, told: Sequence[Told], known: Facts) -> tuple[Step, ...]:
    """All steps of the present round; the row's next one is number `step - first_step`. Who asks for a person is heard
    at once; a round after somebody had it goes by the hours again.
    """
    at_once = report.asks_for_person and row.acknowledged_by_id is None
    now_told = [one.person_id for one in told if one.step >= row.first_step]
    line = rules.in_line(known.duty, now_told, row.acknowledged_by_id)
    return rules.plan(row.level, row.since, known.clocks, line, line, known.hours, at_once=at_once)


def _cases(db: Session, rows: Sequence[Escalation]) -> list[Case]:
    if not rows:
        return []
    at, told = clock.now(), told_in(db, [row.id for row in rows])
    found = db.exec(select(SideEffectReport).where(col(SideEffectReport.id).in_([row.report_id for row in rows])))
    reports = {one.id: one for one in found}
    done = _actions(db, list(reports))
    slow = [row.since for row in rows if row.is_waiting and row.level is not Level.URGENT]
    known = facts(db, Level.DAY if slow else Level.URGENT, min(slow, default=at), at)
    people = {row.client_id for row in rows} | {row.acknowledged_by_id for row in rows if row.acknowledged_by_id}
    names = accounts.names(db, [*people, *known.duty])
    return [
        Case(
            row,
            reports[row.report_id],
            names[row.client_id],
            told.get(row.id, ()),
            done.get(row.report_id, ()),
            names[row.acknowledged_by_id] if row.acknowledged_by_id and row.acknowledged_at else "",
            [names[one] for one in _next_to(row, reports[row.report_id], told.get(row.id, ()), known)],
            row.is_red(at),
        )
        for row in rows
    ]


def _next_to(row: Escalation, report: SideEffectReport, told: Sequence[Told], known: Facts) -> Sequence[UUID]:
    if row.next_at is None:
        return ()
    if row.acknowledged_at:
        return rules.in_line(known.duty, (), row.acknowledged_by_id)[:1]
    left = steps(row, report, told, known)[row.step - row.first_step :]
    return left[0].to if left else ()


def _actions(db: Session, report_ids: Sequence[UUID]) -> dict[UUID, list[Done]]:
    wanted = select(CaseAction).where(col(CaseAction.report_id).in_(report_ids)).order_by(col(CaseAction.at))
    rows = db.exec(wanted).all()
    names = accounts.names(db, [row.by_id for row in rows])
    found: dict[UUID, list[Done]] = {}
    for row in rows:
        found.setdefault(row.report_id, []).append(Done(row.kind.label, row.text, names[row.by_id], row.at))
    return found


def _order(row: Escalation, at: datetime) -> tuple[bool, int, bool, datetime]:
    return not row.is_red(at), -row.level.rank, not row.is_waiting, row.raised_at


def _visible_to(viewer: Viewer) -> SelectOfScalar[Escalation]:
    """Practitioners see every clock, nobody else any: a client reads “Seen by …” with the report itself."""
    seen = select(Escalation)
    return seen if viewer.is_practitioner else seen.where(sa.false())
