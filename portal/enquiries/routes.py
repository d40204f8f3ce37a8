"""The public form, and the pages where staff answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import Anyone, CurrentStaff
from portal.accounts.cookies import address
from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.enquiries import queries, rules, service
from portal.enquiries.forms import EnquiryForm, StatusForm
from portal.kit import limits
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router()
Entry = Annotated[Bound[EnquiryForm], Depends(bind(EnquiryForm))]
NewStatus = Annotated[Bound[StatusForm], Depends(bind(StatusForm))]


@router.get("/enquire", name="enquiries:new")
def new(request: Request, db: Db, viewer: Anyone) -> Response:
    form = blank(name=viewer.name if viewer else None, email=viewer.email if viewer else None)
    return _form(request, db, form)


@router.post("/enquire", name="enquiries:send")
def send(request: Request, db: Db, viewer: Anyone, form: Entry) -> Response:
    if not form.ok:
        return _form(request, db, form, 422)
    limits.spend(db, "enquiry", address(request), limit=6, seconds=3600)
    service.send(db, form.value)
    return redirect(request, "enquiries:thanks")


@router.get("/enquire/thanks", name="enquiries:thanks")
def thanks(request: Request, db: Db, viewer: Anyone) -> Response:
    profile = clinic.profile(db)
    return render(request, "enquiries/thanks.html", whatsapp=profile.whatsapp_with(rules.whatsapp_text(profile.name)))


@router.get("/enquiries", name="enquiries:list")
def list_(request: Request, db: Db, staff: CurrentStaff, before: str | None = None) -> Response:
    page = queries.enquiries(db, staff, before)
    owners = people.names(db, [row.owner_id for row in page.rows if row.owner_id])
    return render(request, "enquiries/list.html", page=page, owners=owners)


@router.get("/enquiries/{enquiry_id}", name="enquiries:show")
def show(request: Request, db: Db, staff: CurrentStaff, enquiry_id: UUID) -> Response:
    return _one(request, db, staff, enquiry_id)


@router.post("/enquiries/{enquiry_id}/owner", name="enquiries:take")
def take(request: Request, db: Db, staff: CurrentStaff, posted: Posted, enquiry_id: UUID) -> Response:
    service.take(db, staff, queries.enquiry(db, staff, enquiry_id))
    return redirect(request, "enquiries:show", enquiry_id=enquiry_id, flash="This enquiry is yours now.")


@router.post("/enquiries/{enquiry_id}/status", name="enquiries:status")
def status(request: Request, db: Db, staff: CurrentStaff, enquiry_id: UUID, form: NewStatus) -> Response:
    if not form.ok:
        return _one(request, db, staff, enquiry_id, 422)
    service.change_status(db, staff, queries.enquiry(db, staff, enquiry_id), form.value.status)
    return redirect(request, "enquiries:show", enquiry_id=enquiry_id, flash="Saved.")


@router.post("/enquiries/{enquiry_id}/invitation", name="enquiries:invite")
def invite(request: Request, db: Db, staff: CurrentStaff, posted: Posted, enquiry_id: UUID) -> Response:
    person = service.invite(db, staff, queries.enquiry(db, staff, enquiry_id))
    return redirect(
        request, "enquiries:show", enquiry_id=enquiry_id, flash=f"{person.name} is invited: a link is on its way."
    )


def _form(request: Request, db: Db, form: Bound[EnquiryForm], status: int = 200) -> Response:
    profile = clinic.profile(db)
    whatsapp = profile.whatsapp_with(rules.whatsapp_text(profile.name))
    return render(
        request, "enquiries/new.html", status, form=form, ways=rules.WAYS, parts=rules.PARTS, whatsapp=whatsapp
    )


def _one(request: Request, db: Db, viewer: Viewer, enquiry_id: UUID, status: int = 200) -> Response:
    enquiry = queries.enquiry(db, viewer, enquiry_id)
    owner = people.person(db, enquiry.owner_id).name if enquiry.owner_id else None
    return render(
        request,
        "enquiries/show.html",
        status,
        enquiry=enquiry,
        owner=owner,
        Status=rules.Status,
        may_become=rules.may_become,
    )
