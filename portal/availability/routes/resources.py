"""One room or device, what it serves, and when it cannot be used; for an admin."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentAdmin
from portal.availability import premises, queries
from portal.availability.answers import done, place_options, standing
from portal.availability.forms import OutageForm, ResourceForm
from portal.availability.models import Resource
from portal.availability.rules import ResourceKind
from portal.availability.shut import Shut
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router(prefix="/admin/places/resources")
Entry = Annotated[Bound[ResourceForm], Depends(bind(ResourceForm))]
Out = Annotated[Bound[OutageForm], Depends(bind(OutageForm))]


@router.get("/new", name="availability:new-resource")
def new(request: Request, db: Db, admin: CurrentAdmin, kind: str = ResourceKind.ROOM) -> Response:
    return _page(request, db, None, form=blank(is_active=True, kind=kind))


@router.post("/new", name="availability:add-resource")
def add(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    if not done(form, "name", lambda: premises.save_resource(db, admin, form.value)):
        return _page(request, db, None, 422, form=form)
    return redirect(request, "availability:places", flash="Saved. Free times count with it now.")


@router.get("/{resource_id}", name="availability:resource")
def edit(request: Request, db: Db, admin: CurrentAdmin, resource_id: UUID) -> Response:
    return _page(request, db, queries.resource(db, resource_id))


@router.post("/{resource_id}", name="availability:save-resource")
def save(request: Request, db: Db, admin: CurrentAdmin, resource_id: UUID, form: Entry) -> Response:
    resource = queries.resource(db, resource_id)
    if not done(form, "name", lambda: premises.save_resource(db, admin, form.value, resource)):
        return _page(request, db, resource, 422, form=form)
    return redirect(request, "availability:places", flash="Saved. Free times count with it now.")


@router.post("/{resource_id}/outages", name="availability:add-outage")
def add_outage(request: Request, db: Db, admin: CurrentAdmin, resource_id: UUID, form: Out) -> Response:
    resource, made = queries.resource(db, resource_id), list[Shut]()
    if not done(form, "last_day", lambda: made.append(premises.add_outage(db, admin, resource, form.value))):
        return _page(request, db, resource, 422, out=form)
    told, kind = standing(made[0])
    flash = f"It is not planned with in that time. {told}"
    return redirect(request, "availability:resource", flash=flash, kind=kind, resource_id=resource_id)


@router.post("/{resource_id}/outages/{outage_id}/remove", name="availability:remove-outage")
def remove_outage(
    request: Request, db: Db, admin: CurrentAdmin, posted: Posted, resource_id: UUID, outage_id: UUID
) -> Response:
    premises.remove_outage(db, admin, resource_id, outage_id)
    return redirect(request, "availability:resource", flash="It can be used again.", resource_id=resource_id)


def _page(request: Request, db: Db, resource: Resource | None, status: int = 200, **given: Bound[Any]) -> Response:
    if resource and "form" not in given:
        given["form"] = blank(**resource.model_dump(), treatments=queries.served_by(db)[resource.id])
    return render(
        request,
        "availability/resource.html",
        status,
        resource=resource,
        places=place_options(db),
        offered=[(one.id, one.name) for one in treatments.everything(db)],
        outages=queries.outages_of(db, resource.id) if resource else [],
        **{"out": blank(), **given},
    )
