"""The catalogue's screens for an admin."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentAdmin
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries, service
from portal.treatments.forms import TreatmentForm, typed_hours
from portal.treatments.rules import CHECK_IN_HOURS

router = Router(prefix="/admin/treatments")
Entry = Annotated[Bound[TreatmentForm], Depends(bind(TreatmentForm))]

_USUAL = {
    "interval_days": 28,
    "sessions_suggested": 6,
    "cooling_off_days": 1,
    "check_in_hours": typed_hours(CHECK_IN_HOURS),
}


@router.get("", name="treatments:list")
def list_(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return render(request, "treatments/list.html", treatments=queries.everything(db))


@router.get("/new", name="treatments:new")
def new(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    form = blank(is_active=True, **dict.fromkeys(("buffer_before", "buffer_after", "order"), 0), **_USUAL)
    return render(request, "treatments/edit.html", form=form, treatment=None)


@router.post("/new", name="treatments:add")
def add(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    try:
        if form.ok:
            service.save(db, admin, form.value)
    except Refused as error:
        refused(form, "name", error)
    if not form.ok:
        return render(request, "treatments/edit.html", 422, form=form, treatment=None)
    return redirect(request, "treatments:list", flash="The treatment is in the catalogue.")


@router.get("/{treatment_id}", name="treatments:edit")
def edit(request: Request, db: Db, admin: CurrentAdmin, treatment_id: UUID) -> Response:
    treatment = queries.get(db, treatment_id)
    money = {"price": treatment.price_cents, "deposit": treatment.deposit_cents}
    typed = {name: None if cents is None else f"{cents / 100:.2f}" for name, cents in money.items()}
    form = blank(**treatment.model_dump() | typed | {"check_in_hours": typed_hours(treatment.check_in_hours)})
    return render(request, "treatments/edit.html", form=form, treatment=treatment)


@router.post("/{treatment_id}", name="treatments:save")
def save(request: Request, db: Db, admin: CurrentAdmin, treatment_id: UUID, form: Entry) -> Response:
    treatment = queries.get(db, treatment_id)
    try:
        if form.ok:
            service.save(db, admin, form.value, treatment)
    except Refused as error:
        refused(form, "name", error)
    if not form.ok:
        return render(request, "treatments/edit.html", 422, form=form, treatment=treatment)
    return redirect(request, "treatments:list", flash="The treatment is saved.")
