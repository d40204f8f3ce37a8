"""The draft of a report: saved as it is typed, by the form's script or by a button, and begun anew."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import JSONResponse, Response

from portal.accounts import whose
from portal.accounts.auth import CurrentClient
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.forms import Bound, Posted, bind
from portal.kit.routing import Db, Router, led_to
from portal.kit.templating import time_of_day
from portal.kit.web import redirect, url
from portal.side_effects import drafts
from portal.side_effects.forms import ReportForm
from portal.side_effects.routes.own import MOST_BYTES, ClinicZone
from portal.side_effects.routes.scripted import is_script

router = Router(prefix="/side-effects/draft")
SAVED = "Saved, and not sent. It waits here for you."
NO_PHOTO = f"{SAVED} Only a photo cannot wait: please choose it again then."


async def _as_typed(
    request: Request, form: Annotated[Bound[ReportForm], Depends(bind(ReportForm))]
) -> Bound[ReportForm]:
    """The form's token belongs to sending, which happens once; saving may happen as often as one types."""
    request.state.sending_token, request.state.form_token = request.state.form_token, None
    return form


@router.post("", name="side_effects:save-draft", max_body_size=MOST_BYTES)
def save(
    request: Request,
    db: Db,
    client: CurrentClient,
    zone: ClinicZone,
    form: Annotated[Bound[ReportForm], Depends(_as_typed)],
) -> Response:
    whose.only_of(request, client, form, url(request, "side_effects:new"))
    drafts.alone(db, client)
    if sent := led_to(db, request, url(request, "side_effects:report"), request.state.sending_token):
        return JSONResponse({"to": sent}) if is_script(request) else redirect(request, "side_effects:mine")
    drafts.save(db, client, form)
    if is_script(request):
        return JSONResponse({"saved": time_of_day(clock.now(), client.time_zone or zone)})
    return redirect(request, "side_effects:mine", flash=NO_PHOTO if form.files else SAVED)


@router.post("/discard", name="side_effects:discard-draft")
def discard(request: Request, db: Db, client: CurrentClient, posted: Posted) -> Response:
    if draft := drafts.of(db, client):
        audit.record(db, client, "side_effects.draft_discarded", draft, client.id)
    drafts.discard(db, client)
    return redirect(request, "side_effects:new")
