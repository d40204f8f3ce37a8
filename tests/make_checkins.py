"""Builders for tests of check-ins: a session that was attended, what a minute of the portal does, an answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.checkins import jobs as check_in_jobs
from portal.checkins import steps
from portal.checkins.forms import CheckInForm
from portal.checkins.models import CheckIn
from portal.kit import clock, jobs, mail
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.treatments.models import Treatment
from tests.make_side_effects import a_session_done

ALL_WELL = {"flags_answer": "none", "feeling": "nothing"}


def treated(
    engine: Engine, client: Viewer, practitioner: Viewer, hours: Sequence[int] = (6, 24, 72), hours_ago: float = 0
) -> UUID:
    """A session that was attended and ended then, after which the client is asked so often."""
    with transaction(engine) as db:
        visit = a_session_done(db, client, practitioner, hours_ago)
        db.get_one(Treatment, visit.treatment_id).check_in_hours = list(hours)
        return visit.id


def unmarked(engine: Engine, appointment_id: UUID) -> UUID:
    """Nobody has said yet that the session took place."""
    with transaction(engine) as db:
        db.get_one(Appointment, appointment_id).state = State.BOOKED
    return appointment_id


def a_minute(engine: Engine) -> None:
    """What the portal does once a minute about check-ins, by itself; nothing is mailed."""
    with transaction(engine) as db:
        steps.tick(db)
    handlers = {steps.ADVANCE: check_in_jobs.advance, mail.SEND: lambda *_: None}
    jobs.Worker(jobs.Surroundings(engine, None), handlers).run_all()


def live(engine: Engine, start: datetime, hours: float, every: timedelta = timedelta(hours=2)) -> None:
    """Let the portal live through some hours; a tick comes some seconds after what is due."""
    moment = start
    while moment <= start + timedelta(hours=hours):
        with clock.travelled(moment + timedelta(seconds=10) - clock.now()):
            a_minute(engine)
        moment += every


def rows(engine: Engine, client: Viewer) -> Sequence[CheckIn]:
    """All questions to a client, in order of time."""
    with transaction(engine, write=False) as db:
        return all_of(db, client)


def all_of(db: Session, client: Viewer) -> Sequence[CheckIn]:
    wanted = select(CheckIn).where(CheckIn.client_id == client.id).order_by(col(CheckIn.due_at), col(CheckIn.kind))
    return db.exec(wanted).all()


def an_answer(**said: Any) -> CheckInForm:
    """All is well, or what else is said."""
    return checked(CheckInForm, **{**ALL_WELL, **said}).value


def hours(row: CheckIn, noon: datetime) -> dict[str, float]:
    """The moments of a row, in hours after noon."""
    names = ("due_at", "reminded_at", "missed_at", "answered_at")
    return {one: round((moment - noon) / timedelta(hours=1), 1) for one in names if (moment := getattr(row, one))}


def told(engine: Engine, person: Viewer) -> tuple[list[Notice], list[OutboxMail]]:
    """What somebody was told about check-ins: notices and e-mails."""
    with transaction(engine, write=False) as db:
        mine = [one for one in db.exec(select(Notice)) if one.person_id == person.id and "checkins" in one.key]
        return mine, [one for one in db.exec(select(OutboxMail)) if one.subject == steps.SUBJECT]
