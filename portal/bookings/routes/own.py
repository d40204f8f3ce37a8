"""A client's appointments: choose a time, which is kept while it is confirmed; look at one, take it into a calendar."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient, SignedIn
from portal.accounts.rules import Viewer
from portal.bookings import pages, queries, service
from portal.bookings.chooser import Asked, chooser, treatment_for
from portal.bookings.forms import BookForm, status_of
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router(prefix="/appointments")
Entry = Annotated[Bound[BookForm], Depends(bind(BookForm))]
From = Annotated[str, Query(alias="from", max_length=20)]
Who = Annotated[str, Query(max_length=40)]


@router.get("", name="bookings:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    every = queries.visits(db, queries.appointments(db, client, client.id))
    ahead = [one for one in every if one.appointment.is_booked and one.appointment.ends_at > clock.now()]
    before = [one for one in every if one not in ahead]
    return render(request, "bookings/mine.html", ahead=ahead[::-1], before=before)


@router.get("/new", name="bookings:choose")
def choose(
    request: Request, db: Db, client: CurrentClient, treatment: str = "", start: From = "", who: Who = ""
) -> Response:
    return _choose(request, db, client, blank(), treatment, Asked(start, who))


@router.post("/hold", name="bookings:hold")
def hold(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    if form.ok:
        try:
            kept = service.hold(db, client, client.id, treatments.by_slug(db, form.value.treatment), *form.value.slot)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:confirm", kept_id=kept.id)
    return _choose_again(request, db, client, form)


@router.get("/confirm/{kept_id}", name="bookings:confirm")
def confirm(request: Request, db: Db, client: CurrentClient, kept_id: UUID) -> Response:
    return pages.confirming(request, db, queries.slot_hold(db, client, kept_id))


@router.post("", name="bookings:book")
def book(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    if form.ok:
        try:
            treatment = treatments.by_slug(db, form.value.treatment)
            kept = queries.own_hold(db, client, form.value.hold)
            made = service.book(db, client, client.id, treatment, *form.value.slot, kept)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:show", appointment_id=made.id, flash="Your appointment is booked.")
    return _choose_again(request, db, client, form)


@router.get("/{appointment_id}", name="bookings:show")
def show(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID) -> Response:
    return pages.show(request, db, viewer, queries.appointment(db, viewer, appointment_id))


@router.get("/{appointment_id}/appointment.ics", name="bookings:ics")
def ics(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID) -> Response:
    return pages.calendar_file(request, db, queries.appointment(db, viewer, appointment_id))


def _choose_again(request: Request, db: Db, client: Viewer, form: Bound[Any]) -> Response:
    asked = Asked(form.raw_text("from"), form.raw_text("who"))
    return _choose(request, db, client, form, form.raw_text("treatment"), asked)


def _choose(request: Request, db: Db, client: Viewer, form: Bound[Any], slug: str, asked: Asked) -> Response:
    treatment = treatment_for(db, client.id, slug)
    found = chooser(db, client, client.id, treatment, asked)
    offered = treatments.offered(db)
    return render(request, "bookings/choose.html", status_of(form), form=form, chooser=found, offered=offered)
