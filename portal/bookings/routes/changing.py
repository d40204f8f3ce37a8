"""Moving an appointment, giving it up, and asking for either when it is too late to do it alone."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient, SignedIn
from portal.accounts.rules import Viewer
from portal.bookings import gatekeeping, pages, queries, refusals, service, whole_course
from portal.bookings.chooser import Asked, chooser
from portal.bookings.forms import AskForm, CancelForm, MoveForm, status_of
from portal.bookings.models import Appointment
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router(prefix="/appointments/{appointment_id}")
Change = Annotated[Bound[MoveForm], Depends(bind(MoveForm))]
GivingUp = Annotated[Bound[CancelForm], Depends(bind(CancelForm))]
Asking = Annotated[Bound[AskForm], Depends(bind(AskForm))]
From = Annotated[str, Query(alias="from", max_length=20)]
Short = Annotated[str, Query(max_length=40)]
MOVED = "The appointment is moved."
MOVED_WITH = "The appointment is moved, and so are the sessions after it."


@router.get("/move", name="bookings:move")
def move_page(
    request: Request,
    db: Db,
    viewer: SignedIn,
    appointment_id: UUID,
    start: From = "",
    who: Short = "",
    following: Short = "",
    in_spite: Short = "",
) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    refusals.require_movable(db, viewer, appointment)
    return _move(request, db, viewer, appointment, blank(), Asked(start, who, bool(in_spite), bool(following)))


@router.post("/move", name="bookings:moved")
def move(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID, form: Change) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    refusals.require_movable(db, viewer, appointment)
    if form.ok:
        try:
            _do_move(db, viewer, appointment, form.value)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            told = MOVED_WITH if form.value.following else MOVED
            return redirect(request, "bookings:show", appointment_id=appointment_id, flash=told)
    raw = form.raw_text
    asked = Asked(raw("from"), raw("who"), bool(raw("override_kind")), bool(raw("following")))
    return _move(request, db, viewer, appointment, form, asked)


@router.post("/cancel", name="bookings:cancel")
def cancel(request: Request, db: Db, viewer: SignedIn, appointment_id: UUID, form: GivingUp) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    if not form.ok:
        return pages.show(request, db, viewer, appointment, form)
    wished = viewer.is_staff and form.value.at_clients_wish
    service.cancel(db, viewer, appointment, form.value.reason, at_clients_wish=wished)
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="The appointment is cancelled.")


@router.post("/ask", name="bookings:ask")
def ask(request: Request, db: Db, client: CurrentClient, appointment_id: UUID, form: Asking) -> Response:
    appointment = queries.appointment(db, client, appointment_id)
    if not form.ok:
        return pages.show(request, db, client, appointment, form)
    gatekeeping.ask_for_change(db, client, appointment, form.value.wish, form.value.reason)
    told = "We have got your wish. The appointment stands until we answer."
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash=told)


def _do_move(db: Db, viewer: Viewer, appointment: Appointment, wanted: MoveForm) -> None:
    practitioner_id, starts_at = wanted.slot
    if wanted.following:
        whole_course.move_with_following(db, viewer, appointment, starts_at, practitioner_id, wanted.reason)
    else:
        override = wanted.override if viewer.is_practitioner else None
        service.move(db, viewer, appointment, starts_at, practitioner_id, wanted.reason, override=override)


def _move(
    request: Request, db: Db, viewer: Viewer, appointment: Appointment, form: Bound[Any], asked: Asked
) -> Response:
    treatment = treatments.get(db, appointment.treatment_id)
    after = whole_course.following(db, appointment)
    leaving = [one.id for one in after] if asked.with_following else []
    found = chooser(db, viewer, appointment.client_id, treatment, asked, appointment, leaving)
    (visit,) = queries.visits(db, [appointment])
    known = {"form": form, "chooser": found, "visit": visit, "after": after, "asked": asked}
    return render(request, "bookings/move.html", status_of(form), **known)
