"""What is still to be settled about appointments, for all of a page at once and without a clinical word."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.bookings.models import Appointment, ChangeRequest, GateOverride
from portal.bookings.queries import Visit
from portal.bookings.rules import State
from portal.consents import queries as consents
from portal.kit import clock
from portal.questionnaires import queries as questionnaires
from portal.questionnaires.rules import needs_check


class Flag(NamedTuple):
    """A word or two with a sign; the tone only supports them."""

    label: str
    icon: str
    tone: str


ON_HOLD = Flag("On hold", "lock", "alert")
CONSENT = Flag("Consent missing", "pen", "watch")
HEALTH = Flag("Health not confirmed", "drop", "watch")
OVERRIDE = Flag("Override", "flag", "info")
WAITS = Flag("Override not countersigned", "flag", "alert")
ASKED = Flag("Change asked for", "message", "watch")
CONFIRMED = Flag("Confirmed", "check", "good")
CAME = Flag("Attended", "check", "neutral")
MISSED = Flag("Did not come", "x", "neutral")


def flags(db: Session, visits: Sequence[Visit], zone: ZoneInfo) -> dict[UUID, list[Flag]]:
    """By appointment, what matters most first. Consents and answers are asked about only where a session is ahead."""
    ahead = [one for one in visits if one.treatment.needs_verdict and _is_ahead(one.appointment)]
    unsigned, unasked = _unsigned(db, ahead, zone), _unasked(db, ahead)
    overrides, asked = _overrides(db, visits), _asked(db, visits)
    found = {}
    for visit in visits:
        one = visit.appointment
        known = [
            (one.is_on_hold, ON_HOLD),
            (one.id in unsigned, CONSENT),
            (one.id in unasked, HEALTH),
            (one.id in asked, ASKED),
            (one.id in overrides, overrides.get(one.id, OVERRIDE)),
            (one.is_booked and one.confirmed_at is not None, CONFIRMED),
            (one.state is State.ATTENDED, CAME),
            (one.state is State.NO_SHOW, MISSED),
        ]
        found[one.id] = [flag for holds, flag in known if holds]
    return found


def _is_ahead(one: Appointment) -> bool:
    return one.is_booked and one.starts_at > clock.now()


def _unsigned(db: Session, ahead: Sequence[Visit], zone: ZoneInfo) -> set[UUID]:
    """Appointments for which no signed consent counts on their day."""
    groups = defaultdict(list)
    for one in ahead:
        groups[one.treatment.id, one.appointment.starts_at.astimezone(zone).date()].append(one.appointment)
    found: set[UUID] = set()
    for (treatment_id, day), group in groups.items():
        signed = consents.signed_by(db, {one.client_id for one in group}, treatment_id, day)
        found |= {one.id for one in group if one.client_id not in signed}
    return found


def _unasked(db: Session, ahead: Sequence[Visit]) -> set[UUID]:
    """Appointments before which the health questions have to be answered or confirmed."""
    clients = {one.appointment.client_id for one in ahead}
    answered, last = questionnaires.last_answered(db, clients), _last_sessions(db, clients)
    return {
        one.appointment.id
        for one in ahead
        if needs_check(
            answered.get(one.appointment.client_id), one.appointment.starts_at, last.get(one.appointment.client_id)
        )
    }


def _last_sessions(db: Session, clients: set[UUID]) -> dict[UUID, datetime]:
    if not clients:
        return {}
    last = sa.func.max(col(Appointment.starts_at))
    wanted = sa.select(col(Appointment.client_id), last).where(
        col(Appointment.client_id).in_(clients),
        col(Appointment.state) == State.ATTENDED,
        col(Appointment.session_number).is_not(None),
    )
    return {row[0]: row[1] for row in db.connection().execute(wanted.group_by(col(Appointment.client_id)))}


def _overrides(db: Session, visits: Sequence[Visit]) -> dict[UUID, Flag]:
    """Overrides of the times the appointments have now; those that wait for a second practitioner win."""
    times = {one.appointment.id: one.appointment.starts_at for one in visits}
    if not times:
        return {}
    rows = db.exec(select(GateOverride).where(col(GateOverride.appointment_id).in_(times))).all()
    rows = [one for one in rows if one.for_starts_at == times[one.appointment_id]]
    return {
        one.appointment_id: OVERRIDE if one.is_effective else WAITS
        for one in sorted(rows, key=lambda one: not one.is_effective)
    }


def _asked(db: Session, visits: Sequence[Visit]) -> set[UUID]:
    wanted = select(ChangeRequest.appointment_id).where(col(ChangeRequest.answered_at).is_(None))
    return set(db.exec(wanted.where(col(ChangeRequest.appointment_id).in_({one.appointment.id for one in visits}))))
