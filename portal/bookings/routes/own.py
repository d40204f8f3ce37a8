"""Appointments: choose, book, look at, move, cancel, take into a calendar."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import advice, ics, queries, rules, service
from portal.bookings.chooser import Asked, chooser, treatment_for
from portal.bookings.forms import BookForm, CancelForm, MoveForm, status_of
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render, url
from portal.treatments import queries as treatments

router = Router(prefix="/appointments")
Entry = Annotated[Bound[BookForm], Depends(bind(BookForm))]
Change = Annotated[Bound[MoveForm], Depends(bind(MoveForm))]
GivingUp = Annotated[Bound[CancelForm], Depends(bind(CancelForm))]
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


@router.post("", name="bookings:book")
def book(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    if form.ok:
        try:
            made = service.book(db, client, client.id, treatments.by_slug(db, form.value.treatment), *form.value.slot)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:show", appointment_id=made.id, flash="Your appointment is booked.")
    asked = Asked(form.raw_text("from"), form.raw_text("who"))
    return _choose(request, db, client, form, form.raw_text("treatment"), asked)


@router.get("/{appointment_id}", name="bookings:show")
def show(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID) -> Response:
    return _show(request, db, viewer, queries.appointment(db, viewer, appointment_id), blank())


@router.get("/{appointment_id}/move", name="bookings:move")
def move_page(
    request: Request, db: Db, viewer: SignedIn, appointment_id: UUID, start: From = "", who: Who = ""
) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    service.require_movable(db, viewer, appointment)
    return _move(request, db, viewer, appointment, blank(), Asked(start, who))


@router.post("/{appointment_id}/move", name="bookings:moved")
def move(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID, form: Change) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    service.require_movable(db, viewer, appointment)
    if form.ok:
        try:
            service.move(
                db, viewer, appointment, form.value.slot.starts_at, form.value.slot.practitioner_id, form.value.reason
            )
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:show", appointment_id=appointment_id, flash="The appointment is moved.")
    return _move(request, db, viewer, appointment, form, Asked(form.raw_text("from"), form.raw_text("who")))


@router.post("/{appointment_id}/cancel", name="bookings:cancel")
def cancel(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID, form: GivingUp) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    if not form.ok:
        return _show(request, db, viewer, appointment, form)
    service.cancel(db, viewer, appointment, form.value.reason)
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="The appointment is cancelled.")


@router.get("/{appointment_id}/appointment.ics", name="bookings:ics")
def calendar_file(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    profile = clinic.profile(db)
    page = request.app.state.settings.base_url + url(request, "bookings:show", appointment_id=appointment_id)
    file = ics.event(appointment, profile.name, profile.address, page, clock.now())
    answer = Response(file, media_type="text/calendar; charset=utf-8")
    answer.headers["content-disposition"] = 'attachment; filename="appointment.ics"'
    answer.headers["cache-control"] = "no-store"
    return answer


def _choose(request: Request, db: Db, client: Viewer, form: Bound[Any], slug: str, asked: Asked) -> Response:
    treatment = treatment_for(db, client.id, slug)
    found = chooser(db, client, client.id, treatment, asked)
    offered = treatments.offered(db)
    return render(request, "bookings/choose.html", status_of(form), form=form, chooser=found, offered=offered)


def _move(
    request: Request, db: Db, viewer: Viewer, appointment: Appointment, form: Bound[Any], asked: Asked
) -> Response:
    treatment = treatments.get(db, appointment.treatment_id)
    found = chooser(db, viewer, appointment.client_id, treatment, asked, appointment.id)
    (visit,) = queries.visits(db, [appointment])
    return render(request, "bookings/move.html", status_of(form), form=form, chooser=found, visit=visit)


def _show(request: Request, db: Db, viewer: Viewer, appointment: Appointment, form: Bound[Any]) -> Response:
    audit.seen(db, viewer, "bookings.seen", appointment.client_id, appointment)
    (visit,) = queries.visits(db, [appointment])
    return render(
        request,
        "bookings/show.html",
        status_of(form),
        form=form,
        visit=visit,
        advice=advice.about(visit.treatment),
        is_open=appointment.is_booked and clock.now() < appointment.starts_at,
        may_change=rules.may_change(appointment.starts_at, clock.now(), by_client=viewer.is_client),
        may_move=viewer.is_staff or appointment.moves < rules.MOST_MOVES,
        may_attend=rules.may_attend(appointment.starts_at, clock.now()),
        moves=queries.moves_of(db, viewer, appointment.id) if viewer.is_practitioner else (),
    )
