"""Builders of hours, rooms, devices and closed days, through the verbs that the pages use."""

from datetime import date

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.availability import premises, queries, service
from portal.availability.forms import ClosureForm, HoursForm, OutageForm, PlaceForm, ResourceForm
from portal.availability.models import Place, Resource, WorkingHours
from portal.kit.forms import checked
from portal.treatments.models import Treatment


def a_week(
    db: Session, practitioner: Viewer, opens: str = "09:00", closes: str = "17:00", place: Place | None = None
) -> list[WorkingHours]:
    """Every day of the week the same, so that a test may run on any day."""
    where = {"place_id": place.id} if place else {}
    forms = [checked(HoursForm, weekday=day, opens=opens, closes=closes, **where).value for day in range(7)]
    return [service.add_hours(db, practitioner, form) for form in forms]


def a_place(db: Session, name: str = "Main street") -> Place:
    """Where the clinic treats; the first takes over the hours and rooms that had none."""
    return premises.save_place(db, None, checked(PlaceForm, name=name, is_active=True).value)


def a_room(db: Session, treatment: Treatment, name: str = "Room 1", place: Place | None = None) -> Resource:
    """A room that serves one treatment, which then needs one."""
    return _a_resource(db, treatment, name, "room", place)


def a_device(db: Session, treatment: Treatment, name: str = "Pen 1", place: Place | None = None) -> Resource:
    """A device that serves one treatment, which then needs one."""
    return _a_resource(db, treatment, name, "device", place)


def a_closure(db: Session, day: date, name: str = "Public holiday", place: Place | None = None) -> None:
    """A day on which the clinic, or one place, is shut."""
    where = {"place_id": place.id} if place else {}
    premises.add_closure(db, None, checked(ClosureForm, name=name, first_day=day, last_day=day, **where).value)


def an_outage(db: Session, resource: Resource, day: date) -> None:
    """A day on which a room or device cannot be used."""
    premises.add_outage(db, None, resource, checked(OutageForm, first_day=day, last_day=day).value)


def _a_resource(db: Session, treatment: Treatment, name: str, kind: str, place: Place | None) -> Resource:
    where = {"place_id": place.id} if place else {}
    setattr(treatment, f"needs_{kind}", True)
    db.add(treatment)
    form = checked(ResourceForm, kind=kind, name=name, treatments=[treatment.id], is_active=True, **where).value
    made = premises.save_resource(db, None, form)
    assert treatment.id in queries.served_by(db)[made.id]
    return made
