"""Verbs on a practitioner's own week, time off and one-off openings. What is booked stays: it is moved by hand."""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.availability import queries, rules
from portal.availability.forms import DaysForm, HoursForm, OpeningForm, TimeOffForm
from portal.availability.models import Opening, TimeOff, WorkingHours
from portal.availability.rules import Span
from portal.availability.shut import Shut, told
from portal.kit.errors import NotFound, Refused

Own = TypeVar("Own", WorkingHours, TimeOff, Opening)
_NO_TIME = "The clocks change then: this time does not exist. Please choose other times."


class WhichPlace(Refused):
    """Somebody works somewhere, and the clinic has several places."""


def add_hours(db: Session, practitioner: Viewer, form: HoursForm) -> WorkingHours:
    """One more row of the week. Refused where it overlaps another one of its kind."""
    if any(form.hours.clash_with(row.hours) for row in queries.hours_of(db, practitioner.id)):
        raise Refused("This overlaps hours you already have on that day. Remove those first, or choose other times.")
    place_id = None if form.is_break else _place(db, form.place_id)
    row = WorkingHours(practitioner_id=practitioner.id, **form.model_dump(exclude={"place_id"}), place_id=place_id)
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "availability.hours_added", row)
    return row


def remove_hours(db: Session, practitioner: Viewer, hours_id: UUID) -> None:
    """Take a row out of one's own week. Raises NotFound."""
    _remove(db, practitioner, WorkingHours, hours_id, "availability.hours_removed")


def add_time_off(db: Session, practitioner: Viewer, form: TimeOffForm) -> Shut:
    """Be away. What is booked in that time stands until somebody moves it."""
    span = span_of(db, form)
    row = TimeOff(practitioner_id=practitioner.id, starts_at=span.start, ends_at=span.end, reason=form.reason)
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "availability.time_off_added", row)
    return told(db, Shut(span, practitioner_id=practitioner.id))


def remove_time_off(db: Session, practitioner: Viewer, time_off_id: UUID) -> None:
    """Be there after all. Raises NotFound."""
    _remove(db, practitioner, TimeOff, time_off_id, "availability.time_off_removed")


def add_opening(db: Session, practitioner: Viewer, form: OpeningForm) -> Opening:
    """Work once outside the week, or once elsewhere. Refused in one's time off, on closed days, and twice at a time."""
    zone, place_id = queries.clinic_zone(db), _place(db, form.at_place)
    span = Span(rules.instant(form.day, form.starts, zone, later=True), rules.instant(form.day, form.ends, zone))
    if span.start >= span.end:
        raise Refused(_NO_TIME)
    if any(span.overlaps(one.span) for one in queries.time_off_of(db, practitioner.id)):
        raise Refused("You are away then. Remove that time off first.")
    if shut := next((one for one in queries.closures(db, place_id) if span.overlaps(one.span)), None):
        raise Refused(f"The clinic is closed then: {shut.name}.")
    if any(span.overlaps(one.span) for one in queries.openings_of(db, practitioner.id)):
        raise Refused("This overlaps a one-off opening you already have. Remove that first.")
    row = Opening(practitioner_id=practitioner.id, place_id=place_id, starts_at=span.start, ends_at=span.end)
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "availability.opening_added", row)
    return row


def remove_opening(db: Session, practitioner: Viewer, opening_id: UUID) -> None:
    """Not work then after all. Raises NotFound."""
    _remove(db, practitioner, Opening, opening_id, "availability.opening_removed")


def span_of(db: Session, form: DaysForm) -> Span:
    """Days on the wall as a span. Refused when no time is left of it."""
    zone = queries.clinic_zone(db)
    span = rules.wall_span(form.first_day, form.from_time, form.last_day, form.until_time, zone)
    if span.end - span.start < timedelta(minutes=1):
        raise Refused(_NO_TIME)
    return span


def _place(db: Session, place_id: UUID | None) -> UUID | None:
    """The place chosen, or the only one there is."""
    known = [one.id for one in queries.places(db) if one.is_active]
    if place_id is None and len(known) <= 1:
        return known[0] if known else None
    if place_id not in known:
        raise WhichPlace("Please choose one of the clinic’s places.")
    return place_id


def _remove(db: Session, practitioner: Viewer, table: type[Own], row_id: UUID, verb: str) -> None:
    row = db.get(table, row_id)
    if row is None or row.practitioner_id != practitioner.id:
        raise NotFound("There is no such entry.")
    db.delete(row)
    audit.record(db, practitioner, verb, row)
