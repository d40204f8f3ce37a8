"""Join the waiting list, change or leave it, and answer an offer."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.kit import clock
from portal.kit.forms import Bound, Posted, bind
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments
from portal.waiting import entries, queries, service
from portal.waiting.forms import WaitForm
from portal.waiting.joining import Joining, joining
from portal.waiting.rules import DAYS, Part

router = Router(prefix="/waiting")
Wishes = Annotated[Bound[WaitForm], Depends(bind(WaitForm))]
Word = Annotated[str, Query(max_length=60)]


@router.get("", name="waiting:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    places = queries.places(db, queries.entries(db, client, client.id))
    offers = [queries.shown_offer(db, place.offer) for place in places if place.offer]
    return render(request, "waiting/mine.html", places=places, offers=offers, now=clock.now())


@router.get("/new", name="waiting:join")
def join(request: Request, db: Db, client: CurrentClient, treatment: Word = "", appointment: Word = "") -> Response:
    page = joining(db, client, client.id, treatment)
    swap = next((one.id for one in page.swaps if str(one.id) == appointment), None)
    return _form(request, page, page.form(swap))


@router.post("", name="waiting:joined")
def joined(request: Request, db: Db, client: CurrentClient, form: Wishes) -> Response:
    if not form.ok:
        return _form(request, joining(db, client, client.id, form.raw_text("treatment")[:60]), form, 422)
    entries.join(db, client, client.id, form.value)
    return redirect(request, "waiting:mine", flash="You are on the waiting list.")


@router.get("/{entry_id}", name="waiting:edit")
def edit(request: Request, db: Db, client: CurrentClient, entry_id: UUID) -> Response:
    page = joining(db, client, client.id, _slug(db, client, entry_id))
    return _form(request, page, page.form())


@router.post("/{entry_id}/leave", name="waiting:leave")
def leave(request: Request, db: Db, client: CurrentClient, posted: Posted, entry_id: UUID) -> Response:
    entries.leave(db, client, queries.entry(db, client, entry_id))
    return redirect(request, "waiting:mine", flash="You are off the list. You can come back to it at any time.")


@router.get("/offers/{offer_id}", name="waiting:offer")
def offer(request: Request, db: Db, client: CurrentClient, offer_id: UUID) -> Response:
    shown = queries.shown_offer(db, queries.offer(db, client, offer_id))
    return render(request, "waiting/offer.html", shown=shown, is_open=shown.offer.is_answerable(clock.now()))


@router.post("/offers/{offer_id}/accept", name="waiting:accept")
def accept(request: Request, db: Db, client: CurrentClient, posted: Posted, offer_id: UUID) -> Response:
    made = service.accept(db, client, queries.offer(db, client, offer_id))
    return redirect(request, "bookings:show", appointment_id=made.id, flash="The time is yours.")


@router.post("/offers/{offer_id}/decline", name="waiting:decline")
def decline(request: Request, db: Db, client: CurrentClient, posted: Posted, offer_id: UUID) -> Response:
    service.decline(db, client, queries.offer(db, client, offer_id))
    return redirect(request, "waiting:mine", flash="Thank you for saying so. You stay on the waiting list.")


def _slug(db: Db, client: Viewer, entry_id: UUID) -> str:
    return treatments.get(db, queries.entry(db, client, entry_id).treatment_id).slug


def _form(request: Request, page: Joining, form: Bound[Any], status: int = 200) -> Response:
    return render(request, "waiting/join.html", status, form=form, page=page, days=DAYS, parts=list(Part))
