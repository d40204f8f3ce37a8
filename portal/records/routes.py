"""Writing a treatment record, signing it, adding to it; and the summary that the client reads."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import queries as bookings
from portal.bookings.models import Appointment
from portal.kit.forms import Bound, bind, blank, completed
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.records import queries, service
from portal.records.forms import AddendumForm, RecordForm, ZonesForm
from portal.records.models import TreatmentRecord
from portal.records.rules import Allowed, Endpoint
from portal.suitability.scope import Zone
from portal.treatments import queries as treatments

router = Router()
LABELS = {f"{part}_{zone}": f"{zone.label}, {part}" for part in ("depth", "passes") for zone in Zone}
Entry = Annotated[Bound[RecordForm], Depends(bind(ZonesForm))]
Extra = Annotated[Bound[AddendumForm], Depends(bind(AddendumForm))]


@router.get("/appointments/{appointment_id}/record", name="records:edit")
def edit(request: Request, db: Db, practitioner: CurrentPractitioner, appointment_id: UUID) -> Response:
    appointment = bookings.appointment(db, practitioner, appointment_id)
    record = queries.record_for(db, practitioner, appointment.id)
    if record and record.is_signed:
        return redirect(request, "records:show", record_id=record.id)
    service.require_recordable(db, appointment)
    audit.seen(db, practitioner, "records.seen", appointment.client_id, record)
    return _page(request, db, appointment, _filled(record))


@router.post("/appointments/{appointment_id}/record", name="records:save")
def save(request: Request, db: Db, practitioner: CurrentPractitioner, appointment_id: UUID, form: Entry) -> Response:
    appointment = bookings.appointment(db, practitioner, appointment_id)
    if not completed(form, lambda: service.save_draft(db, practitioner, appointment, form.value)):
        return _page(request, db, appointment, form, 422)
    return redirect(request, "records:edit", flash="The draft is kept.", appointment_id=appointment_id)


@router.post("/appointments/{appointment_id}/record/sign", name="records:sign")
def sign(request: Request, db: Db, practitioner: CurrentPractitioner, appointment_id: UUID, form: Entry) -> Response:
    appointment = bookings.appointment(db, practitioner, appointment_id)
    if not completed(form, lambda: service.sign(db, practitioner, appointment, form.value)):
        return _page(request, db, appointment, form, 422)
    return redirect(request, "records:edit", flash="The record is signed.", appointment_id=appointment_id)


@router.get("/records/{record_id}", name="records:show")
def show(request: Request, db: Db, viewer: SignedIn, record_id: UUID) -> Response:
    record = queries.record(db, viewer, record_id)
    audit.seen(db, viewer, "records.seen", record.client_id, record)
    return _shown(request, db, viewer, record, form=blank())


@router.post("/records/{record_id}/addenda", name="records:addendum")
def addendum(request: Request, db: Db, practitioner: CurrentPractitioner, record_id: UUID, form: Extra) -> Response:
    record = queries.record(db, practitioner, record_id)
    if not form.ok:
        return _shown(request, db, practitioner, record, form=form, status=422)
    service.add_addendum(db, practitioner, record, form.value)
    return redirect(request, "records:show", flash="Your addendum is part of the record.", record_id=record_id)


def _page(request: Request, db: Db, appointment: Appointment, form: Bound[Any], status: int = 200) -> Response:
    allowed = queries.allowed_at(db, appointment.client_id, appointment.treatment_id, appointment.starts_at)
    known = {
        "appointment": appointment,
        "client": accounts.person(db, appointment.client_id),
        "treatment": treatments.get(db, appointment.treatment_id),
        "allowed": allowed,
        "allowed_zones": ", ".join(Zone(zone).label for zone in allowed.zones) if allowed else "",
        "zones": _shown_zones(allowed, form),
        "endpoints": [(endpoint.value, endpoint.label) for endpoint in Endpoint],
        "labels": LABELS,
        "form": form,
    }
    return render(request, "records/edit.html", status, **known)


def _shown(
    request: Request, db: Db, viewer: Viewer, record: TreatmentRecord, *, form: Bound[Any], status: int = 200
) -> Response:
    appointment = bookings.appointment(db, viewer, record.appointment_id)
    added = queries.addenda(db, viewer, record.id)
    ids = [record.client_id, record.practitioner_id, *(one.author_id for one in added)]
    known = {
        "record": record,
        "appointment": appointment,
        "treatment": treatments.get(db, appointment.treatment_id),
        "addenda": added,
        "names": accounts.names(db, ids),
        "form": form,
    }
    return render(request, "records/show.html", status, **known)


def _shown_zones(allowed: Allowed | None, form: Bound[Any]) -> list[Zone]:
    """What the verdict covers, and whatever was typed besides, so that its mistake is seen."""
    covered = allowed.zones if allowed else list(Zone)
    return [
        zone for zone in Zone if zone in covered or form.raw_text(f"depth_{zone}") or form.raw_text(f"passes_{zone}")
    ]


def _filled(record: TreatmentRecord | None) -> Bound[Any]:
    if record is None:
        return blank()
    doses = {f"{part}_{dose['zone']}": dose[key] for dose in record.zones for part, key in _DOSE.items()}
    return blank(**record.model_dump(exclude={"zones"}), **doses)


_DOSE = {"depth": "depth_mm", "passes": "passes"}
