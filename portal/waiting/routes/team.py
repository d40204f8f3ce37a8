"""Who waits, what is offered to them, why they are passed over; putting somebody on the list and taking them off."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentPractitioner
from portal.audit import service as audit
from portal.kit.forms import Bound, Posted, bind
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.waiting import entries, queries
from portal.waiting.forms import WaitForm
from portal.waiting.joining import Joining, joining
from portal.waiting.rules import DAYS, Part

router = Router()
Wishes = Annotated[Bound[WaitForm], Depends(bind(WaitForm))]
Word = Annotated[str, Query(max_length=60)]


@router.get("/waiting-list", name="waiting:list")
def list_(request: Request, db: Db, viewer: CurrentPractitioner) -> Response:
    places = queries.places(db, queries.everybody(db, viewer))
    for place in places:
        audit.seen(db, viewer, "waiting.seen", place.entry.client_id, place.entry)
    return render(request, "waiting/list.html", places=places)


@router.post("/waiting-list/{entry_id}/remove", name="waiting:remove")
def remove(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, entry_id: UUID) -> Response:
    entries.leave(db, viewer, queries.entry(db, viewer, entry_id))
    return redirect(request, "waiting:list", flash="Taken off the waiting list. The client is told.")


@router.get("/clients/{client_id}/waiting", name="waiting:join-for")
def join_for(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, treatment: Word = "") -> Response:
    page = joining(db, viewer, client_id, treatment)
    audit.seen(db, viewer, "waiting.seen", client_id, page.entry)
    return _form(request, page, page.form())


@router.post("/clients/{client_id}/waiting", name="waiting:joined-for")
def joined_for(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, form: Wishes) -> Response:
    if not form.ok:
        return _form(request, joining(db, viewer, client_id, form.raw_text("treatment")[:60]), form, 422)
    entries.join(db, viewer, client_id, form.value)
    return redirect(request, "waiting:list", flash="On the waiting list.")


def _form(request: Request, page: Joining, form: Bound[Any], status: int = 200) -> Response:
    return render(request, "waiting/join_for.html", status, form=form, page=page, days=DAYS, parts=list(Part))
