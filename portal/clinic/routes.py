"""The clinic's colours as a style sheet, and the screen where an admin edits the profile."""

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import Anyone, CurrentAdmin
from portal.clinic import queries, rules, service
from portal.clinic.forms import ClinicForm
from portal.clinic.policy_form import STEPS, PolicyForm, as_typed
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router()
Entry = Annotated[Bound[ClinicForm], Depends(bind(ClinicForm))]
Limits = Annotated[Bound[PolicyForm], Depends(bind(PolicyForm))]
ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone]


@router.get("/theme.css", name="clinic:theme")
def theme(request: Request, db: Db, viewer: Anyone) -> Response:
    page = render(request, "clinic/theme.css", theme=rules.theme(queries.profile(db).accent))
    page.headers["content-type"] = "text/css; charset=utf-8"
    page.headers["cache-control"] = "public, max-age=31536000, immutable"
    return page


@router.get("/admin/clinic", name="clinic:edit")
def edit(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    form = blank(**queries.profile(db).model_dump())
    return render(request, "clinic/edit.html", form=form, zone_options=ZONES)


@router.post("/admin/clinic", name="clinic:save")
def save(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    if not form.ok:
        return render(request, "clinic/edit.html", 422, form=form, zone_options=ZONES)
    service.edit(db, admin, form.value)
    return redirect(request, "clinic:edit", flash="The clinic’s details are saved. Every page shows them now.")


@router.get("/admin/booking-policy", name="clinic:policy")
def policy(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return render(request, "clinic/policy.html", form=blank(**as_typed(queries.policy(db))), steps=STEPS)


@router.post("/admin/booking-policy", name="clinic:save-policy")
def save_policy(request: Request, db: Db, admin: CurrentAdmin, form: Limits) -> Response:
    if not form.ok:
        return render(request, "clinic/policy.html", 422, form=form, steps=STEPS)
    service.edit_policy(db, admin, form.value)
    return redirect(
        request, "clinic:policy", flash="The booking rules are saved. They hold from now on, also for what is booked."
    )
