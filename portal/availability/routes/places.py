"""Places, rooms and devices, for an admin."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentAdmin
from portal.availability import premises, queries
from portal.availability.answers import by_id, done
from portal.availability.forms import PlaceForm
from portal.availability.models import Place
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router(prefix="/admin/places")
Entry = Annotated[Bound[PlaceForm], Depends(bind(PlaceForm))]


@router.get("", name="availability:places")
def places(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    known = queries.places(db)
    return render(
        request,
        "availability/places.html",
        places=known,
        place_names=by_id(known),
        resources=queries.resources(db),
        served=queries.served_by(db),
        treatment_names=by_id(treatments.everything(db)),
        unserved=queries.unserved(db),
    )


@router.get("/new", name="availability:new-place")
def new(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _page(request, blank(is_active=True), None)


@router.post("/new", name="availability:add-place")
def add(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    if not done(form, "name", lambda: premises.save_place(db, admin, form.value)):
        return _page(request, form, None, 422)
    return redirect(request, "availability:places", flash="The place is saved.")


@router.get("/{place_id}", name="availability:place")
def edit(request: Request, db: Db, admin: CurrentAdmin, place_id: UUID) -> Response:
    place = queries.place(db, place_id)
    return _page(request, blank(**place.model_dump()), place)


@router.post("/{place_id}", name="availability:save-place")
def save(request: Request, db: Db, admin: CurrentAdmin, place_id: UUID, form: Entry) -> Response:
    place = queries.place(db, place_id)
    if not done(form, "name", lambda: premises.save_place(db, admin, form.value, place)):
        return _page(request, form, place, 422)
    return redirect(request, "availability:places", flash="The place is saved.")


def _page(request: Request, form: Bound[PlaceForm], place: Place | None, status: int = 200) -> Response:
    return render(request, "availability/place.html", status, form=form, place=place)
