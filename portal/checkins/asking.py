"""Which questions a report answers, and when a report is asked about again. Who calls holds the client's row."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from portal.checkins import queries, rules
from portal.checkins.models import CheckIn
from portal.checkins.rules import Kind, Limits, Why
from portal.kit.db import insert_once
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level

CHECK_IN = CheckIn.__table__  # type: ignore[attr-defined]


def hear(db: Session, report: SideEffectReport) -> None:
    """What a report answers: of the questions after a session the nearest (the ones before it are not asked any more),
    every follow-up whose window has opened, and, late, whatever was missed.
    """
    at = report.reported_at
    rows = [row for row in queries.unsettled(db, report.client_id) if row.report_id != report.id]
    opened = [row for row in rows if row.is_waiting and row.opens_at <= at]
    scheduled = [row for row in opened if not row.is_follow_up]
    for row in scheduled[:-1]:
        row.end(Why.HEARD, at)
    for row in (*scheduled[-1:], *(row for row in opened if row.is_follow_up), *_missed_before(rows, at)):
        row.answer(report.id, at)
    db.flush()


def _missed_before(rows: Sequence[CheckIn], at: datetime) -> list[CheckIn]:
    return [row for row in rows if row.missed_at and row.missed_at <= at]


def follow_all(db: Session, report: SideEffectReport) -> None:
    """Every open report is asked about; one that is only watched is asked about once, and the newest of them only."""
    limits = queries.limits(db)
    for one in queries.open_reports(db, report.client_id):
        ask_again(db, one, limits)
    if report.level is Level.WATCH and not report.is_open:
        _forget_watched(db, report)
        ask_again(db, report, limits)


def _forget_watched(db: Session, report: SideEffectReport) -> None:
    for row in queries.unsettled(db, report.client_id):
        if row.is_waiting and row.report_id and not db.get_one(SideEffectReport, row.report_id).is_open:
            row.end(Why.HEARD, report.reported_at)
    db.flush()


def ask_again(db: Session, report: SideEffectReport, limits: Limits) -> None:
    """The next question about a report, unless one waits."""
    last = queries.last_follow_up(db, report.id)
    if last and (last.is_waiting or last.ended_why is Why.ACCOUNT_CLOSED):
        return
    before = (
        (last.due_at, last.answered_at or last.ended_at, last.missed_at) if last else (report.reported_at, None, None)
    )
    number = last.number + 1 if last else 1
    every = rules.asked_every(limits.follow_up, number, is_alarm=report.level.is_alarm)
    due_at = rules.asked_again_at(*before, every)
    row = CheckIn(
        client_id=report.client_id,
        kind=Kind.FOLLOW_UP,
        report_id=report.id,
        hours=round(every / timedelta(hours=1)),
        number=number,
        opens_at=rules.halfway(max(report.reported_at, due_at - every), due_at),
        due_at=due_at,
        next_at=rules.remind_at(due_at, limits.quiet),
    )
    insert_once(db, CHECK_IN, row.model_dump(), "report_id", "number")


def ask_sooner(db: Session, report: SideEffectReport, limits: Limits, at: datetime) -> None:
    """It has become an alarm: what would have been asked in some days is asked as of an alarm, counted from now."""
    row = queries.last_follow_up(db, report.id)
    if row is None or not row.is_waiting or row.due_at <= at + limits.follow_up:
        return
    row.due_at = at + limits.follow_up
    row.opens_at = min(row.opens_at, rules.halfway(at, row.due_at))
    row.next_at = rules.remind_at(row.due_at, limits.quiet)
    db.flush()
