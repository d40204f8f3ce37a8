"""A practitioner's own week, one-off openings and time off."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.availability import queries, service
from portal.availability.answers import by_id, done, place_options, standing
from portal.availability.forms import HoursForm, OpeningForm, TimeOffForm
from portal.availability.shut import Shut
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/hours")
Row = Annotated[Bound[HoursForm], Depends(bind(HoursForm))]
Once = Annotated[Bound[OpeningForm], Depends(bind(OpeningForm))]
Away = Annotated[Bound[TimeOffForm], Depends(bind(TimeOffForm))]


@router.get("", name="availability:hours")
def hours(request: Request, db: Db, viewer: CurrentPractitioner) -> Response:
    return _page(request, db, viewer)


@router.post("", name="availability:add-hours")
def add_hours(request: Request, db: Db, viewer: CurrentPractitioner, form: Row) -> Response:
    if not done(form, "opens", lambda: service.add_hours(db, viewer, form.value)):
        return _page(request, db, viewer, 422, row_form=form)
    return redirect(request, "availability:hours", flash="Your hours are saved. Clients see the new times now.")


@router.post("/{hours_id}/remove", name="availability:remove-hours")
def remove_hours(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, hours_id: UUID) -> Response:
    service.remove_hours(db, viewer, hours_id)
    return redirect(request, "availability:hours", flash="The row is removed. What is booked stays as it is.")


@router.post("/openings", name="availability:add-opening")
def add_opening(request: Request, db: Db, viewer: CurrentPractitioner, form: Once) -> Response:
    if not done(form, "day", lambda: service.add_opening(db, viewer, form.value), "at_place"):
        return _page(request, db, viewer, 422, once_form=form)
    return redirect(request, "availability:hours", flash="The extra hours are saved. Clients see them now.")


@router.post("/openings/{opening_id}/remove", name="availability:remove-opening")
def remove_opening(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, opening_id: UUID) -> Response:
    service.remove_opening(db, viewer, opening_id)
    return redirect(request, "availability:hours", flash="The extra hours are removed. What is booked stays as it is.")


@router.post("/time-off", name="availability:add-time-off")
def add_time_off(request: Request, db: Db, viewer: CurrentPractitioner, form: Away) -> Response:
    made: list[Shut] = []
    if not done(form, "last_day", lambda: made.append(service.add_time_off(db, viewer, form.value))):
        return _page(request, db, viewer, 422, away=form)
    told, kind = standing(made[0])
    return redirect(request, "availability:hours", flash=f"Your time off is saved. {told}", kind=kind)


@router.post("/time-off/{time_off_id}/remove", name="availability:remove-time-off")
def remove_time_off(
    request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, time_off_id: UUID
) -> Response:
    service.remove_time_off(db, viewer, time_off_id)
    return redirect(request, "availability:hours", flash="The time off is removed.")


def _page(request: Request, db: Db, viewer: Viewer, status: int = 200, **given: Bound[Any]) -> Response:
    forms = {
        "row_form": blank(weekday=0, opens="09:00", closes="17:00"),
        "once_form": blank(),
        "away": blank(),
        **given,
    }
    return render(
        request,
        "availability/hours.html",
        status,
        week=queries.hours_of(db, viewer.id),
        openings=queries.openings_of(db, viewer.id),
        time_off=queries.time_off_of(db, viewer.id),
        closures=queries.closures(db),
        places=place_options(db),
        place_names=by_id(queries.places(db)),
        **forms,
    )
