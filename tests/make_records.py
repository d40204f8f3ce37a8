"""Treatment records for tests, made through the services."""

from datetime import timedelta

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.kit import clock
from portal.kit.forms import checked
from portal.records import service
from portal.records.forms import RecordForm, ZonesForm
from portal.records.models import TreatmentRecord
from tests.make_availability import a_week
from tests.make_bookings import a_treatment_session
from tests.make_suitability import a_verdict


def a_booked_needling(db: Session, practitioner: Viewer, client: Viewer, in_days: int = 3) -> Appointment:
    """A booked treatment session, with the verdict and the working hours that it needs."""
    a_verdict(db, practitioner, client)
    a_week(db, practitioner)
    return a_treatment_session(db, client, practitioner, in_days)


def record_fields(**changes: object) -> dict[str, object]:
    """What the record's form carries when everything is there: front and crown, within the verdict of `a_verdict`."""
    fields: dict[str, object] = {
        "device": "Pen 3",
        "cartridge_lot": "LOT-77",
        "cartridge_expiry": clock.now().date() + timedelta(days=300),
        "depth_frontal": "0.5",
        "passes_frontal": "3",
        "depth_vertex": "1.5",
        "passes_vertex": "1",
        "endpoint": "mild_redness",
        "notes": "Talked about work.",
        "aftercare_given": "yes",
    }
    return {**fields, **changes}


def record_form(**changes: object) -> RecordForm:
    """The same, validated."""
    form: RecordForm = checked(ZonesForm, **record_fields(**changes)).value
    return form


def a_signed_record(db: Session, practitioner: Viewer, client: Viewer, **changes: object) -> TreatmentRecord:
    """A treatment session that was booked, took place, and was recorded and signed an hour after it began."""
    appointment = a_booked_needling(db, practitioner, client)
    with clock.travelled(appointment.starts_at - clock.now() + timedelta(hours=1)):
        return service.sign(db, practitioner, appointment, record_form(**changes))
