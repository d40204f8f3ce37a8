"""The command line: each command parses its arguments and calls one function."""

import logging
import os
import socket
import sys
import threading
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from uvicorn.supervisors import Multiprocess

from portal.accounts import service as accounts
from portal.app import create_app, keep_ticking
from portal.bookings import console
from portal.demo.people import PASSWORD, SIGN_INS
from portal.health import findings
from portal.kit import log
from portal.kit.db import make_engine, transaction
from portal.kit.errors import PortalError
from portal.migrations import upgrade
from portal.settings import Settings, SettingsError

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The treatment portal.", pretty_exceptions_enable=False
)


def main() -> None:
    """Run the command line; a wrong setting ends it with one sentence. What it writes is for its own user only."""
    os.umask(0o077)
    try:
        cli()
    except (SettingsError, PortalError) as error:
        sys.exit(f"portal: {error}")
    except ValidationError as error:
        first = error.errors()[0]
        sys.exit(f"portal: PORTAL_{str(first['loc'][0]).upper()}: {first['msg']}")


@cli.command()
def run() -> None:
    """Try it out: demo mode, migrate, fill an empty database with the demo clinic, serve."""
    os.environ["PORTAL_MODE"] = "demo"
    settings = Settings().checked()
    migrate()
    demo()
    _say_hello(settings)
    _serve(settings)


@cli.command()
def serve() -> None:
    """Serve the portal. The database must be migrated."""
    _serve(Settings().checked())


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version. Safe to repeat."""
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(make_engine(settings.sqlalchemy_url))


@cli.command()
def demo() -> None:
    """Fill an empty database with the demo clinic (demo mode only). A database with people in it is left alone."""
    settings = Settings()
    if not settings.is_demo:
        message = "The demo clinic is only made in demo mode: set PORTAL_MODE=demo."
        raise SettingsError(message)
    from portal.demo.clinic import fill  # noqa: PLC0415 - drawing photos is not needed by any other command

    fill(create_app(settings))


@cli.command()
def worker() -> None:
    """Run background work in a process of its own; set PORTAL_JOBS_IN_WEB=false for the web processes."""
    settings = Settings().checked()
    log.configure(settings.log_level)
    app = create_app(settings)
    threading.Thread(target=keep_ticking, args=(app, app.state.worker.stopping), daemon=True).start()
    app.state.worker.run_forever()


@cli.command("create-admin")
def create_admin(
    email: Annotated[str, typer.Option(prompt=True)],
    name: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="PORTAL_ADMIN_PASSWORD")
    ],
) -> None:
    """Make the first admin."""
    app = create_app(Settings())
    with transaction(app.state.engine) as db:
        accounts.make_admin(db, app.state.passwords, name, email, password)
    typer.echo(f"{email} can sign in now.")


@cli.command()
def book(
    client: Annotated[str, typer.Option(help="The client’s e-mail address.")],
    practitioner: Annotated[str, typer.Option("--with", help="The practitioner’s e-mail address.")],
    treatment: Annotated[str, typer.Option(help="The word in the treatment's address.")],
    at: Annotated[str, typer.Option(help="On the clinic's wall, for example 2026-05-04T10:00.")],
) -> None:
    """Book an appointment. The gate is asked as on every page."""
    with transaction(create_app(Settings()).state.engine) as db:
        typer.echo(f"Booked: {console.book(db, client, practitioner, treatment, at)}.")


@cli.command()
def check() -> None:
    """Look at configuration and health; say what is wrong and how to mend it. Ends with 1 when something is."""
    problems = findings(Settings())
    for problem in problems:
        typer.echo(problem)
    typer.echo("All is well." if not problems else f"{len(problems)} to mend.")
    raise typer.Exit(1 if problems else 0)


def _serve(settings: Settings) -> None:
    log.configure(settings.log_level)
    common = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
    }
    common["proxy_headers"] = False  # uvicorn would believe X-Forwarded-For from loopback; PORTAL_TRUST_PROXY decides
    limits = {"h11_max_incomplete_event_size": 64 * 1024, "timeout_keep_alive": 15}
    if settings.workers == 1:
        uvicorn.run(create_app(settings), **common, **limits)  # type: ignore[arg-type]
    else:
        config = uvicorn.Config("portal.server:app", factory=True, workers=settings.workers, **common, **limits)  # type: ignore[arg-type]
        listening = config.bind_socket()
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # uvicorn forgets: 40 ms a request
        Multiprocess(config, sockets=[listening]).run()


def _say_hello(settings: Settings) -> None:
    logging.getLogger("portal").info("ready")
    lines = [f"\nThe demo clinic is open at {settings.base_url}", f"Everyone’s password is {PASSWORD}\n"]
    typer.echo("\n".join([*lines, *(f"  {email:<32} {what}" for email, what in SIGN_INS), ""]))
