"""The practitioner's day: the agenda, who came, and booking for a client."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.bookings import queries, service
from portal.bookings.chooser import Asked, chooser, treatment_for
from portal.bookings.forms import BookForm, status_of
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router()
Entry = Annotated[Bound[BookForm], Depends(bind(BookForm))]
Day = Annotated[str, Query(max_length=20)]
From = Annotated[str, Query(alias="from", max_length=20)]
Who = Annotated[str, Query(max_length=40)]


@router.get("/agenda", name="bookings:agenda")
def agenda(request: Request, db: Db, viewer: CurrentPractitioner, day: Day = "", who: Who = "") -> Response:
    today = clock.today(clinic.profile(db).time_zone)
    shown = Asked(day).day or today
    around = {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1)}
    visits = queries.agenda(db, viewer, shown, everyone=who == "all")
    return render(request, "bookings/agenda.html", visits=visits, shown=shown, today=today, who=who, **around)


@router.post("/appointments/{appointment_id}/attend", name="bookings:attend")
def attend(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, appointment_id: UUID) -> Response:
    service.attend(db, viewer, queries.appointment(db, viewer, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Marked as attended.")


@router.post("/appointments/{appointment_id}/no-show", name="bookings:no-show")
def no_show(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, appointment_id: UUID) -> Response:
    service.no_show(db, viewer, queries.appointment(db, viewer, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Marked as not attended.")


@router.get("/clients/{client_id}/appointments/new", name="bookings:book-for")
def choose_for(
    request: Request,
    db: Db,
    viewer: CurrentPractitioner,
    client_id: UUID,
    treatment: str = "",
    start: From = "",
    who: Who = "",
) -> Response:
    return _choose(request, db, viewer, client_id, blank(), treatment, Asked(start, who))


@router.post("/clients/{client_id}/appointments/new", name="bookings:booked-for")
def book_for(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    if form.ok:
        try:
            made = service.book(db, viewer, client_id, treatments.by_slug(db, form.value.treatment), *form.value.slot)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:show", appointment_id=made.id, flash="The appointment is booked.")
    asked = Asked(form.raw_text("from"), form.raw_text("who"))
    return _choose(request, db, viewer, client_id, form, form.raw_text("treatment"), asked)


def _choose(
    request: Request, db: Db, viewer: Viewer, client_id: UUID, form: Bound[Any], slug: str, asked: Asked
) -> Response:
    client = accounts.client(db, viewer, client_id)
    found = chooser(db, viewer, client_id, treatment_for(db, client_id, slug), asked)
    offered = treatments.offered(db)
    return render(
        request, "bookings/book_for.html", status_of(form), form=form, chooser=found, client=client, offered=offered
    )
