"""A bare page made from one real request: the same statements, the same template, the same HTML, and nothing else.

The reference is what somebody would write who wanted nothing but speed: Starlette, one open sqlite3 connection, Jinja2;
no guard, no ORM, no thread, no security headers. It is recorded, not written, so that it cannot drift from the page:

- the statements and parameters that reached the database are sent again by sqlite3, and all rows fetched;
- the client's story is made of those rows, as any page must that shows them: values from text by plain Python, then
  the same pure functions (what happened, what is due, how far the course is);
- the template is rendered again by the same Jinja2 environment; what is not the story (clinic, navigation) stays as it
  was recorded.
"""

import dataclasses
import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import FastAPI
from jinja2 import Environment
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from portal.kit import clock
from portal.timeline import queries, rows, rules
from portal.timeline.asked import FACTS, Fact, gathered
from portal.timeline.due import due
from portal.timeline.queries import Story
from portal.timeline.routes import SHOWN
from portal.timeline.rows import Decision, Picture, Plan, Report, Visit, Words

PORTAL, BARE = "/home", "/bare"
_TOKEN: Final = re.compile(r'name="form_token" value="[^"]*"')
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")


class Recorded(NamedTuple):
    """What one request asked of the database and of the templates, and the page it got."""

    statements: list[tuple[str, Any]]
    template: str
    context: dict[str, Any]
    html: str


class _Watched:
    """Stands for the Jinja environment and notes what a page is rendered with."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.template, self.context = "", dict[str, Any]()

    def get_template(self, name: str) -> Self:
        self.template = name
        return self

    def render(self, context: dict[str, Any]) -> str:
        self.context = context
        return self.env.get_template(self.template).render(context)


def record(app: FastAPI, cookie: str) -> Recorded:
    """One real request, watched; the second one, because the first fills caches."""
    ask(app, cookie)
    statements: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append((statement, parameters))

    state, pages = app.state, app.state.pages
    watched = _Watched(pages.env)
    state.pages = dataclasses.replace(pages, env=watched)
    sa.event.listen(state.engine, "before_cursor_execute", note)
    html = ask(app, cookie)
    sa.event.remove(state.engine, "before_cursor_execute", note)
    state.pages = pages
    return Recorded(statements, watched.template, watched.context, html)


def ask(app: Starlette, cookie: str, path: str = PORTAL) -> str:
    """The page as text, asked without a server. Raises when it is no page."""
    browser = TestClient(app, base_url="http://127.0.0.1:8000", headers={"cookie": cookie}, follow_redirects=False)
    answer = browser.get(path)
    if answer.status_code != HTTPStatus.OK:
        message = f"{path} answered {answer.status_code}: there is nothing to measure."
        raise RuntimeError(message)
    return str(answer.text)


def bare_page(app: FastAPI, recorded: Recorded, database: Path) -> Starlette:
    """The reference. Raises when it does not give the same HTML as the portal."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    env = app.state.pages.env

    makers = [maker_of(statement) for statement, _ in recorded.statements]
    zone = ZoneInfo(recorded.context["clinic"].time_zone)

    async def page(_: Request) -> HTMLResponse:
        connection.execute("BEGIN")
        read = [connection.execute(*asked).fetchall() for asked in recorded.statements]
        connection.execute("COMMIT")
        found = {make.kind: [make.of(row) for row in rows] for make, rows in zip(makers, read, strict=True) if make}
        return HTMLResponse(env.get_template(recorded.template).render(recorded.context | view_of(found, zone)))

    bare = Starlette(routes=[Route(BARE, page)])
    if _TOKEN.sub("", ask(bare, "", BARE)) != _TOKEN.sub("", recorded.html):
        raise RuntimeError("The reference does not give the page that the portal gives.")
    return bare


class Maker(NamedTuple):
    """Makes one kind of row of the story from what sqlite3 gives."""

    kind: type
    parts: list[Callable[[Any], Any] | None]

    def of(self, row: tuple[Any, ...]) -> Any:
        return self.kind(
            *[part(value) if part and value is not None else value for part, value in zip(self.parts, row, strict=True)]
        )


def _text(statement: sa.ClauseElement) -> str:
    return str(statement.compile(dialect=sqlite_dialect()))


_STORY = {
    _text(rows.VISITS): (rows.VISITS, Visit),
    _text(rows.PLANS): (rows.PLANS, Plan),
    _text(rows.DECISIONS): (rows.DECISIONS, Decision),
    _text(rows.PICTURES): (rows.PICTURES, Picture),
    _text(rows.REPORTS): (rows.REPORTS, Report),
    _text(rows.REPLIES): (rows.REPLIES, Words),
    _text(FACTS): (FACTS, Fact),
}


def maker_of(statement: str) -> Maker | None:
    """How to read the rows of a statement, when it is one of the story's."""
    if statement not in _STORY:
        return None
    wanted, kind = _STORY[statement]
    return Maker(kind, [_reader(column.type) for column in wanted.selected_columns])


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    readers: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (sa.Uuid, UUID),
        (UTCDateTime, lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)),
        (sa.Date, date.fromisoformat),
        (sa.JSON, json.loads),
        (sa.Boolean, bool),
    )
    if isinstance(kind, sa.Enum):
        return kind.enum_class
    return next((read for known, read in readers if isinstance(kind, known)), None)


def view_of(found: dict[type, list[Any]], zone: ZoneInfo) -> dict[str, Any]:
    """What the page shows of the story, by the portal's own pure functions."""
    plans, now = found[Plan], clock.now()
    told = Story(
        found[Visit],
        plans[0] if plans else None,
        found[Decision],
        found[Picture],
        found[Report],
        found[Words],
        gathered(found[Fact], found[Decision][0].treatment_id),
        [],
    )
    return {
        "told": told,
        "stops": queries.progress(told),
        "items": [item for item in queries.items(told) if item.at <= now][:SHOWN],
        "due": due(queries.standing(told, zone), now),
        "window": rules.window_at(told.last_session, now),
    }
