"""What `portal check` looks at: settings, database, schema, storage, mail, jobs. Each finding says how to mend it."""

import shutil
import socket
from collections.abc import Callable

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from portal.kit.db import make_engine
from portal.kit.storage import new_name, open_storage
from portal.migrations import config
from portal.photos import integrity
from portal.settings import MailTransport, Settings, SettingsError

_LEAST_FREE = 1 << 30


def findings(settings: Settings) -> list[str]:
    """Every problem as a sentence; an empty list when all is well."""
    looks: tuple[Callable[[Settings], str | None], ...] = (_settings, _database, _storage, _disk, _mail, _jobs, _photos)
    return [problem for look in looks if (problem := look(settings))]


def _settings(settings: Settings) -> str | None:
    try:
        settings.checked()
    except SettingsError as error:
        return f"Settings: {error}"
    return None


def _database(settings: Settings) -> str | None:
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return f"Database: cannot be opened ({type(error).__name__}). Check PORTAL_DATABASE_URL or PORTAL_DATA."
    newest = ScriptDirectory.from_config(config(engine)).get_current_head()
    return (
        None
        if current == newest
        else f"Database: the schema is at {current}, the code needs {newest}. Run `portal migrate`."
    )


def _storage(settings: Settings) -> str | None:
    name = new_name()
    try:
        storage = open_storage(settings.storage, settings.uploads)
        storage.put(name, b"check")
        storage.delete(name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return f"Storage: cannot be written ({type(error).__name__}). Check PORTAL_STORAGE and PORTAL_UPLOADS."
    return None


def _disk(settings: Settings) -> str | None:
    if settings.storage != "local" or not settings.uploads.exists():
        return None
    free = shutil.disk_usage(settings.uploads).free
    return None if free > _LEAST_FREE else f"Disk: only {free >> 20} MiB are free where the photos lie. Make room."


def _mail(settings: Settings) -> str | None:
    if settings.mail is not MailTransport.SMTP:
        return None if settings.is_demo else "Mail: nothing is sent. Set PORTAL_MAIL=smtp and PORTAL_SMTP_HOST."
    try:
        socket.create_connection((settings.smtp_host, settings.smtp_port), timeout=5).close()
    except OSError:
        return (
            f"Mail: {settings.smtp_host}:{settings.smtp_port} is silent. Check PORTAL_SMTP_HOST and PORTAL_SMTP_PORT."
        )
    return None


def _jobs(settings: Settings) -> str | None:
    try:
        with make_engine(settings.sqlalchemy_url).connect() as connection:
            failed = connection.execute(sa.text("SELECT count(*) FROM job WHERE state = 'failed'")).scalar_one()
    except SQLAlchemyError:
        return None  # said by the look at the database
    return f"Jobs: {failed} failed for good. See the admin page “Mail and jobs”." if failed else None


def _photos(settings: Settings) -> str | None:
    """What the weekly look at the store found."""
    try:
        with Session(make_engine(settings.sqlalchemy_url)) as db:
            return integrity.finding(integrity.latest(db))
    except SQLAlchemyError:
        return None  # said by the look at the database
