"""Reading our own mail and cookies in tests."""

import re
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.responses import Response
from starlette.testclient import TestClient

from portal.audit.models import AuditEntry
from portal.kit.db import transaction
from portal.kit.mail import OutboxMail

NEW = "a-brand-new-battery-of-horses"


def mails(engine: Engine, to: str = "") -> Sequence[OutboxMail]:
    """What lies in the outbox, oldest first."""
    with transaction(engine, write=False) as db:
        wanted = select(OutboxMail).order_by(col(OutboxMail.made_at))
        return db.exec(wanted.where(OutboxMail.to == to) if to else wanted).all()


def link(engine: Engine, to: str) -> str:
    """The path in the latest e-mail to an address that holds a link."""
    return [mail.link_path for mail in mails(engine, to) if "/link/" in mail.link_path][-1]


def follow(browser: TestClient, path: str) -> Response:
    """Open a link from an e-mail, and the page behind it."""
    first = browser.get(path)
    assert first.headers["location"] == "/link", "the token leaves the address bar"
    return browser.get("/link")


def actions(engine: Engine) -> list[str]:
    """What the audit record says was done, oldest first."""
    with transaction(engine, write=False) as db:
        return [entry.action for entry in db.exec(select(AuditEntry).order_by(col(AuditEntry.at)))]


def main_text(page: Response) -> str:
    """A page without what differs each time: tokens of forms."""
    return re.sub(r'name="form_token" value="[^"]+"', "", page.text)
