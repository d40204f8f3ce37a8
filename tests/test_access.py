"""Every route × every role, from tests/access_table.py. A route that is missing there fails: add its row."""

import functools
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlmodel import SQLModel
from starlette.responses import Response
from starlette.testclient import TestClient

from portal.accounts import service as accounts
from portal.features import FEATURES
from portal.kit.db import transaction
from portal.kit.storage import LocalStorage
from tests.access_table import MAY_MOVE, NO_PARTS, NOT_A_CHANGE, QUERY, ROLES, ROWS
from tests.conftest import browser
from tests.databases import Template, as_template, fresh
from tests.make_world import ASKED, MARK, PRIVATE, World, make_world

ROUTES = {
    route.name: route
    for feature in FEATURES
    for router in feature.routers
    for route in router.routes
    if isinstance(route, APIRoute)
}
READS = [name for name, route in ROUTES.items() if "GET" in route.methods]
CHANGES = [name for name in ROUTES if name not in READS]


@pytest.fixture(scope="module")
def template(template: Template, app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The cast's database with one row of every kind in it."""
    folder = tmp_path_factory.mktemp("world")
    engine = fresh(template, folder)
    app.state.world_storage = app.state.storage = LocalStorage(folder / "uploads")
    with transaction(engine) as db:
        app.state.world = make_world(db, app, template.cast)
        roles = {role: getattr(template.cast, role).id for role in ROLES[1:]}
        app.state.tokens = {role: accounts.start_sign_in(db, person, role) for role, person in roles.items()}
    return as_template(engine, template.cast)


@pytest.fixture
def world(app: FastAPI, engine: Engine) -> World:
    app.state.storage = app.state.world_storage
    return app.state.world


@pytest.fixture
def as_role(app: FastAPI, world: World) -> Callable[[str], TestClient]:
    """The browser of a role; they have been signed in since before the database was copied."""

    def person(role: str) -> TestClient:
        made = browser(app)
        if role != "nobody":
            made.cookies.set(app.state.cookie_name, app.state.tokens[role])
        return made

    return functools.cache(person)


def test_the_table_names_every_route_and_no_other():
    assert not set(ROUTES) - set(ROWS), f"add a row to the table: {sorted(set(ROUTES) - set(ROWS))}"
    assert not set(ROWS) - set(ROUTES), f"no such route: {sorted(set(ROWS) - set(ROUTES))}"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_each_role_gets_what_the_table_says(name, world, as_role):
    row = ROWS[name]
    path = world.path(ROUTES[name].path) + QUERY.get(name, "")
    answers = {role: ask(as_role(role), name, path) for role in sorted(ROLES, key=lambda role: row[role] == "ok")}
    assert {role: meaning(answer) for role, answer in answers.items()} == row
    for role, answer in answers.items():
        tells_nothing_foreign(role, row[role], answer.text)


def tells_nothing_foreign(role: str, cell: str, body: str) -> None:
    """No refusal holds a word of the data, and no page a word that is not this person's to read."""
    if cell != "ok":
        assert not [mark for mark in (MARK, PRIVATE, ASKED, "Eve Elder") if mark in body]
    if role != "bob":
        assert PRIVATE not in body, "a private note"
    if role in {"nobody", "charlie", "dana"}:
        assert MARK not in body, "a clinical word"
    if role in {"nobody", "alice", "charlie"}:
        assert ASKED not in body, "an enquiry"
    if role in {"nobody", "charlie"}:
        assert "Alice" not in body, "another client’s name"


@pytest.mark.parametrize("name", [name for name in sorted(ROUTES) if set(ROUTES[name].param_convertors) - NO_PARTS])
def test_what_does_not_exist_is_not_there_for_anybody(name, world, as_role):
    """An id nobody has, and something that is no id at all."""
    for role in ROLES[1:]:
        expected = "no" if ROWS[name][role] == "no" else "none"
        for odd in (uuid4(), "1", "..%2f..%2fetc%2fpasswd", "%00", "é" * 40):
            path = world.path(ROUTES[name].path, **dict.fromkeys(set(ROUTES[name].param_convertors) - NO_PARTS, odd))
            answer = ask(as_role(role), name, path + QUERY.get(name, ""))
            wanted = {expected} if odd.__class__ is not str else {expected, "none"}
            assert meaning(answer) in wanted, f"{role} {path}: {answer.status_code}"


def test_nothing_is_done_for_a_page_of_another_site(world, as_role, engine):
    before = everything(engine)
    for name in CHANGES:
        person = as_role(next(role for role in ("bob", "dana", "alice") if ROWS[name][role] == "ok"))
        path, ours = world.path(ROUTES[name].path), person.headers.pop("sec-fetch-site")
        for foreign in (
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
        ):
            assert person.post(path, headers=foreign).status_code == 403, (name, foreign)
        person.headers["sec-fetch-site"] = ours
    assert everything(engine) == before


@pytest.mark.parametrize("role", ROLES)
def test_looking_changes_nothing(role, world, as_role, engine):
    before = everything(engine)
    for name in READS:
        as_role(role).get(world.path(ROUTES[name].path) + QUERY.get(name, ""))
    after = everything(engine)
    assert not [table for table, rows in before.items() if after[table] != rows]


@pytest.mark.parametrize("name", [name for name in READS if "client_id" in ROUTES[name].param_convertors])
def test_a_client_who_just_arrived_has_every_page_too(name, world, as_role, charlie):
    answer = as_role("bob").get(world.path(ROUTES[name].path, client_id=charlie.id) + QUERY.get(name, ""))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/static",
        "/static/",
        "/static/x/",
        "/admin/../etc/passwd",
        "/favicon.ico",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/x/%2e%2e/%2e%2e/portal/settings.py",
        "/static/x/..%2f..%2fportal%2fsettings.py",
    ],
)
def test_what_is_no_page_is_no_page(path, visitor):
    assert visitor.get(path).status_code == 404


def test_another_practitioners_working_time_is_not_mine_to_remove(world, signed_in, erin):
    for name in ("availability:remove-hours", "availability:remove-time-off", "availability:remove-opening"):
        assert signed_in(erin).post(world.path(ROUTES[name].path)).status_code == 404


def test_a_photos_address_with_another_ending_is_never_the_photo(world, as_role):
    for ending in ("x.css", "small.jpg/x.css", "small.css", "small.jpg%2fx.css", "huge.jpg", "original.js"):
        answer = as_role("alice").get(f"/photos/{world.ids['photo_id']}/{ending}")
        assert answer.status_code == 404
        assert "image" not in answer.headers["content-type"]


def ask(client: TestClient, name: str, path: str) -> Response:
    return client.get(path) if name in READS else client.post(path, data={"form_token": uuid4().hex})


def meaning(answer: Response) -> str:
    """The cell an answer belongs in."""
    if answer.status_code == 303:
        return (
            "door"
            if answer.headers["location"].startswith("/sign-in?") or answer.headers["location"] == "/sign-in"
            else "ok"
        )
    return {403: "no", 404: "none"}.get(
        answer.status_code, "ok" if answer.status_code in {200, 204, 409, 410, 422} else f"{answer.status_code}"
    )


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but for what a look may leave."""
    found = {}
    with engine.connect().execution_options(reading=True) as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in NOT_A_CHANGE:
                continue
            columns = [column for column in table.columns if (table.name, column.name) not in MAY_MOVE]
            found[table.name] = sorted(map(repr, connection.execute(sa.select(*columns))))
        connection.rollback()
    return found
