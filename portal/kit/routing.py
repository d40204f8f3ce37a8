"""One request, at most one thread hop, one transaction.

FastAPI runs each synchronous dependency in a thread of its own, and commits a `yield` dependency after the answer was
sent. Here a dependency that needs the database returns `InHop(make)`; the route resolves it inside its single hop,
inside its transaction. Returning commits, raising rolls back, and nothing is sent before that is certain.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Engine, Table
from sqlmodel import Field, Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from portal.kit import clock
from portal.kit.db import Later, Row, do_later, insert_once, reading, transaction, unit
from portal.kit.errors import NotFound, PortalError

READS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TOKEN = "form_token"  # noqa: S105 - a field's name
MAX_FILES = 30
SMALL_BODY = 512 * 1024  # bytes; what a form without files may weigh


class UsedForm(Row, table=True):
    """A form that was acted upon: its fingerprint and where the first post led. A second post goes there too."""

    fingerprint: str = Field(unique=True, max_length=64)
    location: str = ""
    used_at: datetime = Field(default_factory=clock.now, index=True)


_USED: Table = UsedForm.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class InHop:
    """A promise kept inside the route's one thread: `make(db)` gives the dependency's value. It may only read."""

    make: Callable[[Session], Any]


class _TheDatabase(InHop):
    """Stands for the transaction itself."""


class _Twice(Exception):  # noqa: N818
    """The same form was acted upon by another request meanwhile."""


async def _db() -> InHop:
    return _TheDatabase(lambda db: db)


Db = Annotated[Session, Depends(_db)]


class Router(APIRouter):
    """An APIRouter whose endpoints each run in one hop and one transaction."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """`max_body_size` goes to `security.BodyLimit`, whose refusal is a page of ours."""
        options = {**options, "include_in_schema": False, "response_model": None}
        if options.get("methods") and set(options["methods"]) == {"GET"}:
            options["methods"] = ["GET", "HEAD"]
        only_reads = set(options.get("methods") or ()) <= READS
        run = looking(endpoint) if only_reads else in_one_hop(endpoint)
        if most := options.pop("max_body_size", None):
            run.most_bytes = most  # type: ignore[union-attr]
        super().add_api_route(path, run, **options)


def looking(endpoint: Callable[..., Response]) -> Callable[..., Any]:
    """Wrap an endpoint that only reads. SQLite never makes a reader wait, and a page is all computation: there it runs
    at once, because a thread would only fight for the interpreter. What a look leaves behind (`afterwards`) may have to
    wait for a writer, so it is always done in a thread; so is everything where the database or the files are remote.
    """

    @functools.wraps(endpoint)
    async def run(**given: Any) -> Response:
        state = given["request"].app.state
        _refuse_nul(given["request"])
        if not state.reads_at_once:
            return await run_in_threadpool(_look_and_leave, endpoint, given)
        answer, later = _look(endpoint, given)
        if later:
            await run_in_threadpool(do_later, state.engine, later)
        return answer

    return run


def _look(endpoint: Callable[..., Response], given: dict[str, Any]) -> tuple[Response, list[Later]]:
    request: Request = given["request"]
    later: list[Later] = []
    with unit(reading(request.app.state.engine), later) as db:
        request.state.db = db
        answer = endpoint(**_kept(given, db, db))
    return answer, later


def _look_and_leave(endpoint: Callable[..., Response], given: dict[str, Any]) -> Response:
    answer, later = _look(endpoint, given)
    do_later(given["request"].app.state.engine, later)
    return answer


def in_one_hop(endpoint: Callable[..., Response]) -> Callable[..., Response]:
    """Wrap a synchronous endpoint that writes; it must take `request`."""

    @functools.wraps(endpoint)
    def run(**given: Any) -> Response:
        request: Request = given["request"]
        engine: Engine = request.app.state.engine
        _refuse_nul(request)
        mark = _fingerprint(request)
        try:
            return _where_it_led(engine, mark) or _act(request, mark, endpoint, given)
        except (PortalError, _Twice):
            if first := _where_it_led(engine, mark):
                return first
            raise
        finally:
            for upload in getattr(request.state, "uploads", ()):
                upload.file.close()

    return run


def _refuse_nul(request: Request) -> None:
    if b"%00" in request.scope["query_string"]:  # no address of ours has a NUL, and PostgreSQL takes none
        raise NotFound


def _act(request: Request, mark: str | None, endpoint: Callable[..., Response], given: dict[str, Any]) -> Response:
    """The guard reads first, apart, so that slow work before the first write (a photo) holds no lock."""
    engine: Engine = request.app.state.engine
    with transaction(engine, write=False) as before:
        kept = _kept(given, before, None)
    with transaction(engine) as db:
        request.state.db = db
        answer = endpoint(**{name: db if isinstance(value, _TheDatabase) else value for name, value in kept.items()})
        led_to = answer.headers.get("location")
        if (
            mark
            and led_to
            and not insert_once(db, _USED, UsedForm(fingerprint=mark, location=led_to).model_dump(), "fingerprint")
        ):
            raise _Twice
    return answer


def _kept(given: dict[str, Any], looking_at: Session, db: Session | None) -> dict[str, Any]:
    kept = dict(given)
    for name, value in given.items():
        if isinstance(value, _TheDatabase):
            kept[name] = db or value
        elif isinstance(value, InHop):
            kept[name] = value.make(looking_at)
    return kept


def led_to(db: Session, request: Request, path: str, token: object) -> str:
    """Where the form with this token led when it was posted to `path`; empty while it was not."""
    mark = _mark(request, path, token)
    row = db.connection().execute(_USED.select().where(_USED.c.fingerprint == mark)).first() if mark else None
    return str(row.location) if row else ""


def _where_it_led(engine: Engine, mark: str | None) -> Response | None:
    if mark is None:
        return None
    with transaction(engine, write=False) as db:
        row = db.connection().execute(_USED.select().where(_USED.c.fingerprint == mark)).first()
    return RedirectResponse(row.location, 303) if row else None


def _fingerprint(request: Request) -> str | None:
    return _mark(request, request.url.path, getattr(request.state, "form_token", None))


def _mark(request: Request, path: str, token: object) -> str | None:
    if not isinstance(token, str) or not token:
        return None
    seal = request.cookies.get(request.app.state.cookie_name, "")
    return hashlib.sha256("\n".join((path, seal, token[:80])).encode(errors="replace")).hexdigest()
