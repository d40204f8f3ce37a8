"""A practitioner's own week and time off."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.bookings import queries, working_time
from portal.bookings.forms import HoursForm, TimeOffForm
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/hours")
Row = Annotated[Bound[HoursForm], Depends(bind(HoursForm))]
Away = Annotated[Bound[TimeOffForm], Depends(bind(TimeOffForm))]


@router.get("", name="bookings:hours")
def hours(request: Request, db: Db, viewer: CurrentPractitioner) -> Response:
    return _page(request, db, viewer)


@router.post("", name="bookings:add-hours")
def add_hours(request: Request, db: Db, viewer: CurrentPractitioner, form: Row) -> Response:
    if not _done(form, "opens", lambda: working_time.add_hours(db, viewer, form.value)):
        return _page(request, db, viewer, 422, row=form)
    return redirect(request, "bookings:hours", flash="Your hours are saved. Clients see the new times now.")


@router.post("/{hours_id}/remove", name="bookings:remove-hours")
def remove_hours(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, hours_id: UUID) -> Response:
    working_time.remove_hours(db, viewer, hours_id)
    return redirect(request, "bookings:hours", flash="These hours are removed. What is booked in them stays.")


@router.post("/time-off", name="bookings:add-time-off")
def add_time_off(request: Request, db: Db, viewer: CurrentPractitioner, form: Away) -> Response:
    stand: list[Any] = []
    if not _done(form, "last_day", lambda: stand.extend(working_time.add_time_off(db, viewer, form.value))):
        return _page(request, db, viewer, 422, away=form)
    told = (
        f"{len(stand)} already booked in that time: please move them by hand." if stand else "Nothing is booked then."
    )
    kind = "warning" if stand else "ok"
    return redirect(request, "bookings:hours", flash=f"Your time off is saved. {told}", kind=kind)


@router.post("/time-off/{time_off_id}/remove", name="bookings:remove-time-off")
def remove_time_off(
    request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, time_off_id: UUID
) -> Response:
    working_time.remove_time_off(db, viewer, time_off_id)
    return redirect(request, "bookings:hours", flash="The time off is removed.")


def _page(request: Request, db: Db, viewer: Viewer, status: int = 200, **given: Bound[Any]) -> Response:
    forms = {"row": blank(weekday=0, opens="09:00", closes="17:00"), "away": blank(), **given}
    week, away = queries.hours_of(db, viewer.id), queries.time_off_of(db, viewer.id)
    return render(request, "bookings/hours.html", status, week=week, time_off=away, **forms)


def _done(form: Bound[Any], field: str, act: Callable[[], object]) -> bool:
    if form.ok:
        try:
            act()
        except Refused as error:
            form.fail(field, error.sentence)
    return form.ok
