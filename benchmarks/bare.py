"""A bare page made from one real request: the same statements, the same template, the same HTML, and nothing else.

The reference is what somebody would write who wanted nothing but speed: Starlette, one open sqlite3 connection, Jinja2;
no guard, no ORM, no thread, no security headers. It is recorded, not written, so that it cannot drift from the page:

- the statements and parameters that reached the database are sent again by sqlite3, and all rows fetched;
- the template is rendered again by the same Jinja2 environment with the same context, in which rows of the ORM are
  replaced by plain objects with the same values; the reference need not even build them from what it read.
"""

import dataclasses
import re
import sqlite3
from http import HTTPStatus
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple, Self

import sqlalchemy as sa
from fastapi import FastAPI
from jinja2 import Environment
from sqlmodel import SQLModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

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
    return Recorded(statements, watched.template, _plain(watched.context), html)


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

    async def page(_: Request) -> HTMLResponse:
        connection.execute("BEGIN")
        for statement, parameters in recorded.statements:
            connection.execute(statement, parameters).fetchall()
        connection.execute("COMMIT")
        return HTMLResponse(env.get_template(recorded.template).render(recorded.context))

    bare = Starlette(routes=[Route(BARE, page)])
    if _TOKEN.sub("", ask(bare, "", BARE)) != _TOKEN.sub("", recorded.html):
        raise RuntimeError("The reference does not give the page that the portal gives.")
    return bare


def _plain(value: Any) -> Any:
    """The same value with plain objects in place of ORM rows, however deep they lie."""
    if isinstance(value, SQLModel):
        return _plain_row(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: _plain(getattr(value, name)) for name in names})
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _plain_row(row: SQLModel) -> object:
    """An object with the values that were read as ordinary attributes, and the row's own properties."""
    kind = type(row)
    own = {name: part for name, part in vars(kind).items() if isinstance(part, property | FunctionType)}
    made = type(kind.__name__, (), {name: part for name, part in own.items() if not name.startswith("_")})()
    vars(made).update({name: value for name, value in vars(row).items() if name in kind.model_fields})
    return made
