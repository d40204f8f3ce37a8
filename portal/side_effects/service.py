"""Verbs: a client reports; a practitioner acknowledges and closes."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import Refused
from portal.notifications import service as notifications
from portal.side_effects import queries
from portal.side_effects.facts import facts_of
from portal.side_effects.forms import CloseForm, ReportForm
from portal.side_effects.models import ReportAcknowledgement, SideEffectReport
from portal.side_effects.rules import Facts, Level, Triage
from portal.side_effects.table import RUNNING
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind

IN_FUTURE = "This lies in the future. Please give the time when it began, or leave it empty."
_NOTICE = {
    Level.URGENT: "{name} reported something urgent and was told to call for help.",
    Level.DAY: "{name} reported a side effect. We promised an answer within a day.",
    Level.EXPECTED: "{name} reported something that needs no hurry, but a look within seven days.",
}
_URGENT_MAIL = "The portal needs you now"


def report(db: Session, client: Viewer, form: ReportForm, photo_id: UUID | None = None) -> SideEffectReport:
    """Judge and keep what a client tells.

    Off course: practitioners are told, and new sessions are on hold until it is closed.
    """
    at = clock.now()
    after = queries.followed(db, client, client.id)
    facts = facts_of(
        form,
        RUNNING,
        hours=after.hours(at),
        at_risk=queries.is_at_risk(db, client, client.id),
        previous=queries.earlier(db, client.id, after),
    )
    judged = RUNNING.triage(facts)
    began = form.began_at(clinic.profile(db).time_zone)
    if began and began > at:
        raise Refused(IN_FUTURE)
    entry = SideEffectReport(
        client_id=client.id,
        appointment_id=after.appointment_id,
        reported_at=at,
        followed_at=after.ended_at,
        hours=facts.hours,
        began_at=began,
        symptoms=[str(symptom) for symptom in form.symptoms],
        zones=[str(zone) for zone in form.zones],
        answers=form.answers(),
        note=form.note,
        photo_id=photo_id,
        inputs=_plain(facts),
        **_judgement(judged),
    )
    db.add(entry)
    db.flush()
    audit.record(db, client, "side_effects.reported", entry, client.id)
    _raise_to_people(db, client, entry)
    return entry


def acknowledge(db: Session, practitioner: Viewer, entry: SideEffectReport) -> ReportAcknowledgement:
    """“I have seen this.” Saying it twice changes nothing."""
    if known := queries.acknowledgement(db, practitioner, entry.id):
        return known
    row = ReportAcknowledgement(report_id=entry.id, practitioner_id=practitioner.id)
    db.add(row)
    audit.record(db, practitioner, "side_effects.acknowledged", entry, entry.client_id)
    key = f"side_effects.seen:{entry.id}:{practitioner.id}"
    notifications.tell(
        db, entry.client_id, key, f"{practitioner.name} has seen your report.", address(entry), by_mail=None
    )
    return row


def close(db: Session, practitioner: Viewer, entry: SideEffectReport, form: CloseForm) -> None:
    """Say how it ended; new sessions are no longer on hold because of it. Raises Refused when it is closed already."""
    if entry.closed_at:
        raise Refused("This report is closed already.", ("See the report", address(entry)))
    acknowledge(db, practitioner, entry)
    entry.closed_at, entry.closed_by = clock.now(), practitioner.id
    entry.outcome, entry.closing_note = form.outcome, form.note
    audit.record(db, practitioner, "side_effects.closed", entry, entry.client_id)
    suitability.lift_holds(db, practitioner, entry.id)
    key = f"side_effects.closed:{entry.id}"
    notifications.tell(db, entry.client_id, key, f"{practitioner.name} has closed your report.", address(entry))


def address(entry: SideEffectReport) -> str:
    """Where a report is read."""
    return f"/side-effects/{entry.id}"


def _raise_to_people(db: Session, client: Viewer, entry: SideEffectReport) -> None:
    if entry.level.rank >= max(Level.DAY.rank, Level(clinic.policy(db).hold_from).rank):
        reason = "You reported something that we want to look after first."
        suitability.place_hold(db, None, entry.client_id, HoldKind.SIDE_EFFECT, reason, entry.id)
    if entry.needs_person:
        subject = _URGENT_MAIL if entry.level is Level.URGENT else notifications.SUBJECT
        text = _NOTICE[entry.level].format(name=client.name)
        key = f"side_effects.reported:{entry.id}"
        notifications.tell_practitioners(db, key, text, address(entry), by_mail=subject)


def _judgement(judged: Triage) -> dict[str, Any]:
    fired = [
        {
            "id": rule.id,
            "level": str(rule.level),
            "because": rule.because,
            "source": [RUNNING.sources[name] for name in rule.source],
            "say": RUNNING.say.get(rule.say, ""),
        }
        for rule in judged.fired
    ]
    return {
        "level": judged.level,
        "follow_up": judged.follow_up,
        "needs_person": judged.needs_person,
        "fired": fired,
        "rules_version": RUNNING.version,
    }


def _plain(facts: Facts) -> dict[str, Any]:
    """The facts as JSON; sets in order, so that equal facts look equal."""
    values = asdict(facts)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
