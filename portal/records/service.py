"""Verbs: keep a draft, sign it, add to what is signed."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused, refuse_incomplete
from portal.notifications import service as notifications
from portal.records import queries, rules
from portal.records.forms import AddendumForm, RecordForm
from portal.records.models import Addendum, TreatmentRecord
from portal.treatments import queries as treatments

_RECORD = TreatmentRecord.__table__  # type: ignore[attr-defined]


def save_draft(db: Session, practitioner: Viewer, appointment: Appointment, form: RecordForm) -> TreatmentRecord:
    """Keep what is known so far. Raises Incomplete for what the verdict or the cartridge's date forbids."""
    _require_writable(db, practitioner, appointment)
    refuse_incomplete(_forbidden(db, appointment, form))
    record = _written(db, practitioner, appointment, form)
    audit.record(db, practitioner, "records.drafted", record, appointment.client_id)
    return record


def sign(db: Session, practitioner: Viewer, appointment: Appointment, form: RecordForm) -> TreatmentRecord:
    """Sign: nothing changes afterwards. Marks the appointment attended. Raises Incomplete for all that is missing."""
    _require_writable(db, practitioner, appointment)
    given = {**form.model_dump(), "zones": form.doses}
    refuse_incomplete({**rules.missing(given), **_forbidden(db, appointment, form)})
    bookings.attend(db, practitioner, appointment, tuple(str(dose.zone) for dose in form.doses))
    record = _written(db, practitioner, appointment, form)
    record.signed_at = clock.now()
    db.flush()
    audit.record(db, practitioner, "records.signed", record, appointment.client_id)
    text = "Your practitioner has signed the record of your appointment."
    notifications.tell(db, appointment.client_id, f"records.signed:{record.id}", text, f"/records/{record.id}")
    return record


def add_addendum(db: Session, practitioner: Viewer, record: TreatmentRecord, form: AddendumForm) -> Addendum:
    """Add to a signed record. Refused while it is a draft: that can still be written itself."""
    _practitioner_only(practitioner)
    if not record.is_signed:
        way_out = ("To the record", f"/appointments/{record.appointment_id}/record")
        raise Refused("This record is not signed yet, so you can still write in it.", way_out)
    added = Addendum(record_id=record.id, client_id=record.client_id, author_id=practitioner.id, text=form.text)
    db.add(added)
    audit.record(db, practitioner, "records.addendum", added, record.client_id)
    return added


def require_recordable(db: Session, appointment: Appointment) -> None:
    """Refuses what has no record: a consultation, what was cancelled or missed."""
    if not treatments.get(db, appointment.treatment_id).needs_verdict:
        way_out = ("To the verdict", f"/clients/{appointment.client_id}/verdict")
        raise Refused("A consultation ends with a verdict, not with a treatment record.", way_out)
    if appointment.state in {State.CANCELLED, State.NO_SHOW}:
        way_out = ("To the appointment", f"/appointments/{appointment.id}")
        raise Refused("This appointment did not take place, so there is nothing to record.", way_out)


def _require_writable(db: Session, practitioner: Viewer, appointment: Appointment) -> None:
    _practitioner_only(practitioner)
    require_recordable(db, appointment)
    if known := queries.record_for(db, practitioner, appointment.id):
        _require_unsigned(known)


def _require_unsigned(record: TreatmentRecord) -> None:
    if record.is_signed:
        way_out = ("To the record", f"/records/{record.id}")
        raise Refused("This record is signed. You can add to it, but not change it.", way_out)


def _practitioner_only(actor: Viewer) -> None:
    if not actor.is_practitioner:
        raise NotAllowed("Only a practitioner writes treatment records.")


def _forbidden(db: Session, appointment: Appointment, form: RecordForm) -> dict[str, str]:
    zone = ZoneInfo(clinic.profile(db).time_zone)
    allowed = queries.allowed_at(db, appointment.client_id, appointment.treatment_id, appointment.starts_at)
    used_on = appointment.starts_at.astimezone(zone).date()
    return {**rules.dose_problems(form.doses, allowed), **rules.cartridge_problems(form.cartridge_expiry, used_on)}


def _written(db: Session, practitioner: Viewer, appointment: Appointment, form: RecordForm) -> TreatmentRecord:
    record = _draft(db, practitioner, appointment)
    depths = [dose.depth_mm for dose in form.doses if dose.depth_mm is not None]
    values = form.model_dump(include=set(RecordForm.model_fields))
    record.sqlmodel_update(values)
    record.practitioner_id = practitioner.id
    record.zones = [{"zone": str(one.zone), "depth_mm": one.depth_mm, "passes": one.passes} for one in form.doses]
    record.shallowest_mm, record.deepest_mm = min(depths, default=None), max(depths, default=None)
    db.add(record)
    db.flush()
    return record


def _draft(db: Session, practitioner: Viewer, appointment: Appointment) -> TreatmentRecord:
    """The draft, locked and read again: somebody may have signed it meanwhile; or a new one."""
    known = queries.record_for(db, practitioner, appointment.id)
    if known is None:
        return TreatmentRecord(
            appointment_id=appointment.id, client_id=appointment.client_id, practitioner_id=practitioner.id
        )
    lock_row(db, _RECORD, known.id)
    db.refresh(known)
    _require_unsigned(known)
    return known
