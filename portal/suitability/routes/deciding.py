"""The practitioner's side: answers and earlier verdicts beside the form, the signature, pauses."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.questionnaires import queries as health
from portal.suitability import queries, scope, service
from portal.suitability.forms import HoldForm, VerdictForm
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments

router = Router()
Entry = Annotated[Bound[VerdictForm], Depends(bind(VerdictForm))]
ZONES = [(zone.value, zone.label) for zone in scope.Zone]
Pause = Annotated[Bound[HoldForm], Depends(bind(HoldForm))]


@router.get("/clients/{client_id}/verdict", name="suitability:verdict")
def verdict(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    return _page(request, db, practitioner, client_id)


@router.post("/clients/{client_id}/verdict", name="suitability:sign")
def sign(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    accounts.client(db, practitioner, client_id)
    try:
        if form.ok:
            service.sign_verdict(db, practitioner, client_id, form.value)
    except Refused as error:
        refused(form, "treatment_id", error)
    if not form.ok:
        return _page(request, db, practitioner, client_id, 422, form=form)
    return redirect(request, "suitability:verdict", flash="The verdict is signed.", client_id=client_id)


@router.post("/clients/{client_id}/holds", name="suitability:hold")
def hold(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, form: Pause) -> Response:
    accounts.client(db, practitioner, client_id)
    if not form.ok:
        return _page(request, db, practitioner, client_id, 422, pause=form)
    service.place_hold(db, practitioner, client_id, HoldKind.PRACTITIONER, form.value.reason)
    return redirect(request, "suitability:verdict", flash="New sessions are paused.", client_id=client_id)


@router.post("/holds/{hold_id}/lift", name="suitability:lift")
def lift(request: Request, db: Db, practitioner: CurrentPractitioner, posted: Posted, hold_id: UUID) -> Response:
    ended = service.lift_hold(db, practitioner, hold_id)
    return redirect(request, "suitability:verdict", flash="The pause has ended.", client_id=ended.client_id)


def _page(
    request: Request,
    db: Db,
    practitioner: Viewer,
    client_id: UUID,
    status: int = 200,
    form: Bound[Any] | None = None,
    pause: Bound[Any] | None = None,
) -> Response:
    client = accounts.client(db, practitioner, client_id)
    standing = queries.standing(db, practitioner, client.id)
    known = {
        "client": client,
        "standing": standing,
        "health": health.health(db, practitioner, client.id, standing.verdict.signed_at if standing.verdict else None),
        "today": clock.today(clinic.profile(db).time_zone),
        "speaks_against": service.speaks_against(db, client.id),
        "names": accounts.names(db, [one.practitioner_id for one in standing.verdicts]),
        "treatment_options": [(treatment.id, treatment.name) for treatment in treatments.with_verdict(db)],
        "zone_options": ZONES,
        "form": form or _empty(standing),
        "pause": pause or blank(),
    }
    if status == 200:  # noqa: PLR2004
        audit.seen(db, practitioner, "suitability.seen", client.id)
    return render(request, "suitability/verdict.html", status, **known)


def _empty(standing: queries.Standing) -> Bound[Any]:
    """Nothing is preselected but what hardly ever differs: the treatment, when there is only one, and the last day."""
    last = scope.months_later(clock.now().date(), scope.VALID_MONTHS)
    return blank(valid_until=last, treatment_id=standing.treatment.id if standing.treatment else None)
