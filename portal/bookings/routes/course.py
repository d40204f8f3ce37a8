"""All sessions of a course on one page: their windows, what is booked, and the rest booked at once or not at all."""

from datetime import time
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import gates, whole_course
from portal.bookings.chooser import Asked
from portal.bookings.forms import CourseForm, status_of
from portal.bookings.whole_course import SessionFails, Wish
from portal.courses import queries as courses
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router()
Entry = Annotated[Bound[CourseForm], Depends(bind(CourseForm))]
From = Annotated[str, Query(alias="from", max_length=20)]
Short = Annotated[str, Query(max_length=40)]
TIMES = [(f"{hour:02}:00", f"{hour:02}:00") for hour in range(7, 21)]


@router.get("/course/sessions", name="bookings:course")
def mine(
    request: Request, db: Db, client: CurrentClient, start: From = "", at: Short = "", who: Short = ""
) -> Response:
    return _page(request, db, client, client.id, blank(), _wish(start, at, who))


@router.post("/course/sessions", name="bookings:book-course")
def book(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    if not _booked(db, client, client.id, form):
        return _page(request, db, client, client.id, form, _wish_of(form))
    return redirect(request, "bookings:mine", flash="Your whole course is booked.")


@router.get("/clients/{client_id}/course/sessions", name="bookings:course-for")
def of_client(
    request: Request,
    db: Db,
    viewer: CurrentPractitioner,
    client_id: UUID,
    start: From = "",
    at: Short = "",
    who: Short = "",
) -> Response:
    return _page(request, db, viewer, client_id, blank(), _wish(start, at, who))


@router.post("/clients/{client_id}/course/sessions", name="bookings:book-course-for")
def book_for(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    if not _booked(db, viewer, client_id, form):
        return _page(request, db, viewer, client_id, form, _wish_of(form))
    return redirect(request, "bookings:course-for", client_id=client_id, flash="The whole course is booked.")


def _booked(db: Db, viewer: Viewer, client_id: UUID, form: Bound[Any]) -> bool:
    if form.ok:
        try:
            whole_course.book_all(db, viewer, client_id, form.value.slot)
        except SessionFails as error:
            number = 1 + sorted(form.value.slot, key=lambda one: one.starts_at).index(error.chosen)
            nth = _NTH.get(number, f"{number}th")
            form.fail("", f"Nothing is booked yet: the {nth} of these times cannot be had. {error.sentence}")
        except Refused as error:
            form.fail("", error.sentence)
    return form.ok


_NTH = {1: "first", 2: "second", 3: "third"}


def _page(request: Request, db: Db, viewer: Viewer, client_id: UUID, form: Bound[Any], wish: Wish | None) -> Response:
    client = accounts.client(db, viewer, client_id)
    audit.seen(db, viewer, "bookings.course_seen", client_id)
    if courses.running(db, client_id) is None:
        return render(request, "bookings/no_course.html", client=client)
    proposal = whole_course.propose(db, client_id, wish)
    known = {
        "client": client,
        "proposal": proposal,
        "gate": gates.gate_of(db, client_id, proposal.treatment, clock.now()),
        "practitioners": accounts.practitioners(db),
        "times": TIMES,
    }
    return render(request, "bookings/course.html", status_of(form), form=form, **known)


def _wish_of(form: Bound[Any]) -> Wish | None:
    return _wish(form.raw_text("from"), form.raw_text("at"), form.raw_text("who"))


def _wish(start: str, at: str, who: str) -> Wish | None:
    """What the address asks for; what cannot be read counts as not said."""
    asked = Asked(start, who)
    if asked.day is None:
        return None
    return Wish(asked.day, time.fromisoformat(at) if (at, at) in TIMES else time(10), asked.practitioner_id)
