"""Verbs on places, rooms, devices and closed days; for an admin."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.audit import service as audit
from portal.availability import queries
from portal.availability.forms import ClosureForm, OutageForm, PlaceForm, ResourceForm
from portal.availability.models import (
    Closure,
    Opening,
    Place,
    Resource,
    ResourceFit,
    ResourceOutage,
    WorkingHours,
)
from portal.availability.rules import ResourceKind
from portal.availability.service import WhichPlace, span_of
from portal.availability.shut import Shut, told
from portal.kit.errors import NotFound, Refused
from portal.treatments import queries as treatments


def save_place(db: Session, actor: audit.Actor | None, form: PlaceForm, place: Place | None = None) -> Place:
    """Add a place or change one. The first one takes over the hours and rooms that had none."""
    _refuse_same_name(db, Place, form.name, place)
    is_first = place is None and not queries.places(db)
    row = place.sqlmodel_update(form.model_dump()) if place else Place(**form.model_dump())
    db.add(row)
    db.flush()
    if is_first:
        _adopt(db, row.id)
    audit.record(db, actor, "availability.place_edited" if place else "availability.place_added", row)
    return row


def save_resource(
    db: Session, actor: audit.Actor | None, form: ResourceForm, resource: Resource | None = None
) -> Resource:
    """Add a room or device, or change one, with what it serves. A room stands somewhere; a device may go along."""
    _refuse_same_name(db, Resource, form.name, resource)
    values = form.model_dump(exclude={"treatments"}) | {"place_id": _place(db, form)}
    row = resource.sqlmodel_update(values) if resource else Resource(**values)
    db.add(row)
    db.flush()
    _serve(db, row, set(form.treatments))
    audit.record(db, actor, "availability.resource_edited" if resource else "availability.resource_added", row)
    return row


def add_outage(db: Session, actor: audit.Actor | None, resource: Resource, form: OutageForm) -> Shut:
    """A room or device cannot be used for a while."""
    span = span_of(db, form)
    row = ResourceOutage(resource_id=resource.id, starts_at=span.start, ends_at=span.end, reason=form.reason)
    db.add(row)
    db.flush()
    audit.record(db, actor, "availability.outage_added", row)
    return told(db, Shut(span, resource_id=resource.id))


def remove_outage(db: Session, actor: audit.Actor | None, resource_id: UUID, outage_id: UUID) -> None:
    """It works again. Raises NotFound."""
    row = db.get(ResourceOutage, outage_id)
    if row is None or row.resource_id != resource_id:
        raise NotFound("There is no such entry.")
    db.delete(row)
    audit.record(db, actor, "availability.outage_removed", row)


def add_closure(db: Session, actor: audit.Actor | None, form: ClosureForm) -> Shut:
    """Shut the whole clinic, or one place."""
    if form.place_id and form.place_id not in {one.id for one in queries.places(db)}:
        raise WhichPlace("Please choose one of the clinic’s places.")
    span = span_of(db, form)
    row = Closure(place_id=form.place_id, starts_at=span.start, ends_at=span.end, name=form.name)
    db.add(row)
    db.flush()
    audit.record(db, actor, "availability.closure_added", row)
    return told(db, Shut(span, place_id=form.place_id))


def remove_closure(db: Session, actor: audit.Actor | None, closure_id: UUID) -> None:
    """Open as usual. Raises NotFound."""
    row = db.get(Closure, closure_id)
    if row is None:
        raise NotFound("There is no such entry.")
    db.delete(row)
    audit.record(db, actor, "availability.closure_removed", row)


def _place(db: Session, form: ResourceForm) -> UUID | None:
    known = [one.id for one in queries.places(db)]
    if form.place_id in known:
        return form.place_id
    if form.place_id is None and (form.kind is ResourceKind.DEVICE or not known):
        return None
    if form.place_id is None and len(known) == 1:
        return known[0]
    raise WhichPlace("A room stands somewhere. Please choose its place.")


def _serve(db: Session, row: Resource, wanted: set[UUID]) -> None:
    db.connection().execute(sa.delete(ResourceFit).where(col(ResourceFit.resource_id) == row.id))
    known = {one.id for one in treatments.everything(db)}
    db.add_all(ResourceFit(resource_id=row.id, treatment_id=one) for one in sorted(wanted & known))
    db.flush()


def _adopt(db: Session, place_id: UUID) -> None:
    homeless = (
        sa.update(WorkingHours).where(col(WorkingHours.place_id).is_(None), col(WorkingHours.is_break).is_(False)),
        sa.update(Opening).where(col(Opening.place_id).is_(None)),
        sa.update(Resource).where(col(Resource.place_id).is_(None), col(Resource.kind) == ResourceKind.ROOM),
    )
    for change in homeless:
        db.connection().execute(change.values(place_id=place_id))
    db.expire_all()


def _refuse_same_name(db: Session, table: type[Place | Resource], name: str, but: Place | Resource | None) -> None:
    same = db.exec(select(table.id).where(col(table.name) == name)).first()
    if same is not None and (but is None or same != but.id):
        raise Refused("There is one of this name already. Please choose another name.")
