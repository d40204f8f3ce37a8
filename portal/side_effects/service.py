"""Verbs: a client reports; a practitioner acknowledges and closes. Each tells whoever has to act on it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.kit.events import Event
from portal.notifications import service as notifications
from portal.side_effects import queries, running
from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.facts import facts_of
from portal.side_effects.forms import CloseForm, ReportForm
from portal.side_effects.kept import plain
from portal.side_effects.layout import Table
from portal.side_effects.models import ASKED, ReportAcknowledgement, SideEffectReport
from portal.side_effects.rules import Level, Rule, pauses
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind

_PERSON = Person.__table__  # type: ignore[attr-defined]
IN_FUTURE = "This lies in the future. Please give the time when it began, or leave it empty."
REPORTED = Event()  # told (db, report): a report was kept, whatever its level
RAISED = Event()  # told (db, report): a report that needs a person was stored, or needs one more than before
SEEN = Event()  # told (db, report, practitioner_id): somebody has said “I have seen this”
CLOSED = Event()  # told (db, report): its outcome is stored; who listens may refuse


def report(db: Session, client: Viewer, form: ReportForm, photo_id: UUID | None = None) -> SideEffectReport:
    """Judge and keep what a client tells.

    Off course: practitioners are told, and new sessions are on hold until it is closed. A beginning in the future is
    refused, but never together with a red flag: that is kept without it.
    """
    at, zone = clock.now(), clinic.profile(db).time_zone
    if (began := form.began_at(zone)) and began > at:
        if not form.flags:
            raise Refused(IN_FUTURE)
        form, began = form.without("began"), None
    lock_row(db, _PERSON, client.id)  # two reports at the same moment: the second knows the first
    after = queries.followed(db, client, client.id)
    facts = facts_of(
        form,
        running.table(db),
        hours=after.hours(at),
        risks=queries.risks(db, client, client.id),
        began_hours=(began - after.ended_at) / timedelta(hours=1) if began and after.ended_at else None,
    )
    entry = SideEffectReport(
        client_id=client.id,
        appointment_id=after.appointment_id,
        reported_at=at,
        followed_at=after.ended_at,
        hours=after.hours(at),
        photo_id=photo_id,
        **_told(form, began),
        **_judged(db, facts, queries.earlier(db, client.id, after)),
    )
    db.add(entry)
    db.flush()
    audit.record(db, client, "side_effects.reported", entry, client.id)
    _raise_to_people(db, entry)
    REPORTED.tell(db, entry)
    return entry


def ask_for_person(db: Session, client: Viewer, entry: SideEffectReport) -> None:
    """“This is urgent to me”: a person is told now and looks within a day, whatever the answer was. Saying it twice
    changes nothing.
    """
    lock_row(db, _PERSON, client.id)
    db.refresh(entry)
    if entry.closed_at:
        raise Refused("This report is closed. Please report again.", ("Report again", "/side-effects/new"))
    if entry.level is Level.URGENT or entry.asks_for_person:
        return
    table = running.table(db)
    asked = next(rule for rule in table.rules if rule.id == ASKED)
    if not entry.level.is_alarm:
        entry.level, entry.follow_up, entry.needs_person = asked.level, False, True
    entry.fired = [_reason(asked, table), *entry.fired]
    audit.record(db, client, "side_effects.asked_for_person", entry, client.id)
    _raise_to_people(db, entry)


def acknowledge(db: Session, practitioner: Viewer, entry: SideEffectReport) -> ReportAcknowledgement:
    """“I have seen this.” Saying it twice changes nothing, also at the same moment."""
    lock_row(db, _PERSON, entry.client_id)
    if known := queries.acknowledgement(db, practitioner, entry.id):
        return known
    row = ReportAcknowledgement(report_id=entry.id, practitioner_id=practitioner.id)
    db.add(row)
    audit.record(db, practitioner, "side_effects.acknowledged", entry, entry.client_id)
    key = f"side_effects.seen:{entry.id}:{practitioner.id}"
    notifications.tell(
        db, entry.client_id, key, f"{practitioner.name} has seen your report.", address(entry), by_mail=None
    )
    SEEN.tell(db, entry, practitioner.id)
    return row


def close(db: Session, practitioner: Viewer, entry: SideEffectReport, form: CloseForm) -> None:
    """Say how it ended; new sessions are no longer on hold because of it. Raises Refused when it is closed already."""
    acknowledge(db, practitioner, entry)
    db.refresh(entry)
    if entry.closed_at:
        raise Refused("This report is closed already.", ("See the report", address(entry)))
    entry.closed_at, entry.closed_by = clock.now(), practitioner.id
    entry.outcome, entry.closing_note = form.outcome, form.note
    audit.record(db, practitioner, "side_effects.closed", entry, entry.client_id)
    suitability.lift_holds(db, practitioner, entry.id)
    key = f"side_effects.closed:{entry.id}"
    notifications.tell(db, entry.client_id, key, f"{practitioner.name} has closed your report.", address(entry))
    CLOSED.tell(db, entry)


def address(entry: SideEffectReport) -> str:
    """Where a report is read."""
    return f"/side-effects/{entry.id}"


def _raise_to_people(db: Session, entry: SideEffectReport) -> None:
    if pauses(entry.level, Level(clinic.policy(db).hold_from)):
        reason = "You reported something that we want to look after first."
        suitability.place_hold(db, None, entry.client_id, HoldKind.SIDE_EFFECT, reason, entry.id)
    if entry.needs_person:
        RAISED.tell(db, entry)


def _told(form: ReportForm, began: datetime | None) -> dict[str, Any]:
    """What the client said, as it is kept."""
    return {
        "began_at": began,
        "symptoms": [str(symptom) for symptom in form.symptoms],
        "zones": [str(zone) for zone in form.zones],
        "answers": form.answers(),
        "note": form.note,
    }


def _judged(db: Session, facts: Facts, history: tuple[Earlier, ...]) -> dict[str, Any]:
    """What the rules made of it, as it is kept: with the facts and the earlier reports they were given."""
    table, found = running.judge(db, facts, history)
    return {
        "level": found.level,
        "follow_up": found.follow_up,
        "needs_person": found.needs_person,
        "fired": [_reason(rule, table) for rule in found.fired],
        "inputs": plain(facts, history),
        "rules_version": table.version,
    }


def _reason(rule: Rule, table: Table) -> dict[str, Any]:
    """A rule that fired, in its own words, so that the report keeps them when the table changes."""
    return {
        "id": rule.id,
        "level": str(rule.level),
        "because": rule.because,
        "source": [table.sources[name] for name in rule.source],
        "say": table.say.get(rule.say, ""),
    }
