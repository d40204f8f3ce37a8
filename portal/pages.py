"""What every page shares (clinic, viewer, navigation), the error pages, static files, health and metrics."""

import hmac
import logging
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import REGISTRY, generate_latest
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from portal import paths
from portal.accounts import whose
from portal.accounts.auth import find_viewer
from portal.accounts.rules import Viewer
from portal.calendars import invitations
from portal.cases import queries as cases
from portal.checkins import queries as check_ins
from portal.clinic import queries as clinic
from portal.clinic.models import ClinicProfile
from portal.demo import people
from portal.escalations import queries as escalations
from portal.kit import clock, mail
from portal.kit.db import transaction
from portal.kit.errors import NotFound, PortalError, Refused, SignInNeeded, Unavailable
from portal.kit.forms import blank
from portal.kit.routing import MAX_FILES
from portal.kit.web import Pages, render
from portal.navigation import Link
from portal.photos import queries as photo_queries
from portal.photos import service as photos
from portal.photos.decode import BadPhoto
from portal.photos.service import Upload
from portal.photos.vault import Vault
from portal.photos.views import View
from portal.reviews import queries as reviews
from portal.side_effects import drawn, running

log = logging.getLogger("portal")
_SENTENCES = {
    404: (
        "We could not find that",
        "There is no such page. Perhaps the address has a typing error, or the page has moved.",
    ),
    405: ("That does not work here", "This address cannot be used that way."),
    413: ("That is too large to send", "A photo may have up to 25 MB. Please send fewer or smaller ones at once."),
    400: ("We could not read that", "The form did not arrive whole. Please go back and send it again."),
}


def common(request: Request) -> Mapping[str, Any]:
    """Everything the layouts need; also while the database is away."""
    state = request.app.state
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    db: Session | None = getattr(request.state, "db", None)
    profile, nav = _from_database(request, db, viewer)
    return {
        "viewer": viewer,
        "clinic": profile,
        "zone": (viewer.time_zone if viewer else "") or profile.time_zone,
        "nav": nav,
        "said": lambda ids: reviews.of(db, viewer, ids) if db and viewer else [],
        "escalation_of": lambda report_id: escalations.of_report(db, viewer, report_id) if db and viewer else None,
        "case_file_of": lambda report_id: cases.of_report(db, viewer, report_id) if db and viewer else None,
        "drawn_of": lambda report: drawn.of_report(db, viewer, report) if db and viewer else [],
        "levels_shown": cache(lambda: db is None or running.shows_level(db)),  # asked for each row of a list
        "standing_of": lambda report_id: escalations.standing(db, viewer, report_id) if db and viewer else None,
        "photo_is_there": lambda photo_id: bool(db and viewer and photo_queries.is_there(db, viewer, photo_id)),
        "check_ins_due": lambda: check_ins.due(db, viewer) if db and viewer else [],
        "check_ins_of": lambda client_id: check_ins.with_states(db, viewer, client_id) if db and viewer else [],
        "whose_form": lambda: whose.field(request, viewer),
        "blank_form": blank(),
        "demo": people if state.settings.is_demo else None,
        "theme_href": lambda: state.url("clinic:theme", v=profile.accent.lstrip("#")),
    }


def _from_database(request: Request, db: Session | None, viewer: Viewer | None) -> tuple[ClinicProfile, list[Link]]:
    if db is not None:
        return clinic.profile(db), _links(request, db, viewer)
    try:
        with transaction(request.app.state.engine, write=False) as own:
            return clinic.profile(own), _links(request, own, viewer)
    except Unavailable:
        return ClinicProfile(), []


def _links(request: Request, db: Session, viewer: Viewer | None) -> list[Link]:
    links: list[Link] = request.app.state.navigation.links(request, db, viewer) if viewer else []
    return links


class HashedFiles(StaticFiles):
    """/static/<digest>/css/main.css → css/main.css, cached for ever: another content has another address."""

    def get_path(self, scope: Scope) -> str:
        return super().get_path(scope).partition("/")[2] or "-"

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def add_plumbing(app: FastAPI) -> None:
    """Static files, /health, /metrics and the pages for everything that goes wrong."""
    app.mount("/static", HashedFiles(directory=paths.STATIC), name="static")
    app.add_route("/health", _health, methods=["GET"])
    app.add_route("/metrics", _metrics, methods=["GET"])
    app.add_exception_handler(PortalError, _portal_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_address)


