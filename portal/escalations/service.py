"""The clock of a report: it starts, does its steps, stops when somebody has it, and ends when the report is closed.

`raised`, `seen` and `closed` listen to side_effects, in its transactions. Whatever changes a clock first locks the
client's row, then the clock's own; a step locks only the clock's: so any number of workers may do steps at once.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.escalations import notices, queries, rules
from portal.escalations.forms import ActionForm, PolicyForm
from portal.escalations.models import CaseAction, Escalation, EscalationNotice, EscalationPolicy
from portal.escalations.rules import Step
from portal.kit import clock, jobs
from portal.kit.db import insert_once, lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.side_effects import service as side_effects
from portal.side_effects.models import SideEffectReport

log = logging.getLogger("portal.escalations")
ADVANCE = "escalations.advance"  # the job that does every step that is due
ASK_ANEW = timedelta(hours=1)
WHO = "Please choose practitioners who work here, each of them once."
_PERSON = Person.__table__  # type: ignore[attr-defined]
_ESCALATION = Escalation.__table__  # type: ignore[attr-defined]
_NOTICE = EscalationNotice.__table__  # type: ignore[attr-defined]


def raised(db: Session, report: SideEffectReport) -> None:
    """A report needs a person, or does so more than before: its clock starts, or starts anew one level up, never down.
    News about a report that somebody has already starts it anew, too: nobody has seen the news. While nobody has it,
    a client who asks for a person begins a new round; by when somebody must have acted stays.
    """
    if not report.is_open:
        return
    row = _locked(db, report)
    if row is None:
        _start(db, Escalation(report_id=report.id, client_id=report.client_id, level=report.level, due_at=clock.now()))
    elif report.level.rank > row.level.rank or not row.is_waiting:
        row.level = max(row.level, report.level, key=lambda level: level.rank)
        _start(db, row)
    elif report.asks_for_person:
        _new_round(row, clock.now())
        _first_step(db, row)


def seen(db: Session, report: SideEffectReport, practitioner_id: UUID) -> None:
    """Somebody has it: the clock stops until it is time to ask what became of it. The first one has it."""
    row = _locked(db, report)
    if row is None or not row.is_waiting:
        return
    at = clock.now()
    row.acknowledged_at, row.acknowledged_by_id, row.seen_at = at, practitioner_id, row.seen_at or at
    row.next_at = _act_by(db, row, at)
    db.flush()


def closed(db: Session, report: SideEffectReport) -> None:
    """The clock ends. Raises Refused, so that nothing is closed, for an alarm about which nothing was done."""
    row = _locked(db, report)
    level = max((report.level, row.level if row else report.level), key=lambda one: one.rank)
    is_acted_on = row.acted_at is not None if row else queries.is_acted_on(db, report.id)
    if level in rules.ALARMS and not is_acted_on:
        raise Refused(rules.ACT_FIRST, ("Back to the report", side_effects.address(report)))
    if row:
        row.done_at, row.next_at = clock.now(), None
        db.flush()


def take(db: Session, practitioner: Viewer, report: SideEffectReport) -> None:
    """“I have it”, also by somebody who had it before and let it lie."""
    if not practitioner.is_practitioner:
        raise NotAllowed("Only a practitioner takes care of a report.")
    side_effects.acknowledge(db, practitioner, report)
    seen(db, report, practitioner.id)


def act(db: Session, practitioner: Viewer, report: SideEffectReport, form: ActionForm) -> CaseAction:
    """Write down what was done: the clock stops. Raises Refused when the report is closed."""
    if report.closed_at:
        raise Refused("This report is closed already.", ("See the report", side_effects.address(report)))
    take(db, practitioner, report)
    row = _locked(db, report)
    done = CaseAction(
        report_id=report.id, client_id=report.client_id, kind=form.kind, text=form.text, by_id=practitioner.id
    )
    db.add(done)
    if row:
        row.acted_at, row.next_at = row.acted_at or done.at, None
    db.flush()
    audit.record(db, practitioner, "escalations.acted", done, report.client_id)
    return done


def advance(db: Session, escalation_id: UUID, *, even_if_not_due: bool = False) -> bool:
    """Do one step if one is due: tell somebody, or pass it on from who had it and did nothing. False: nothing is due,
    and the row says when to look again; `even_if_not_due` works that out anew.
    """
    at = clock.now()
    lock_row(db, _ESCALATION, escalation_id)
    row = db.get(Escalation, escalation_id, populate_existing=True)
    if row is None or row.next_at is None or (at < row.next_at and not even_if_not_due):
        return False
    return _pass_on(db, row, at) if row.acknowledged_at else _next_step(db, row, at)


def tick(db: Session) -> None:
    """Each minute: have a job do what is due. Each hour it looks at every clock: opening hours may have changed."""
    at = clock.now()
    if queries.to_look_at(db, at):
        jobs.enqueue(db, ADVANCE, f"{ADVANCE}:{at:%Y%m%d%H%M}")
    if queries.to_look_at(db, None):
        jobs.enqueue(db, ADVANCE, f"{ADVANCE}:all:{at:%Y%m%d%H}", {"all": True})


def edit_policy(db: Session, admin: Viewer, form: PolicyForm) -> EscalationPolicy:
    """Store the limits and the duty order; clocks that run go by them from the next minute on. What was promised to a
    client stays. Raises Refused for somebody who does not treat here.
    """
    known = {one.id for one in accounts.practitioners(db)}
    if not set(form.duty) <= known:
        raise Refused(WHO)
    row = queries.policy(db)
    row.sqlmodel_update(form.values)
    db.add(row)
    db.flush()
    audit.record(db, admin, "escalations.policy_edited", row)
    jobs.enqueue(db, ADVANCE, f"{ADVANCE}:policy:{clock.now():%Y%m%d%H%M%S%f}", {"all": True})
    return row


def account_closed(db: Session, person: Person) -> None:
    """Who works here no longer has nothing: what they had goes to the next person now."""
    if person.is_practitioner:
        jobs.enqueue(db, ADVANCE, f"{ADVANCE}:closed:{person.id}:{clock.now():%Y%m%d%H%M%S%f}", {"all": True})


def _locked(db: Session, report: SideEffectReport) -> Escalation | None:
    """A report's clock as it is now and stays until this transaction ends, if it has one."""
    lock_row(db, _PERSON, report.client_id)
    row = queries.by_report(db, report.id)
    if row:
        lock_row(db, _ESCALATION, row.id)
        db.refresh(row)
    return row


