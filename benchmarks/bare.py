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
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from fastapi import FastAPI
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
    """Stands for a template and notes what it is rendered with."""

    def __init__(self, template: Any, into: list[tuple[str, dict[str, Any]]]) -> None:
        self._template, self._into = template, into

    def render(self, context: dict[str, Any]) -> str:
        self._into.append((self._template.name, context))
        return str(self._template.render(context))


def record(app: FastAPI, cookie: str) -> Recorded:
    """One real request, watched; the second one, because the first fills caches."""
    ask(app, cookie)
    statements: list[tuple[str, Any]] = []
    rendered: list[tuple[str, dict[str, Any]]] = []

    def watch(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        statements.append((statement, parameters))

    env, find = app.state.pages.env, app.state.pages.env.get_template
    env.get_template = lambda name: _Watched(find(name), rendered)
    sa.event.listen(app.state.engine, "before_cursor_execute", watch)
    html = ask(app, cookie)
    sa.event.remove(app.state.engine, "before_cursor_execute", watch)
    env.get_template = find
    ((template, context),) = rendered
    reads = [(statement, parameters) for statement, parameters in statements if not statement.startswith("BEGIN")]
    return Recorded(reads, template, _plain(context), html)


def ask(app: Starlette, cookie: str, path: str = PORTAL) -> str:
    """The page as text, asked without a server. Raises when it is no page."""
    answer = TestClient(app, base_url="http://127.0.0.1:8000").get(path, headers={"cookie": cookie}, follow_redirects=False)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"  # noqa: S101, PLR2004 - nothing to measure
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
    assert _TOKEN.sub("", ask(bare, "", BARE)) == _TOKEN.sub("", recorded.html), "the pages differ"  # noqa: S101 - as above
    return bare


def _plain(value: Any) -> Any:
    """The same value with plain objects in place of ORM rows, however deep they lie."""
    if isinstance(value, SQLModel):
        return _plain_row(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _plain_row(row: SQLModel) -> object:
    """An object with the row's values as ordinary attributes and the row's own properties."""
    kind = type(row)
    own = {name: part for name, part in vars(kind).items() if isinstance(part, property | FunctionType) and name[0] != "_"}
    made = type(kind.__name__, (), own)()
    vars(made).update({name: getattr(row, name) for name in kind.model_fields})
    return made
