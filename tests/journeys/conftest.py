"""Stories in a real browser against a server in this process, so that one may last for weeks: `at` moves its clock."""

import email
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from portal.app import create_app
from portal.demo.clinic import fill
from portal.demo.people import PASSWORD
from portal.kit import clock
from portal.migrations import upgrade
from portal.settings import Settings
from tests.tools.ports import free_port


@dataclass
class Site:
    """The running demo clinic."""

    url: str
    app: FastAPI
    data: Path

    def mail_to(self, address: str) -> list[EmailMessage]:
        """Every e-mail sent to an address so far, oldest first; waits for the outbox to be empty."""
        self.app.state.worker.run_all()
        files = sorted((self.data / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        read = [cast("EmailMessage", email.message_from_bytes(file.read_bytes(), policy=default)) for file in files]
        return [message for message in read if message["To"] == address]

    def link_to(self, address: str) -> str:
        """The path of the link in the latest e-mail to an address."""
        body = self.mail_to(address)[-1].get_body(("plain",))
        assert body is not None
        return next(word.removeprefix(self.url) for word in body.get_content().split() if word.startswith(self.url))

    @staticmethod
    def at(moment: datetime) -> None:
        """From now on it is `moment`, for the server and for this test."""
        clock._Clock.offset += moment - clock.now()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, port = tmp_path_factory.mktemp("site"), free_port()
    settings = Settings(
        mode="demo",
        data=data,
        uploads=data / "uploads",
        port=port,
        jobs_in_web=False,
        password_memory_kib=64,
        password_rounds=1,
    )
    app = create_app(settings)
    upgrade(app.state.engine)
    fill(app)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{port}", app, data)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def _clock_stays_put() -> Iterator[None]:
    yield
    clock._Clock.offset = timedelta(0)


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visit()` is a stranger's browser; `visit("client")` one in which the demo's client has signed in by the form."""
    contexts: list[BrowserContext] = []

    def make(who: str | None = None, *, width: int = 1280, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.url, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        if who:
            sign_in(page, f"{who}@example.test", PASSWORD)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, address: str, password: str) -> None:
    """Through the form, as a person does."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
