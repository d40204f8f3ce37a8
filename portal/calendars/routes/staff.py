"""The team's day and week, and for whom a free time is."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.calendars.board import day_board, week_board
from portal.calendars.forms import Asked
from portal.calendars.ground import rooms
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.routing import Db, Router
from portal.kit.web import Pages, render

router = Router(prefix="/agenda")
Text = Annotated[str, Query(max_length=60)]
NAMES_COOKIE, A_YEAR = "portal_names", 366 * 86400


def _asked(day: Text = "", who: Text = "", view: Text = "") -> Asked:
    return Asked(day, who, view)


def _initials(request: Request, names: Text = "") -> bool:
    """Whether names are hidden: as the address says, else as this browser was last told."""
    return (names or request.cookies.get(NAMES_COOKIE, "")) == "initials"


Sheet = Annotated[Asked, Depends(_asked)]
Initials = Annotated[bool, Depends(_initials)]


@router.get("", name="calendars:day")
def day(request: Request, db: Db, viewer: CurrentPractitioner, sheet: Sheet, initials: Initials) -> Response:
    today = clock.today(clinic.profile(db).time_zone)
    shown = sheet.day_or(today)
    board = day_board(db, viewer, shown, by_room=sheet.by_room, only_mine=sheet.only_mine, initials=initials)
    around = {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1), "today": today}
    page = render(request, "calendars/day.html", board=board, shown=shown, sheet=sheet, initials=initials, **around)
    return _remembering(request, page, initials=initials)


@router.get("/week", name="calendars:week")
def week(request: Request, db: Db, viewer: CurrentPractitioner, sheet: Sheet, initials: Initials) -> Response:
    today = clock.today(clinic.profile(db).time_zone)
    monday = sheet.monday_or(today)
    people, places = accounts.practitioners(db), rooms(db)
    who = next((one.id for one in (*people, *places) if one.id == sheet.subject), viewer.id)
    board = week_board(db, viewer, monday, who, initials=initials)
    around = {"before": monday - timedelta(days=7), "after": monday + timedelta(days=7), "today": today}
    choice = {"people": people, "places": places, "who": who, "shown": monday, "last": monday + timedelta(days=6)}
    page = render(request, "calendars/week.html", board=board, initials=initials, **choice, **around)
    return _remembering(request, page, initials=initials)


@router.get("/book", name="calendars:book")
def book(request: Request, db: Db, viewer: CurrentPractitioner, sheet: Sheet, words: Text = "") -> Response:
    shown = sheet.day_or(clock.today(clinic.profile(db).time_zone))
    clients = accounts.clients(db, viewer, words, limit=20) if words else []
    with_whom = next((one for one in accounts.practitioners(db) if one.id == sheet.subject), None)
    return render(request, "calendars/book.html", clients=clients, words=words, shown=shown, with_whom=with_whom)


def _remembering(request: Request, page: Response, *, initials: bool) -> Response:
    """Whoever hides the names hides them on every sheet, until they are asked for again."""
    if "names" in request.query_params:
        pages: Pages = request.app.state.pages
        value = "initials" if initials else ""
        page.set_cookie(
            NAMES_COOKIE, value, max_age=A_YEAR, path="/agenda", httponly=True, samesite="lax", secure=pages.secure
        )
    return page
