"""Everybody's own calendar address, and the file behind it: for programs, which do not sign in."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import Anyone, SignedIn
from portal.accounts.rules import Viewer
from portal.calendars import feed, queries, service
from portal.calendars.forms import FeedForm
from portal.calendars.rules import Detail, details_for
from portal.kit.db import afterwards
from portal.kit.errors import NotFound, TooMany
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import Pages, redirect, render, url

router = Router(prefix="/calendar")
Choice = Annotated[Bound[FeedForm], Depends(bind(FeedForm))]
COOKIE, SECONDS = "portal_calendar", 300  # carries the address to the one page that shows it
PATH = "/calendar"


@router.get("", name="calendars:mine")
def mine(request: Request, db: Db, viewer: SignedIn) -> Response:
    token = _just_made(request, viewer)
    page = _page(request, db, viewer, None, token)
    page.delete_cookie(COOKIE, path=PATH)
    return page


@router.post("", name="calendars:make")
def make(request: Request, db: Db, viewer: SignedIn, form: Choice) -> Response:
    if not form.ok:
        return _page(request, db, viewer, form, "")
    token = service.make_feed(db, viewer, form.value.detail)
    pages: Pages = request.app.state.pages
    answer = redirect(request, "calendars:mine", flash="Your calendar address is ready. It is shown only now.")
    sealed = pages.box.close(_purpose(viewer), token)
    answer.set_cookie(COOKIE, sealed, max_age=SECONDS, path=PATH, httponly=True, samesite="lax", secure=pages.secure)
    return answer


@router.post("/detail", name="calendars:detail")
def detail(request: Request, db: Db, viewer: SignedIn, form: Choice) -> Response:
    if not form.ok:
        return _page(request, db, viewer, form, "")
    service.set_detail(db, viewer, form.value.detail)
    return redirect(request, "calendars:mine", flash="Saved. Your calendar shows it when it next asks.")


@router.post("/revoke", name="calendars:revoke")
def revoke(request: Request, db: Db, viewer: SignedIn, posted: Posted) -> Response:
    service.revoke_feed(db, viewer)
    return redirect(request, "calendars:mine", flash="The address no longer works.")


@router.get("/{token}.ics", name="calendars:feed")
def file(request: Request, db: Db, viewer: Anyone, token: str) -> Response:
    found = queries.feed_behind(db, token)
    if found is None:
        raise NotFound
    row, person = found
    if service.is_read_too_often(db, row):
        raise TooMany("This calendar was asked for too often. Please let your program ask once an hour.")
    afterwards(db, lambda later: service.note_read(later, row.id))
    content = feed.file(db, row, person, request.app.state.settings.base_url)
    tag = feed.etag(content)
    headers = {"etag": tag, "cache-control": "private, no-store", "referrer-policy": "no-referrer"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


def _page(request: Request, db: Db, viewer: Viewer, form: Bound[FeedForm] | None, token: str) -> Response:
    row = queries.own_feed(db, viewer)
    address = request.app.state.settings.base_url + url(request, "calendars:feed", token=token) if token else ""
    return render(
        request,
        "calendars/mine.html",
        422 if form else 200,
        form=form or blank(detail=row.detail.value if row else Detail.PLAIN.value),
        feed=row,
        address=address,
        details=details_for(is_practitioner=viewer.is_practitioner),
    )


def _just_made(request: Request, viewer: Viewer) -> str:
    pages: Pages = request.app.state.pages
    return pages.box.open(_purpose(viewer), request.cookies.get(COOKIE, ""), SECONDS) or ""


def _purpose(viewer: Viewer) -> str:
    """Sealed for one person: after another sign-in in the same browser it opens no more."""
    return f"{COOKIE}-{viewer.id}"