def _start(db: Session, row: Escalation) -> None:
    """A round begins now, and its first step is done with the report itself. If that goes wrong the report is kept all
    the same, and the tick does the step.
    """
    at = clock.now()
    row.raised_at, row.due_at = at, rules.due(row.level, at, queries.policy(db).clocks)
    row.acknowledged_at = row.acknowledged_by_id = row.seen_at = row.acted_at = row.done_at = None
    _new_round(row, at)
    db.add(row)
    db.flush()
    audit.record(db, None, "escalations.raised", row, row.client_id)
    _first_step(db, row)


def _first_step(db: Session, row: Escalation) -> None:
    db.flush()
    try:
        with db.begin_nested():
            _next_step(db, row, row.since)
    except Exception:
        log.exception("the first step waits for the tick")


def _new_round(row: Escalation, at: datetime) -> None:
    row.since, row.first_step, row.next_at = at, row.step, at


def _pass_on(db: Session, row: Escalation, at: datetime) -> bool:
    by = _act_by(db, row, row.acknowledged_at or at)
    works_here = row.acknowledged_by_id in {one.id for one in accounts.practitioners(db)}
    if at < by and works_here:
        row.next_at = by
        return False
    row.acknowledged_at = None
    _new_round(row, at)
    db.flush()
    audit.record(db, None, "escalations.passed_on", row, row.client_id)
    return True


def _act_by(db: Session, row: Escalation, seen_at: datetime) -> datetime:
    known = queries.facts(db, row.level, seen_at, clock.now())
    return rules.act_by(row.level, seen_at, row.due_at, known.clocks, known.hours)


def _next_step(db: Session, row: Escalation, at: datetime) -> bool:
    known = queries.facts(db, row.level, row.since, at)
    report = db.get_one(SideEffectReport, row.report_id)
    steps = queries.steps(row, report, queries.told_in(db, [row.id]).get(row.id, ()), known)
    left = steps[row.step - row.first_step :]
    if not left or at < left[0].at:
        row.next_at = left[0].at if left else None
        return False
    if not left[0].to:  # nobody works here: no step is used up, so that who comes back is told
        row.next_at = at + ASK_ANEW
        return False
    _tell(db, row, left[0], known.clocks.follow_up_due.days, at)
    row.step, row.next_at = row.step + 1, left[1].at if left[1:] else None
    db.flush()
    return True


def _tell(db: Session, row: Escalation, step: Step, days: int, at: datetime) -> None:
    for person_id in step.to:
        told = EscalationNotice(escalation_id=row.id, step=row.step, person_id=person_id, at=at)
        if insert_once(db, _NOTICE, told.model_dump(), "escalation_id", "step", "person_id"):
            notices.tell(db, row, person_id, days=days, by_mail=step.by_mail)
    audit.record(db, None, "escalations.told", row, row.client_id)
