"""Verbs on a practitioner's own week and time off. Appointments already booked stay: they are moved by hand."""

from collections.abc import Sequence
from datetime import time, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import queries, rules
from portal.bookings.forms import HoursForm, TimeOffForm
from portal.bookings.models import Appointment, TimeOff, WorkingHours
from portal.bookings.rules import Span
from portal.kit.errors import NotFound, Refused


def add_hours(db: Session, practitioner: Viewer, form: HoursForm) -> WorkingHours:
    """One more row of the week. Refused where it overlaps another one."""
    known = queries.hours_of(db, practitioner.id)
    if any(form.hours.clash_with(row.hours) for row in known):
        raise Refused("This overlaps hours you already have on that day. Remove those first, or choose other times.")
    row = WorkingHours(practitioner_id=practitioner.id, **form.model_dump())
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "bookings.hours_added", row)
    return row


def remove_hours(db: Session, practitioner: Viewer, hours_id: UUID) -> None:
    """Take a row out of one's own week. Raises NotFound."""
    row = db.get(WorkingHours, hours_id)
    if row is None or row.practitioner_id != practitioner.id:
        raise NotFound("There are no such hours.")
    db.delete(row)
    audit.record(db, practitioner, "bookings.hours_removed", row)


def add_time_off(db: Session, practitioner: Viewer, form: TimeOffForm) -> Sequence[Appointment]:
    """Be away. Returns the appointments that are booked in that time: they stand until somebody moves them."""
    zone = queries.clinic_zone(db)
    starts = rules.instant(form.first_day, form.from_time or time.min, zone)
    if form.until_time:
        ends = rules.instant(form.last_day, form.until_time, zone, later=True)
    else:
        ends = rules.instant(form.last_day + timedelta(days=1), time.min, zone)
    if starts >= ends:
        raise Refused("The end must be after the beginning.")
    row = TimeOff(practitioner_id=practitioner.id, starts_at=starts, ends_at=ends, reason=form.reason)
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "bookings.time_off_added", row)
    return queries.booked_within(db, practitioner.id, Span(starts, ends))


def remove_time_off(db: Session, practitioner: Viewer, time_off_id: UUID) -> None:
    """Be there after all. Raises NotFound."""
    row = db.get(TimeOff, time_off_id)
    if row is None or row.practitioner_id != practitioner.id:
        raise NotFound("There is no such time off.")
    db.delete(row)
    audit.record(db, practitioner, "bookings.time_off_removed", row)
