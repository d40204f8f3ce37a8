"""A database for each test: on SQLite the copy of a file, on PostgreSQL one database per worker, emptied and refilled.

`PORTAL_TEST_DATABASE`, the address of a PostgreSQL server, decides. Making a PostgreSQL database anew for each test
costs a hundred milliseconds; emptying one costs three.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import SQLModel

from portal.kit.db import make_engine
from tests.people import Cast

SERVER = os.environ.get("PORTAL_TEST_DATABASE")
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Template:
    """What every test finds: a database's address, the cast in it, and (PostgreSQL) all rows by table."""

    address: str
    cast: Cast
    rows: Rows = field(default_factory=dict)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The address of a new database without tables."""
    name = f"test_{uuid4().hex[:10]}"
    if SERVER is None:
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    _on_server(f'CREATE DATABASE "{name}"')
    yield sa.make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def as_template(engine: Engine, cast: Cast) -> Template:
    """What stands in a database now, for others to start from."""
    with engine.connect() as connection:
        rows = {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in SQLModel.metadata.sorted_tables
        }
    engine.dispose()
    return Template(engine.url.render_as_string(hide_password=False), cast, rows)


def fresh(template: Template, folder: Path) -> Engine:
    """An engine on a database that holds what the template holds, and nothing else."""
    if SERVER is None:
        copy = folder / f"{uuid4().hex[:10]}.sqlite3"
        shutil.copy(template.address.removeprefix("sqlite:///"), copy)
        return make_engine(f"sqlite:///{copy}")
    engine = make_engine(template.address)
    tables = SQLModel.metadata.sorted_tables
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")  # names a test that left a transaction open
        for table in reversed(tables):
            connection.execute(sa.delete(table))
        for table in tables:
            if rows := template.rows.get(table.name):
                connection.execute(table.insert(), rows)
    return engine


def _on_server(statement: str) -> None:
    engine = sa.create_engine(SERVER or "", isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
