"""What the team does: book for a client, mark who came, decide in spite of the gate, answer what is asked for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.bookings import gatekeeping, pages, queries, service
from portal.bookings.chooser import Asked, chooser, treatment_for
from portal.bookings.forms import AnswerForm, BookForm, OverrideForm, status_of
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.treatments import queries as treatments

router = Router()
Entry = Annotated[Bound[BookForm], Depends(bind(BookForm))]
Deciding = Annotated[Bound[OverrideForm], Depends(bind(OverrideForm))]
Answering = Annotated[Bound[AnswerForm], Depends(bind(AnswerForm))]
From = Annotated[str, Query(alias="from", max_length=20)]
Short = Annotated[str, Query(max_length=40)]


@router.post("/appointments/{appointment_id}/attend", name="bookings:attend")
def attend(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, appointment_id: UUID) -> Response:
    service.attend(db, viewer, queries.appointment(db, viewer, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Marked as attended.")


@router.post("/appointments/{appointment_id}/no-show", name="bookings:no-show")
def no_show(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, appointment_id: UUID) -> Response:
    service.no_show(db, viewer, queries.appointment(db, viewer, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Marked as not attended.")


@router.post("/appointments/{appointment_id}/waive", name="bookings:waive")
def waive(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, appointment_id: UUID) -> Response:
    service.waive_fee(db, viewer, queries.appointment(db, viewer, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Nothing is asked for it.")


@router.post("/appointments/{appointment_id}/override", name="bookings:override")
def override(request: Request, db: Db, viewer: CurrentPractitioner, appointment_id: UUID, form: Deciding) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    if form.ok:
        try:
            row = gatekeeping.override_standing(db, viewer, appointment, form.value.override)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            told = "It waits for a second practitioner." if row.needs_countersign else "The appointment stands."
            return redirect(request, "bookings:show", appointment_id=appointment_id, flash=f"Recorded. {told}")
    return pages.show(request, db, viewer, appointment, form)


@router.post("/overrides/{override_id}/countersign", name="bookings:countersign")
def countersign(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, override_id: UUID) -> Response:
    row = gatekeeping.countersign(db, viewer, override_id)
    return redirect(request, "bookings:show", appointment_id=row.appointment_id, flash="You have countersigned.")


@router.post("/appointments/{appointment_id}/answer", name="bookings:answer")
def answer(request: Request, db: Db, viewer: CurrentPractitioner, appointment_id: UUID, form: Answering) -> Response:
    appointment = queries.appointment(db, viewer, appointment_id)
    if not form.ok:
        return pages.show(request, db, viewer, appointment, form)
    gatekeeping.answer_request(db, viewer, appointment, form.value.answer)
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="The client can read your answer.")


@router.get("/clients/{client_id}/appointments/new", name="bookings:book-for")
def choose_for(
    request: Request,
    db: Db,
    viewer: CurrentPractitioner,
    client_id: UUID,
    treatment: str = "",
    start: From = "",
    who: Short = "",
    in_spite: Short = "",
) -> Response:
    return _choose(request, db, viewer, client_id, blank(), treatment, Asked(start, who, bool(in_spite)))


@router.post("/clients/{client_id}/appointments/new", name="bookings:booked-for")
def book_for(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    if form.ok:
        wanted = form.value
        try:
            treatment = treatments.by_slug(db, wanted.treatment)
            made = service.book(db, viewer, client_id, treatment, *wanted.slot, override=wanted.override)
        except Refused as error:
            form.fail("", error.sentence)
        else:
            return redirect(request, "bookings:show", appointment_id=made.id, flash="The appointment is booked.")
    raw = form.raw_text
    asked = Asked(raw("from"), raw("who"), bool(raw("in_spite")))
    return _choose(request, db, viewer, client_id, form, raw("treatment"), asked)


def _choose(
    request: Request, db: Db, viewer: Viewer, client_id: UUID, form: Bound[Any], slug: str, asked: Asked
) -> Response:
    client = accounts.client(db, viewer, client_id)
    found = chooser(db, viewer, client_id, treatment_for(db, client_id, slug), asked)
    offered = treatments.offered(db)
    return render(
        request, "bookings/book_for.html", status_of(form), form=form, chooser=found, client=client, offered=offered
    )
