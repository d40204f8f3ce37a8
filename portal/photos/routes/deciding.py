"""After sending: the date that is missing, the view that is in doubt, what is poor or looks like something else."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient, CurrentPractitioner, SignedIn
from portal.accounts.queries import client as client_of
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.photos import deciding, queries, service
from portal.photos.forms import DateForm, HairForm, PlanForm, ViewForm
from portal.photos.routes.files import vault_of
from portal.photos.views import NAMES

router = Router()
Day = Annotated[Bound[DateForm], Depends(bind(DateForm))]
Hair = Annotated[Bound[HairForm], Depends(bind(HairForm))]
WhichView = Annotated[Bound[ViewForm], Depends(bind(ViewForm))]
Plan = Annotated[Bound[PlanForm], Depends(bind(PlanForm))]


@router.get("/photos/sent", name="photos:sent")
def sent(request: Request, db: Db, client: CurrentClient) -> Response:
    """Where sending leads: to what is to be decided, to the date that is missing, or to the photos."""
    doubtful, undated = queries.to_decide(db, client), queries.undated(db, client)
    if not doubtful:
        return redirect(request, "photos:undated" if undated else "photos:mine")
    return render(request, "photos/sent.html", photos=doubtful, undated=undated, names=NAMES)


@router.get("/photos/undated", name="photos:undated")
def undated(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "photos/undated.html", photos=queries.undated(db, client), form=blank(), wrong=None)


@router.post("/photos/{photo_id}/date", name="photos:date")
def set_date(request: Request, db: Db, client: CurrentClient, photo_id: UUID, form: Day) -> Response:
    photo = queries.photo(db, client, photo_id)
    if not form.ok:
        return render(
            request, "photos/undated.html", 422, photos=queries.undated(db, client), form=form, wrong=photo.id
        )
    service.set_date(db, client, photo, form.value.taken_on)
    more = queries.undated(db, client)
    return redirect(request, "photos:undated" if more else "photos:mine", flash="Thank you, the date is noted.")


@router.post("/photos/{photo_id}/view", name="photos:relabel")
def relabel(request: Request, db: Db, viewer: SignedIn, photo_id: UUID, form: WhichView) -> Response:
    if not form.ok:
        photo = queries.photo(db, viewer, photo_id)
        return redirect(request, "photos:show", photo_id=photo.id, flash="Please choose a view.", kind="warning")
    view = form.value.view
    quality = deciding.measured_as(request.app.state.engine, vault_of(request), viewer, photo_id, view)
    deciding.relabel(db, viewer, queries.photo(db, viewer, photo_id), view, quality)
    if viewer.is_client and queries.to_decide(db, viewer):
        return redirect(request, "photos:sent", flash=f"Noted: {NAMES[view]}.")
    return redirect(request, "photos:show", photo_id=photo_id, flash=f"Noted: {NAMES[view]}.")


@router.post("/photos/{photo_id}/confirm", name="photos:confirm")
def confirm(request: Request, db: Db, client: CurrentClient, posted: Posted, photo_id: UUID) -> Response:
    deciding.confirm(db, client, queries.photo(db, client, photo_id))
    return redirect(request, "photos:sent", flash="Thank you. The photo now stands in your series.")


@router.post("/photos/{photo_id}/keep", name="photos:keep")
def keep(request: Request, db: Db, client: CurrentClient, posted: Posted, photo_id: UUID) -> Response:
    deciding.keep(db, client, queries.photo(db, client, photo_id))
    return redirect(request, "photos:sent", flash="The photo is kept.")


@router.post("/photos/{photo_id}/details", name="photos:details")
def details(request: Request, db: Db, client: CurrentClient, photo_id: UUID, form: Hair) -> Response:
    photo = queries.photo(db, client, photo_id)
    if not form.ok:
        return redirect(request, "photos:show", photo_id=photo_id, flash="Please choose from the list.", kind="warning")
    deciding.say_hair(db, client, photo, form.value)
    return redirect(request, "photos:show", photo_id=photo_id, flash="Thank you, it is noted.")


@router.post("/clients/{client_id}/photos/plan", name="photos:plan")
def plan(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, form: Plan) -> Response:
    client = client_of(db, practitioner, client_id)
    if not form.ok:
        return redirect(request, "photos:of-client", client_id=client_id, flash="Please choose one.", kind="warning")
    service.set_presentation(db, practitioner, client.id, form.value.presentation)
    return redirect(request, "photos:of-client", client_id=client_id, flash="Noted. These views are asked for now.")
