"""Builders for tests of clocks: limits, actions, what a minute of the portal does, and workers that may be killed."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, select

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.escalations import jobs as clocks
from portal.escalations import queries, rules, service
from portal.escalations.forms import ActionForm
from portal.escalations.models import CaseAction, Escalation, EscalationNotice, EscalationPolicy
from portal.kit import clock, jobs, mail
from portal.kit.db import make_engine, transaction
from portal.kit.errors import Unavailable
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level

FAST = 60  # in a worker under test a second is a minute


def policy(db: Session, **values: Any) -> EscalationPolicy:
    """The clinic's limits, with some of them changed."""
    row = queries.policy(db)
    row.sqlmodel_update(values)
    db.add(row)
    db.flush()
    return row


def an_action(db: Session, practitioner: Viewer, report: SideEffectReport, text: str = "We spoke.") -> CaseAction:
    """Somebody called the client and wrote it down."""
    return service.act(db, practitioner, report, checked(ActionForm, kind="advice", text=text).value)


def a_case(db: Session, client: Viewer, level: Level = Level.URGENT) -> SideEffectReport:
    """A report that was judged so, and whose clock runs; below an alarm, one to look at within days."""
    report = _report(client, level, clock.now())
    db.add(report)
    db.flush()
    service.raised(db, report)
    return report


def a_minute(engine: Engine) -> None:
    """What the portal does once a minute about clocks, by itself."""
    with transaction(engine) as db:
        service.tick(db)
    worker = jobs.Worker(jobs.Surroundings(engine, None), {service.ADVANCE: clocks.advance, mail.SEND: _no_mail})
    worker.run_all()


def rings(db: Session, row: Escalation) -> list[tuple[int, str]]:
    """(step, first name) of everybody who was told, in order."""
    told = queries.told_in(db, [row.id]).get(row.id, [])
    return sorted((one.step, one.name.split()[0]) for one in told)


def row_of(db: Session, report: SideEffectReport) -> Escalation:
    """A report's clock."""
    return db.exec(select(Escalation).where(Escalation.report_id == report.id)).one()


def wall(moment: datetime) -> str:
    """“Tue 16:00” on the wall of a clinic in Berlin."""
    return f"{moment.astimezone(ZoneInfo('Europe/Berlin')):%a %H:%M}"


def rung_at(engine: Engine, report: SideEffectReport) -> list[tuple[int, str, str]]:
    """(step, first name, when) of everybody who was told of a report, in order."""
    with transaction(engine, write=False) as db:
        told = queries.told_in(db, [row_of(db, report).id])
        return sorted((one.step, one.name.split()[0], wall(one.at)) for some in told.values() for one in some)


def unrung(db: Session, client: Viewer, count: int, begins: datetime, apart: timedelta) -> list[UUID]:
    """Urgent reports, each raised a little after the other, of which nobody was told: as if the process had died."""
    made = []
    for number in range(count):
        at = begins + apart * number
        report = _report(client, Level.URGENT, at)
        db.add(report)
        db.flush()
        row = Escalation(
            report_id=report.id,
            client_id=client.id,
            level=Level.URGENT,
            raised_at=at,
            due_at=at + timedelta(hours=1),
            since=at,
            next_at=at,
        )
        db.add(row)
        made.append(row.id)
    db.flush()
    return made


def wrongs(db: Session, ids: Sequence[UUID], wanted: Sequence[tuple[int, str]]) -> list[str]:
    """What must never be, once all is done: a step that somebody was not told of, or was told of twice, or in part."""
    rows = db.exec(select(EscalationNotice).where(EscalationNotice.escalation_id.in_(ids))).all()  # type: ignore[attr-defined]
    people = {one.id: one for one in db.exec(select(Person))}
    told = Counter((row.escalation_id, row.step, people[row.person_id].name.split()[0]) for row in rows)
    found = [f"{key}: {count}" for key, count in told.items() if count > 1]
    found += [f"missing: {one} {step} {who}" for one in ids for step, who in wanted if not told[one, step, who]]
    found += [f"nobody asked for it: {key}" for key in told if key[1:] not in wanted]
    keys = Counter(one.key for one in db.exec(select(Notice)) if one.key.startswith("escalations:"))
    asked = Counter(f"escalations:{row.escalation_id}:{row.step}:{row.person_id}" for row in rows)
    found += [f"notice {key}" for key in (keys - asked) + (asked - keys)]
    mails = Counter(one.to for one in db.exec(select(OutboxMail)))
    written = Counter(people[row.person_id].email for row in rows)
    return found + [f"mails {one}" for one in ((mails - written) + (written - mails)).items()]


def work(address: str, began: float) -> None:
    """A worker process as `portal worker` is one, in which time runs fast; it works until it is killed."""
    engine = make_engine(address, 4)
    worker = jobs.Worker(jobs.Surroundings(engine, None), {service.ADVANCE: clocks.advance, mail.SEND: _no_mail})
    worker.owner = f"{os.getpid()}-{uuid4().hex[:6]}"
    while True:
        with suppress(Unavailable):
            _run_fast(began)
            with transaction(engine) as db:
                service.tick(db)
            while worker.run_one():
                _run_fast(began)
        time.sleep(0.02)


def _run_fast(began: float) -> None:
    clock._Clock.offset = timedelta(seconds=(time.time() - began) * (FAST - 1))


def _report(client: Viewer, level: Level, at: datetime) -> SideEffectReport:
    return SideEffectReport(
        client_id=client.id,
        reported_at=at,
        level=level,
        follow_up=level not in rules.ALARMS,
        needs_person=True,
        answers={"flags_answer": "none"},
        rules_version="a test",
    )


def _no_mail(_: object, __: object) -> None:
    """Mail is another test's business."""
