"""The composition root: settings in, application out. Nothing is made at import."""

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from anyio import to_thread
from fastapi import FastAPI
from sqlmodel import Session
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from portal import pages, paths
from portal.accounts.rules import Lasting
from portal.features import FEATURES
from portal.kit import clock, jobs, mail, templating
from portal.kit.crypto import CookieBox, derive
from portal.kit.db import make_engine, transaction
from portal.kit.passwords import Passwords
from portal.kit.routing import SMALL_BODY
from portal.kit.security import BodyLimit, Headers, SameOrigin
from portal.kit.storage import keep_beside, open_storage
from portal.kit.web import Pages
from portal.navigation import Navigation
from portal.settings import MailTransport, Settings

log = logging.getLogger("portal")
TICK = "tick"


def create_app(settings: Settings) -> FastAPI:
    """A complete application for these settings. Raises SettingsError where they are unsafe."""
    settings = settings.checked()
    app = FastAPI(
        title="portal",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_life,
        redirect_slashes=False,
        middleware=[
            Middleware(Headers, https=settings.is_https, fault=pages.fault_page),
            Middleware(SameOrigin, base_url=settings.base_url, refuse=_refuse_foreign),
            Middleware(BodyLimit, most_bytes=SMALL_BODY),
        ],
        telemetry={"tracing": False, "metrics": False},
    )
    _furnish(app, settings)
    for feature in FEATURES:
        for router in feature.routers:
            app.include_router(router)
    pages.add_plumbing(app)
    return app


def _furnish(app: FastAPI, settings: Settings) -> None:
    state = app.state
    urls = {route.name: route.path for feature in FEATURES for router in feature.routers for route in router.routes}  # type: ignore[attr-defined]
    state.settings = settings
    state.engine = make_engine(settings.sqlalchemy_url, settings.threads)
    state.storage = open_storage(settings.storage, settings.uploads)
    keep_beside(state.engine, state.storage)
    state.passwords = Passwords(settings.password_memory_kib, settings.password_rounds)
    state.cookie_name = "__Host-portal" if settings.is_https else "portal"
    state.lasting = Lasting(
        staff_idle=timedelta(minutes=settings.staff_idle_minutes),
        client_idle=timedelta(minutes=settings.client_idle_minutes),
        absolute=timedelta(hours=settings.sign_in_hours),
    )
    state.url = templating.url_maker(urls)
    state.navigation = Navigation([item for feature in FEATURES for item in feature.navigation], state.url)
    env = templating.environment(paths.TEMPLATES, paths.STATIC, urls)
    state.pages = Pages(env, CookieBox(settings.master_key), pages.common, settings.is_https)
    state.reads_at_once = state.engine.dialect.name == "sqlite" and settings.storage == "local"
    state.photo_master = derive(settings.master_key, "photos")
    state.is_signed_in = pages.is_signed_in
    state.photo_intake = pages.photo_intake(app)
    state.mail_transport = _transport(settings)
    state.compose_mail = pages.mail_composer(app)
    patient = [kind for feature in FEATURES for kind in feature.patient]
    state.worker = jobs.Worker(jobs.Surroundings(state.engine, state), handlers(), patient)


def handlers() -> dict[str, jobs.Handler]:
    """Every kind of job and who does it."""
    known = {kind: handler for feature in FEATURES for kind, handler in feature.jobs.items()}
    return {**known, TICK: _run_ticks}


def _run_ticks(surroundings: jobs.Surroundings, _: object) -> None:
    """Each feature's, each in a transaction of its own; one that fails keeps no other from its work."""

    def run(tick: Callable[[Session], object]) -> None:
        with transaction(surroundings.engine) as db:
            tick(db)

    jobs.each((tick for feature in FEATURES for tick in feature.ticks), run)


def keep_ticking(app: FastAPI, stop: threading.Event) -> None:
    """Once a minute, whichever process comes first writes the tick; the key lets it run once."""
    while not stop.is_set():
        try:
            with transaction(app.state.engine) as db:
                jobs.enqueue(db, TICK, f"{TICK}:{clock.now():%Y%m%d%H%M}")
        except Exception:
            log.exception("tick")
        stop.wait(60)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    worker: jobs.Worker = app.state.worker
    to_thread.current_default_thread_limiter().total_tokens = app.state.settings.threads
    if app.state.settings.jobs_in_web:
        threading.Thread(target=worker.run_forever, name="jobs", daemon=True).start()
        threading.Thread(target=keep_ticking, args=(app, worker.stopping), name="ticks", daemon=True).start()
    yield
    worker.stopping.set()
    app.state.engine.dispose()


async def _refuse_foreign(scope: Scope, receive: Receive, send: Send) -> None:
    await pages.foreign_page(scope)(scope, receive, send)


def _transport(settings: Settings) -> mail.Transport:
    if settings.mail is MailTransport.SMTP:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        return mail.SmtpTransport(
            settings.smtp_host, settings.smtp_port, settings.smtp_user, password, tls=settings.smtp_tls
        )
    if settings.mail is MailTransport.FOLDER:
        return mail.FolderTransport(settings.data / "mail")
    return mail.ConsoleTransport(log.info)
