"""The tick that reminds clients: once of each time for each of the clinic's reminders, outside quiet hours."""

import itertools
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.availability.rules import in_words
from portal.bookings.models import Appointment
from portal.calendars import queries, rules
from portal.calendars.models import ReminderSent
from portal.calendars.rules import QuietHours
from portal.clinic import queries as clinic
from portal.clinic.models import BookingPolicy
from portal.kit import clock
from portal.kit.db import insert_once
from portal.notifications.service import tell

SUBJECT = "A reminder of your appointment"
_AT_ONCE = 200
_SENT = ReminderSent.__table__  # type: ignore[attr-defined]


def remind(db: Session) -> None:
    """Tell everybody whose reminder is due now, at most so many at once; the rest follows a minute later."""
    policy, zone, at = clinic.policy(db), ZoneInfo(clinic.profile(db).time_zone), clock.now()
    wanted = dict(itertools.islice(_due(db, policy, zone, at), _AT_ONCE))
    for appointment in queries.still_to_remind(db, wanted) if wanted else ():
        hours, starts_at = wanted[appointment.id]
        if appointment.starts_at == starts_at:
            _tell(db, appointment, hours, zone)


def _due(
    db: Session, policy: BookingPolicy, zone: ZoneInfo, at: datetime
) -> Iterator[tuple[UUID, tuple[int, datetime]]]:
    """Which appointments, by which reminder, of which time."""
    quiet = QuietHours(policy.quiet_from, policy.quiet_until)
    if quiet.hold_at(at, zone):
        return
    for hours in set(policy.reminder_hours):
        for one in queries.to_remind(db, hours):
            touch = rules.due(one.starts_at, one.chosen_at, at, policy.reminder_hours, zone, quiet)
            if touch and touch.hours == hours:
                yield one.id, (hours, one.starts_at)


def _tell(db: Session, appointment: Appointment, hours: int, zone: ZoneInfo) -> None:
    row = ReminderSent(
        appointment_id=appointment.id,
        client_id=appointment.client_id,
        touch_hours=hours,
        for_starts_at=appointment.starts_at,
    )
    if insert_once(db, _SENT, row.model_dump(), "appointment_id", "touch_hours", "for_starts_at"):
        key = f"calendars.reminder:{row.id}"
        text = f"Your appointment is soon: {in_words(appointment.starts_at, zone.key)}."
        tell(db, appointment.client_id, key, text, f"/appointments/{appointment.id}", by_mail=SUBJECT)
