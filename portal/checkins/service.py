"""Verbs: a client answers, a practitioner settles what was not answered, an admin sets the limits.

`reported`, `raised`, `report_closed`, `not_attended` and `account_closed` listen, in the transactions of others.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings.models import Appointment
from portal.checkins import asking, queries
from portal.checkins.forms import CheckInForm, PolicyForm, SettleForm
from portal.checkins.models import CheckIn, CheckInPolicy
from portal.checkins.rules import SAME_ANSWER, Why
from portal.checkins.steps import ADVANCE
from portal.kit import clock, jobs
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.side_effects import service as side_effects
from portal.side_effects.models import SideEffectReport

log = logging.getLogger("portal.checkins")
_PERSON = Person.__table__  # type: ignore[attr-defined]


def reported(db: Session, report: SideEffectReport) -> None:
    """A report answers what was asked, and may be asked about itself. What goes wrong here never costs the report."""
    try:
        with db.begin_nested():
            lock_row(db, _PERSON, report.client_id)
            asking.hear(db, report)
            asking.follow_all(db, report)
    except Exception:
        log.exception("a report waits to be matched with its check-ins")


def raised(db: Session, report: SideEffectReport) -> None:
    """A report that had time has none any more. What goes wrong here never costs the report."""
    if not report.level.is_alarm:
        return
    try:
        with db.begin_nested():
            lock_row(db, _PERSON, report.client_id)
            asking.ask_sooner(db, report, queries.limits(db), clock.now())
    except Exception:
        log.exception("an alarm waits to be asked about")


def not_attended(db: Session, appointment: Appointment) -> None:
    """Who was not there is not asked, and need not have answered."""
    _end(db, appointment.client_id, Why.NOT_ATTENDED, lambda row: row.appointment_id == appointment.id)


def report_closed(db: Session, report: SideEffectReport) -> None:
    """A closed report is no longer asked about, and who closed it has dealt with the silence about it."""
    _end(db, report.client_id, Why.REPORT_CLOSED, lambda row: row.report_id == report.id)


def account_closed(db: Session, person: Person) -> None:
    """Nobody is asked who cannot sign in."""
    _end(db, person.id, Why.ACCOUNT_CLOSED, lambda _: True)


def answer(db: Session, client: Viewer, row: CheckIn, form: CheckInForm) -> SideEffectReport:
    """Keep the answer as a report, judged like any other; `reported` matches it. The same answer sent twice within
    minutes is one report; another one, or the same hours later, is never lost, also when the question is over.
    """
    lock_row(db, _PERSON, client.id)
    db.refresh(row)
    known = db.get(SideEffectReport, row.answer_id) if row.answer_id else None
    if known and clock.now() - known.reported_at <= SAME_ANSWER and _is_same(known, form):
        return known
    return side_effects.report(db, client, form)


def settle(db: Session, practitioner: Viewer, row: CheckIn, form: SettleForm) -> None:
    """Say what was done about a client who does not answer; it settles all that was missed about the same session or
    report. Raises Refused when there is nothing to settle any more.
    """
    if not practitioner.is_practitioner:
        raise NotAllowed("Only a practitioner settles what a client did not answer.")
    lock_row(db, _PERSON, row.client_id)
    db.refresh(row)
    if not row.is_task:
        raise Refused("The client has answered meanwhile, or somebody has settled it.", ("To the queue", "/queue"))
    at = clock.now()
    for one in queries.together_with(db, row):
        one.closed_at, one.closed_by_id, one.did, one.closing_note = at, practitioner.id, form.did, form.note
    db.flush()
    audit.record(db, practitioner, "checkins.settled", row, row.client_id)


def edit_policy(db: Session, admin: Viewer, form: PolicyForm) -> CheckInPolicy:
    """Store the limits; what waits goes by them from the next minute on."""
    row = queries.policy(db)
    row.sqlmodel_update(form.model_dump())
    db.add(row)
    db.flush()
    audit.record(db, admin, "checkins.policy_edited", row)
    jobs.enqueue(db, ADVANCE, f"{ADVANCE}:policy:{clock.now():%Y%m%d%H%M%S%f}", {"all": True})
    return row


def _is_same(report: SideEffectReport, form: CheckInForm) -> bool:
    told = ([str(one) for one in form.symptoms], form.answers(), form.note)
    return (report.symptoms, report.answers, report.note) == told


def _end(db: Session, client_id: UUID, why: Why, is_over: Callable[[CheckIn], bool]) -> None:
    """Those of a client's unsettled questions that are over are no longer asked."""
    at = clock.now()
    lock_row(db, _PERSON, client_id)
    for row in filter(is_over, queries.unsettled(db, client_id)):
        row.end(why, at)
    db.flush()
