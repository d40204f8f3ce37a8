"""The smallest application with the kit's routing: an engine, a cookie name, and the pages of errors as plain words."""

from fastapi import FastAPI, Request
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from portal.kit.db import transaction
from portal.kit.errors import PortalError
from portal.kit.mail import OutboxMail
from portal.kit.routing import Router


def small_app(engine: Engine, router: Router) -> TestClient:
    """A browser on an application that has only these routes."""
    app = FastAPI()
    app.state.engine, app.state.cookie_name = engine, "portal"
    app.state.reads_at_once = engine.dialect.name == "sqlite"
    app.add_exception_handler(PortalError, _words)
    app.include_router(router)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


async def _words(_: Request, error: Exception) -> Response:
    assert isinstance(error, PortalError)
    return PlainTextResponse(error.sentence, error.status)


def a_row(subject: str) -> OutboxMail:
    """Something to write."""
    return OutboxMail(to="alice@example.test", subject=subject, text="-")


def written(engine: Engine, subject: str) -> int:
    """How often it was written."""
    with transaction(engine, write=False) as db:
        return _count(db, subject)


def _count(db: Session, subject: str) -> int:
    return db.exec(select(func.count()).where(col(OutboxMail.subject) == subject)).one()
