"""Every route × every role, from a table written by hand. A route that is missing from it fails: add its row.

Each cell says what that person gets: `ok` the page or the deed (also 409, 410 or 422: they were heard), `door` the
sign-in page, `no` 403, `none` 404: there is no such thing, or it is not theirs, and the two look alike.
"""

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
from tests.conftest import browser
from tests.databases import Template, as_template, fresh
from tests.make_world import ASKED, MARK, PRIVATE, World, make_world

ROLES = ("nobody", "alice", "charlie", "bob", "dana")  # not signed in, client, another client, practitioner, admin only
TABLE = """
                             nobody alice charlie bob  dana
    accounts:sign-in         ok     ok    ok      ok   ok
    accounts:do-sign-in      ok     ok    ok      ok   ok
    accounts:portal          door   ok    ok      ok   ok
    accounts:still-here      door   ok    ok      ok   ok
    accounts:sign-out        door   ok    ok      ok   ok
    accounts:signed-out      ok     ok    ok      ok   ok
    accounts:register        ok     ok    ok      ok   ok
    accounts:do-register     ok     ok    ok      ok   ok
    accounts:forgotten       ok     ok    ok      ok   ok
    accounts:do-forgotten    ok     ok    ok      ok   ok
    accounts:sent            ok     ok    ok      ok   ok
    accounts:follow          ok     ok    ok      ok   ok
    accounts:link            ok     ok    ok      ok   ok
    accounts:use-link        ok     ok    ok      ok   ok
    accounts:confirm-address ok     ok    ok      ok   ok
    accounts:me              door   ok    ok      ok   ok
    accounts:edit-profile    door   ok    ok      ok   ok
    accounts:change-password door   ok    ok      ok   ok
    accounts:change-email    door   ok    ok      ok   ok
    accounts:revoke          door   ok    none    none none
    admin:overview           door   no    no      no   ok
    admin:team               door   no    no      no   ok
    admin:invite             door   no    no      no   ok
    admin:close-account      door   no    no      no   ok
    admin:open-account       door   no    no      no   ok
    admin:audit              door   no    no      no   ok
    admin:engine             door   no    no      no   ok
    admin:try-again          door   no    no      no   ok
    availability:hours           door no  no      ok   no
    availability:add-hours       door no  no      ok   no
    availability:remove-hours    door no  no      ok   no
    availability:add-opening     door no  no      ok   no
    availability:remove-opening  door no  no      ok   no
    availability:add-time-off    door no  no      ok   no
    availability:remove-time-off door no  no      ok   no
    availability:places          door no  no      no   ok
    availability:new-place       door no  no      no   ok
    availability:add-place       door no  no      no   ok
    availability:place           door no  no      no   ok
    availability:save-place      door no  no      no   ok
    availability:new-resource    door no  no      no   ok
    availability:add-resource    door no  no      no   ok
    availability:resource        door no  no      no   ok
    availability:save-resource   door no  no      no   ok
    availability:add-outage      door no  no      no   ok
    availability:remove-outage   door no  no      no   ok
    availability:closures        door no  no      no   ok
    availability:add-closure     door no  no      no   ok
    availability:remove-closure  door no  no      no   ok
    bookings:mine            door   ok    ok      no   no
    bookings:choose          door   ok    ok      no   no
    bookings:book            door   ok    ok      no   no
    bookings:show            door   ok    none    ok   none
    bookings:move            door   ok    none    ok   none
    bookings:moved           door   ok    none    ok   none
    bookings:cancel          door   ok    none    ok   none
    bookings:ics             door   ok    none    ok   none
    bookings:attend          door   no    no      ok   no
    bookings:no-show         door   no    no      ok   no
    bookings:book-for        door   no    no      ok   no
    bookings:booked-for      door   no    no      ok   no
    calendars:day            door   no    no      ok   no
    calendars:week           door   no    no      ok   no
    calendars:book           door   no    no      ok   no
    calendars:confirm        door   ok    none    no   no
    calendars:mine           door   ok    ok      ok   ok
    calendars:make           door   ok    ok      ok   ok
    calendars:detail         door   ok    ok      ok   ok
    calendars:revoke         door   ok    ok      ok   ok
    calendars:feed           none   none  none    none none
    clinic:theme             ok     ok    ok      ok   ok
    clinic:edit              door   no    no      no   ok
    clinic:save              door   no    no      no   ok
    clinic:policy            door   no    no      no   ok
    clinic:save-policy       door   no    no      no   ok
    consents:mine            door   ok    ok      no   no
    consents:read            door   ok    ok      no   no
    consents:sign            door   ok    ok      no   no
    consents:withdraw        door   ok    none    no   no
    consents:show            door   ok    none    ok   none
    consents:exact           door   ok    none    ok   none
    consents:of-client       door   no    no      ok   no
    consents:documents       door   no    no      no   ok
    consents:write           door   no    no      no   ok
    consents:publish         door   no    no      no   ok
    consents:version         door   no    no      no   ok
    courses:mine             door   ok    ok      no   no
    courses:agree            door   no    no      ok   no
    courses:start            door   no    no      ok   no
    courses:end              door   no    no      ok   no
    enquiries:new            ok     ok    ok      ok   ok
    enquiries:send           ok     ok    ok      ok   ok
    enquiries:thanks         ok     ok    ok      ok   ok
    enquiries:list           door   no    no      ok   ok
    enquiries:show           door   no    no      ok   ok
    enquiries:take           door   no    no      ok   ok
    enquiries:status         door   no    no      ok   ok
    enquiries:invite         door   no    no      ok   ok
    messages:mine            door   ok    ok      no   no
    messages:send            door   ok    ok      no   no
    messages:thread          door   no    no      ok   no
    messages:answer          door   no    no      ok   no
    notifications:list       door   ok    ok      ok   ok
    notifications:read-all   door   ok    ok      ok   ok
    notifications:open       door   ok    none    none none
    photos:new               door   ok    ok      no   no
    photos:send              door   ok    ok      no   no
    photos:undated           door   ok    ok      no   no
    photos:date              door   ok    none    no   no
    photos:sent              door   ok    ok      no   no
    photos:mine              door   ok    ok      no   no
    photos:of-client         door   no    no      ok   no
    photos:compare           door   ok    ok      no   no
    photos:compare-client    door   no    no      ok   no
    photos:looks             door   ok    ok      no   no
    photos:show              door   ok    none    ok   none
    photos:image             door   ok    none    ok   none
    questionnaires:mine             door   ok    ok      no   no
    questionnaires:check            door   ok    ok      no   no
    questionnaires:checked          door   ok    ok      no   no
    questionnaires:page             door   ok    ok      no   no
    questionnaires:save             door   ok    ok      no   no
    questionnaires:look-over        door   ok    ok      no   no
    questionnaires:send             door   ok    ok      no   no
    questionnaires:discard          door   ok    ok      no   no
    questionnaires:of-client        door   no    no      ok   no
    questionnaires:accept           door   no    no      ok   no
    questionnaires:questions        door   no    no      no   ok
    questionnaires:new-question     door   no    no      no   ok
    questionnaires:add-question     door   no    no      no   ok
    questionnaires:edit-question    door   no    no      no   ok
    questionnaires:save-question    door   no    no      no   ok
    questionnaires:move-question    door   no    no      no   ok
    questionnaires:remove-question  door   no    no      no   ok
    questionnaires:changes          door   no    no      no   ok
    questionnaires:publish          door   no    no      no   ok
    questionnaires:discard-changes  door   no    no      no   ok
    records:edit             door   no    no      ok   no
    records:save             door   no    no      ok   no
    records:sign             door   no    no      ok   no
    records:show             door   ok    none    ok   none
    records:addendum         door   no    no      ok   no
    reviews:photo            door   no    no      ok   no
    reviews:report           door   no    no      ok   no
    side_effects:mine        door   ok    ok      no   no
    side_effects:new         door   ok    ok      no   no
    side_effects:report      door   ok    ok      no   no
    side_effects:show        door   ok    none    ok   none
    side_effects:acknowledge door   no    no      ok   no
    side_effects:close       door   no    no      ok   no
    site:home                ok     ok    ok      ok   ok
    site:how                 ok     ok    ok      ok   ok
    site:services            ok     ok    ok      ok   ok
    site:questions           ok     ok    ok      ok   ok
    site:privacy             ok     ok    ok      ok   ok
    site:robots              ok     ok    ok      ok   ok
    suitability:mine         door   ok    ok      no   no
    suitability:verdict      door   no    no      ok   no
    suitability:sign         door   no    no      ok   no
    suitability:hold         door   no    no      ok   no
    suitability:lift         door   no    no      ok   no
    timeline:home            door   ok    ok      no   no
    timeline:client          door   no    no      ok   no
    treatments:list          door   no    no      no   ok
    treatments:new           door   no    no      no   ok
    treatments:add           door   no    no      no   ok
    treatments:edit          door   no    no      no   ok
    treatments:save          door   no    no      no   ok
    waiting:mine             door   ok    ok      no   no
    waiting:join             door   ok    ok      no   no
    waiting:joined           door   ok    ok      no   no
    waiting:edit             door   ok    none    no   no
    waiting:leave            door   ok    none    no   no
    waiting:offer            door   ok    none    no   no
    waiting:accept           door   ok    none    no   no
    waiting:decline          door   ok    none    no   no
    waiting:list             door   no    no      ok   no
    waiting:remove           door   no    no      ok   no
    waiting:join-for         door   no    no      ok   no
    waiting:joined-for       door   no    no      ok   no
    worklist:queue           door   no    no      ok   no
    worklist:clients         door   no    no      ok   no
"""
QUERY = {"photos:compare": "?view=crown", "photos:compare-client": "?view=crown"}
NO_PARTS = {"size", "token", "page"}  # parameters that name no row
NOT_A_CHANGE = {"audit_entry"}  # looks are recorded
MAY_MOVE = {("sign_in", "used_at"), ("message", "read_at"), ("notice", "read_at")}

ROWS = {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in map(str.split, TABLE.strip().splitlines()[1:])}
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
