"""The invitation in an e-mail about an appointment, made when the e-mail is sent: it never holds a time gone by."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.bookings import ics
from portal.bookings.ics import Method
from portal.bookings.models import Appointment
from portal.calendars import queries
from portal.clinic import queries as clinic
from portal.kit.mail import Invite


def invite(db: Session, appointment_id: UUID, to: str, sender: str, base_url: str, at: datetime) -> Invite | None:
    """REQUEST while the addressee is part of a booked appointment, else CANCEL. None when the appointment is gone, or
    nobody has this address any more. It says “Appointment”, when and where, and names no one but the addressee.
    """
    appointment, person = db.get(Appointment, appointment_id), accounts.by_email(db, to)
    if appointment is None or person is None:
        return None
    profile = clinic.profile(db)
    is_in = appointment.is_booked and person.id in {appointment.client_id, appointment.practitioner_id}
    method = Method.REQUEST if is_in else Method.CANCEL
    entry = ics.entry(
        appointment,
        at,
        location=queries.addresses(db, [appointment]).get(appointment.place_id, ""),
        page=f"{base_url}/appointments/{appointment.id}",
        organizer=(profile.name, profile.email or sender),
        attendee=(person.name, person.email),
        status=ics.status_of(appointment) if is_in else "CANCELLED",
    )
    return Invite(method.value, ics.calendar([entry], method=method))