def mail_composer(app: FastAPI) -> Callable[[mail.OutboxMail], EmailMessage]:
    """Turns an outbox row into a message: the clinic's name, our address before the link, text and HTML alike."""

    def compose(row: mail.OutboxMail) -> EmailMessage:
        pages: Pages = app.state.pages
        settings = app.state.settings
        with transaction(app.state.engine, write=False) as db:
            profile, invite = clinic.profile(db), None
            if row.invite_id:
                invite = invitations.invite(
                    db, row.invite_id, row.to, settings.mail_from, settings.base_url, clock.now()
                )
        known = {"clinic": profile, "mail": row, "link": settings.base_url + row.link_path if row.link_path else ""}
        text, html = (pages.env.get_template(f"notifications/email.{kind}").render(known) for kind in ("txt", "html"))
        return mail.message(row, (profile.name, settings.mail_from), text, html, invite)

    return compose


def photo_intake(app: FastAPI) -> Callable[[Session, Viewer, UploadFile], UUID]:
    """How a feature that may not know photos takes one in: the photo of a side effect. Raises Refused for a bad one."""

    def take(db: Session, viewer: Viewer, file: UploadFile) -> UUID:
        vault = Vault(app.state.storage, app.state.photo_master)
        upload = Upload(file.file.read(), file.filename, View.SIDE_EFFECT)
        try:
            decoded = photos.read(app.state.engine, viewer, upload)
            return photos.store(db, vault, viewer, viewer.id, upload, decoded).photo.id
        except BadPhoto as error:
            raise Refused(error.sentence) from error

    return take


def foreign_page(scope: Scope) -> Response:
    """For a post that did not come from our own pages."""
    request = Request(scope)
    sentence = "This request came from another site, so nothing was done. Please open the portal itself and try again."
    return _problem(request, 403, "That did not come from here", sentence)


def _problem(
    request: Request, status: int, title: str, sentence: str, way_out: tuple[str, str] | None = None
) -> Response:
    label, href = way_out or ("Go to the first page", "/")
    return render(
        request,
        "errors/problem.html",
        status,
        status=status,
        title=title,
        sentence=sentence,
        way_out_label=label,
        way_out_href=href,
    )


async def _portal_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PortalError)  # noqa: S101 - Starlette's type is wider than what it passes
    _forget_database(request)
    if isinstance(error, SignInNeeded):
        target = request.url.path if request.method == "GET" else None
        return RedirectResponse(request.app.state.url("accounts:sign-in", after=target), 303)
    page = await run_in_threadpool(_problem, request, error.status, error.title, error.sentence, error.way_out)
    if error.retry_after:
        page.headers["retry-after"] = str(error.retry_after)
    return page


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    _forget_database(request)
    title, sentence = _SENTENCES.get(error.status_code, ("That did not work", "Please go back and try again."))
    if "Too many files" in str(error.detail):
        sentence = f"At most {MAX_FILES} photos can be sent at once. Please go back and send fewer."
    page = await run_in_threadpool(_problem, request, error.status_code, title, sentence)
    page.headers.update(error.headers or {})
    return page


async def _bad_address(request: Request, _: Exception) -> Response:
    """An id in an address that is no id: there is no such page."""
    return await _portal_error(request, NotFound())


def fault_page(scope: Scope, error: Exception) -> Response:
    """A bug of ours: a page with a reference, and the trace in the log under the same reference."""
    reference = scope["state"]["reference"]
    log.error("unexpected", exc_info=error, extra={"reference": reference})
    page = scope["app"].state.pages.env.get_template("errors/unexpected.html").render(reference=reference)
    return Response(page, 500, media_type="text/html")


def _forget_database(request: Request) -> None:
    """The request's transaction is over: the error page reads by its own."""
    request.state.db = None


async def _health(request: Request) -> Response:
    """For a load balancer: 200 while the database answers. It never queues behind writers that wait."""
    state = request.app.state
    well = _answers(state.engine) if state.reads_at_once else await run_in_threadpool(_answers, state.engine)
    return JSONResponse({"status": "ok"}) if well else JSONResponse({"status": "database unavailable"}, 503)


def _answers(engine: sa.Engine) -> bool:
    try:
        with transaction(engine, write=False) as db:
            db.connection().execute(sa.text("SELECT 1"))
    except Unavailable:
        return False
    return True


def is_signed_in(request: Request) -> bool:
    """Whether the request's cookie is that of a living sign-in; asked before a large body is read."""
    with transaction(request.app.state.engine, write=False) as db:
        return find_viewer(request, db) is not None


def _metrics(request: Request) -> Response:
    """Closed unless PORTAL_METRICS_TOKEN is set and sent as a bearer token."""
    token = request.app.state.settings.metrics_token
    given = request.headers.get("authorization", "")
    if token is None or not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise NotFound
    return PlainTextResponse(generate_latest(REGISTRY))
