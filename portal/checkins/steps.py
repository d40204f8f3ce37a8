"""What the minutes do: plan the questions after a session, remind, count as missed, ask again about an open report.

Each step is a transaction of its own, so that a kill leaves it done or not done; whatever changes a question locks its
client's row first, so that a report and a reminder never cross.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.audit import service as audit
from portal.bookings.models import Appointment
from portal.checkins import asking, queries, rules
from portal.checkins.asking import CHECK_IN
from portal.checkins.models import CheckIn
from portal.checkins.rules import Kind, Limits, Why
from portal.kit import clock, jobs
from portal.kit.db import insert_once, lock_row
from portal.notifications import service as notifications
from portal.side_effects import running
from portal.side_effects.models import SideEffectReport
from portal.treatments import queries as treatments

ADVANCE = "checkins.advance"  # the job that plans what is new and does every step that is due
SUBJECT = "We have a short question for you"
ASKS = "How is your scalp? It takes less than a minute, also when all is well."
ASKS_AGAIN = "You reported something to us. How is it now?"
ONE_REMINDER = timedelta(hours=6)  # two questions of different kinds so close together are reminded of once
_PERSON = Person.__table__  # type: ignore[attr-defined]


def plan(db: Session, appointment_id: UUID) -> None:
    """Make the questions after a session that is over, said to have been or not yet; those of the session before are
    asked no longer. What was reported meanwhile answers them, and what nobody could ask in time is not asked. Doing it
    twice does nothing.
    """
    visit = db.get_one(Appointment, appointment_id)
    lock_row(db, _PERSON, visit.client_id)
    db.refresh(visit)
    at, limits = clock.now(), queries.limits(db)
    if not queries.is_held(db, visit.id, at):
        return
    is_last = queries.is_last(db, visit, at)
    if is_last:
        _end_those_before(db, visit, at)
    made = [_planned(db, visit, one, limits) for one in _schedule(db, visit)]
    for report in queries.reports_since(db, visit.client_id, visit.ends_at) if is_last else ():
        asking.hear(db, report)
    for row in made:
        db.refresh(row)
        if row.is_waiting and not (is_last and at < rules.end_of(row.due_at, row.next_due_at, limits)):
            row.end(Why.TOO_LATE if is_last else Why.NEXT_SESSION, at)
    db.flush()


def follow(db: Session, report_id: UUID) -> None:
    """Make the next question about an open report, if none waits."""
    report = db.get_one(SideEffectReport, report_id)
    lock_row(db, _PERSON, report.client_id)
    db.refresh(report)
    if report.is_open:
        asking.ask_again(db, report, queries.limits(db))


def advance(db: Session, check_in_id: UUID, *, even_if_not_due: bool = False) -> bool:
    """Do one step if one is due: remind, or count as missed. False: nothing is due, and the row says when to look
    again; `even_if_not_due` works that out anew.
    """
    row = db.get_one(CheckIn, check_in_id)
    lock_row(db, _PERSON, row.client_id)
    db.refresh(row)
    at = clock.now()
    if row.next_at is None or (at < row.next_at and not even_if_not_due):
        return False
    if why := _pointless(db, row, at):
        row.end(why, at)
        return False
    return _remind(db, row, at) if row.reminded_at is None else _miss(db, row, row.reminded_at, at)


def tick(db: Session) -> None:
    """Each minute: have a job do what is due. Each hour it looks at everything that waits."""
    at = clock.now()
    if queries.to_look_at(db, at, 1) or queries.to_plan(db, at) or queries.unfollowed(db, at):
        jobs.enqueue(db, ADVANCE, f"{ADVANCE}:{at:%Y%m%d%H%M}")
    if queries.to_look_at(db, None, 1):
        jobs.enqueue(db, ADVANCE, f"{ADVANCE}:all:{at:%Y%m%d%H}", {"all": True})


def _schedule(db: Session, visit: Appointment) -> list[rules.Planned]:
    return rules.schedule(visit.ends_at, treatments.get(db, visit.treatment_id).check_in_hours)


def _planned(db: Session, visit: Appointment, one: rules.Planned, limits: Limits) -> CheckIn:
    next_at = rules.remind_at(one.due_at, limits.quiet)
    row = CheckIn(
        client_id=visit.client_id, kind=Kind.SCHEDULED, appointment_id=visit.id, next_at=next_at, **one._asdict()
    )
    insert_once(db, CHECK_IN, row.model_dump(), "appointment_id", "hours")
    row = queries.scheduled(db, visit.id, one.hours)
    if row.ended_why is Why.NOT_ATTENDED:  # a no-show by mistake, or another time
        row.revive(one, next_at)
    return row


def _end_those_before(db: Session, visit: Appointment, at: datetime) -> None:
    for row in queries.unsettled(db, visit.client_id):
        if row.is_waiting and row.appointment_id not in {None, visit.id}:
            row.end(Why.NEXT_SESSION, at)
    db.flush()


def _pointless(db: Session, row: CheckIn, at: datetime) -> Why | None:
    """Why a question need not be asked any more, as found when it is looked at."""
    if not accounts.person(db, row.client_id).is_active:
        return Why.ACCOUNT_CLOSED
    if row.appointment_id and not queries.is_held(db, row.appointment_id, at):
        return Why.NOT_ATTENDED
    return None


def _remind(db: Session, row: CheckIn, at: datetime) -> bool:
    limits = queries.limits(db)
    when = rules.remind_at(max(row.due_at, at), limits.quiet)
    if at < when:
        row.next_at = when
        return False
    row.reminded_at = at
    row.next_at = rules.missed_at(row.due_at, row.next_due_at, at, limits)
    if not queries.is_reminded(db, row, at - ONE_REMINDER):
        text = ASKS_AGAIN if row.is_follow_up and running.shows_level(db) else ASKS
        notifications.tell(db, row.client_id, f"checkins.asked:{row.id}", text, f"/check-ins/{row.id}", by_mail=SUBJECT)
    db.flush()
    return True


def _miss(db: Session, row: CheckIn, reminded_at: datetime, at: datetime) -> bool:
    """If it is about a report that is still open, the next minute asks anew."""
    when = rules.missed_at(row.due_at, row.next_due_at, reminded_at, queries.limits(db))
    if at < when:
        row.next_at = when
        return False
    row.missed_at, row.next_at = at, None
    db.flush()
    audit.record(db, None, "checkins.missed", row, row.client_id)
    return True
