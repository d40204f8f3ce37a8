"""Builders of appointments, through the services: a free time, a booked consultation or session."""

from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.queries import Slot
from portal.bookings import queries, service
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment


def a_slot(
    db: Session,
    viewer: Viewer,
    treatment: Treatment,
    practitioner: Viewer,
    in_days: int = 3,
    hour: int = 9,
    client: Viewer | None = None,
) -> Slot:
    """The first free time of that day from `hour` (clinic's clock) on; needs `a_week`."""
    day = clock.today(clinic.profile(db).time_zone) + timedelta(days=in_days)
    wanted = at_clinic(db, day, hour)
    client_id = client.id if client else None
    offers = queries.slots(db, viewer, treatment, day, 1, practitioner.id, client_id)
    return next(slot for slot in offers[0].slots if slot.starts_at >= wanted)


def a_consultation(
    db: Session, client: Viewer, practitioner: Viewer, in_days: int = 3, hour: int = 9, actor: Viewer | None = None
) -> Appointment:
    """A consultation booked by the client (or `actor`); needs the catalogue and `a_week`."""
    return _booked(db, client, practitioner, treatments.consultation(db), in_days, hour, actor)


def a_treatment_session(
    db: Session, client: Viewer, practitioner: Viewer, in_days: int = 3, hour: int = 9, actor: Viewer | None = None
) -> Appointment:
    """A treatment session booked by the client (or `actor`); needs the catalogue, `a_week` and an open gate."""
    return _booked(db, client, practitioner, treatments.needling(db), in_days, hour, actor)


def an_attended(db: Session, practitioner: Viewer, appointment: Appointment) -> Appointment:
    """The same appointment, an hour after it began, with the client there."""
    with clock.travelled(appointment.starts_at - clock.now() + timedelta(hours=1)):
        service.attend(db, practitioner, appointment)
    return appointment


def at_clinic(db: Session, day: date, hour: int, minute: int = 0) -> datetime:
    """A time on the clinic's wall as a moment."""
    return datetime.combine(day, time(hour, minute), availability.clinic_zone(db))


def _booked(
    db: Session,
    client: Viewer,
    practitioner: Viewer,
    treatment: Treatment,
    in_days: int,
    hour: int,
    actor: Viewer | None,
) -> Appointment:
    by = actor or client
    slot = a_slot(db, by, treatment, practitioner, in_days, hour, client)
    return service.book(db, by, client.id, treatment, practitioner.id, slot.starts_at)
