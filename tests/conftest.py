"""Engines, applications, people and browsers for every test; on PostgreSQL when `PORTAL_TEST_DATABASE` names one."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel
from starlette.testclient import TestClient

from portal.accounts import service as accounts
from portal.accounts.rules import Viewer
from portal.app import create_app, handlers
from portal.kit import clock, jobs
from portal.kit.db import make_engine, transaction
from portal.kit.storage import LocalStorage, keep_beside
from portal.migrations import upgrade
from portal.settings import Settings
from tests.databases import Template, as_template, empty_database, fresh
from tests.people import PASSWORD, Cast, make_cast
from tests.tools.browser import launch

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """One application a run: its templates are compiled once; `engine` gives it a fresh database for each test."""
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(
        mode="demo",
        data=folder,
        uploads=folder / "uploads",
        password_memory_kib=64,
        password_rounds=1,
        jobs_in_web=False,
    )
    return create_app(settings)


@pytest.fixture(scope="session")
def template(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A migrated database with the cast in it."""
    with empty_database(tmp_path_factory.mktemp("template")) as address:
        engine = make_engine(address)
        if os.environ.get("PORTAL_TEST_CREATE_ALL"):
            SQLModel.metadata.create_all(engine)
        else:
            upgrade(engine)
        with transaction(engine) as db:
            cast = make_cast(db, app.state.passwords.hash(PASSWORD))
        yield as_template(engine, cast)


@pytest.fixture
def cast(template: Template) -> Cast:
    return template.cast


@pytest.fixture
def engine(template: Template, app: FastAPI, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing but the cast, already the application's own, with a fresh store and mail folder."""
    engine = fresh(template, tmp_path)
    app.state.engine, app.state.storage = engine, LocalStorage(tmp_path / "uploads")
    keep_beside(engine, app.state.storage)
    app.state.reads_at_once = engine.dialect.name == "sqlite"
    app.state.worker = jobs.Worker(jobs.Surroundings(engine, app.state), handlers())
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A transaction for tests of services and queries; it is rolled back at the end."""
    with Session(engine, expire_on_commit=False) as made:
        yield made


def _viewer(name: str) -> Callable[[Cast], Viewer]:
    @pytest.fixture(name=name)
    def one(cast: Cast) -> Viewer:
        viewer: Viewer = getattr(cast, name)
        return viewer

    return one


alice, bob, charlie, dana, erin = (_viewer(name) for name in ("alice", "bob", "charlie", "dana", "erin"))


@pytest.fixture
def visitor(app: FastAPI, engine: Engine) -> TestClient:
    """A browser nobody is signed in with."""
    return browser(app)


@pytest.fixture
def signed_in(app: FastAPI, engine: Engine) -> Callable[[Viewer], TestClient]:
    """`signed_in(alice)` is a browser in which Alice is signed in."""

    def make(viewer: Viewer) -> TestClient:
        with transaction(engine) as db:
            token = accounts.start_sign_in(db, viewer.id, "a test")
        made = browser(app)
        made.cookies.set(app.state.cookie_name, token)
        return made

    return make


def _browser_of(name: str) -> Callable[..., TestClient]:
    @pytest.fixture(name=f"{name}_browser")
    def one(signed_in: Callable[[Viewer], TestClient], cast: Cast) -> TestClient:
        return signed_in(getattr(cast, name))

    return one


alice_browser, bob_browser, charlie_browser, dana_browser = (
    _browser_of(name) for name in ("alice", "bob", "charlie", "dana")
)


@pytest.fixture
def run_jobs(app: FastAPI, engine: Engine) -> Callable[[], int]:
    """Do all background work that is due; returns how much there was."""
    return app.state.worker.run_all  # type: ignore[no-any-return]


@pytest.fixture
def later() -> Callable[[timedelta], object]:
    """Everything inside this block happens as much later as it says."""
    return clock.travelled


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One real browser a worker; only tests marked `browser` ask for it."""
    expect.set_options(timeout=15_000)  # two of them on two busy cores
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def browser(app: FastAPI) -> TestClient:
    """A client that behaves like a browser on our own pages and shows redirects instead of following them."""
    headers = {"sec-fetch-site": "same-origin", "user-agent": "Firefox/130 (Linux)"}
    return TestClient(app, base_url=BASE, headers=headers, follow_redirects=False, raise_server_exceptions=True)
