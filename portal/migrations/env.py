"""Run by alembic: compares and migrates the metadata of every feature, alike on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Engine
from sqlmodel import SQLModel

import portal.features  # noqa: F401 - importing the list of features loads every table


@contextmanager
def tables_may_be_rebuilt(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by writing it anew and dropping the old one, which rows that point at it would forbid.
    What points where is checked once, in the end. The switch works only outside a transaction.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("there is no connection to the database")
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def require_whole(connection: sa.Connection) -> None:
    """Every row that is pointed at is there."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if lost:
            message = f"after the migration rows of {sorted({row[0] for row in lost})} point at nothing"
            raise RuntimeError(message)


engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection, tables_may_be_rebuilt(connection):
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
        require_whole(connection)
    connection.commit()
