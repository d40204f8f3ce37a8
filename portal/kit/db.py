"""The database: one engine, one transaction a request, rows with a snake_case table and a UUID key."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, cast
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import declared_attr
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Field, Session, SQLModel

from portal.kit.errors import Unavailable

type_name = re.compile(r"(?<!^)(?=[A-Z])")
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_PRAGMAS = ("journal_mode=WAL", "busy_timeout=5000", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")
_AFTERWARDS = "afterwards"
Later = Callable[[Session], object]
_readers: WeakKeyDictionary[sa.Engine, sa.Engine] = WeakKeyDictionary()
_turns: WeakKeyDictionary[sa.Pool, threading.Lock] = WeakKeyDictionary()
_TURN, _TURN_SECONDS = "turn", 30.0
_BUSY = "The portal is very busy. Nothing was saved; please try again in a minute."


class Row(SQLModel):
    """What every table shares: a name made from the class and a random key made in Python."""

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        return type_name.sub("_", cls.__name__).lower()

    id: UUID = Field(default_factory=uuid4, primary_key=True)


def enum_type(kind: type[StrEnum], name: str = "") -> sa.Enum:
    """A column type that stores a StrEnum's values as text with a CHECK, alike on SQLite and PostgreSQL. `name`: of the
    CHECK, where a table has two columns of one kind.
    """
    name = name or type_name.sub("_", kind.__name__).lower()
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def make_engine(url: str, pool_size: int = 12) -> sa.Engine:
    """An engine for SQLite (WAL, full sync, foreign keys, real transactions) or PostgreSQL.

    Errors name the statement, never its values: they end in logs, and the values are people's.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=pool_size, max_overflow=4, pool_pre_ping=True, hide_parameters=True)
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"timeout": 10}}
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=4, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    sa.event.listen(engine, "checkin", lambda _, record: _end_turn(engine.pool, record))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # pysqlite's own BEGIN loses updates: we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """A reader begins at once. Writers of one process stand in line: SQLite lets its waiters knock ever more seldom
    until one is in luck or gives up; here each that waits is let in. The turn ends when the connection is given back.
    """
    if connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("BEGIN")
        return
    known: dict[str, bool] = cast("dict[str, bool]", connection.connection.record_info)
    if not known.get(_TURN):  # the same connection may begin again before it is given back
        if not _turn_of(connection.engine.pool).acquire(timeout=_TURN_SECONDS):
            raise Unavailable(_BUSY)
        known[_TURN] = True
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _turn_of(pool: sa.Pool) -> threading.Lock:
    return _turns.setdefault(pool, threading.Lock())


def _end_turn(pool: sa.Pool, record: ConnectionPoolEntry) -> None:
    if record.record_info and record.record_info.pop(_TURN, None):
        _turn_of(pool).release()


@contextmanager
def transaction(engine: sa.Engine, *, write: bool = True) -> Iterator[Session]:
    """One unit of work: leaving commits, raising rolls back. Reads never take the write lock.

    What was put off with `afterwards` runs in a write transaction of its own once the first has committed.
    Raises Unavailable when the database is locked, full or away.
    """
    later: list[Later] = []
    with unit(engine if write else reading(engine), later) as db:
        yield db
    do_later(engine, later)


@contextmanager
def unit(engine: sa.Engine, later: list[Later]) -> Iterator[Session]:
    """As `transaction`, but what was put off is handed over in `later` for the caller to do. Raises Unavailable."""
    try:
        with Session(engine, expire_on_commit=False) as db, db.begin():
            yield db
        later += db.info.pop(_AFTERWARDS, [])
    except (OperationalError, PoolTimeoutError) as error:
        raise Unavailable(_BUSY) from error


def do_later(engine: sa.Engine, later: list[Later]) -> None:
    """What was put off, in a write transaction of its own."""
    if later:
        with transaction(engine) as db:
            for act in later:
                act(db)


def reading(engine: sa.Engine) -> sa.Engine:
    """The same pool for reads: a plain BEGIN on SQLite, autocommit on PostgreSQL (no extra round trips)."""
    known = _readers.get(engine)
    if known is None:
        sqlite = engine.dialect.name == "sqlite"
        known = (
            engine.execution_options(reading=True) if sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        _readers[engine] = known
    return known


def afterwards(db: Session, act: Later) -> None:
    """Put off a write until this transaction has ended well; the answer is sent only after it."""
    db.info.setdefault(_AFTERWARDS, []).append(act)


def is_sqlite(db: Session) -> bool:
    """Whether this database is SQLite."""
    return db.get_bind().dialect.name == "sqlite"


def insert_once(db: Session, table: sa.Table, values: dict[str, Any], *keys: str) -> bool:
    """Insert unless a row with the same unique `keys` exists; True when this call made it. Safe under concurrency."""
    insert = sqlite.insert if is_sqlite(db) else postgresql.insert
    wanted = insert(table).values(**values).on_conflict_do_nothing(index_elements=list(keys))
    return db.connection().execute(wanted.returning(sa.literal(1))).first() is not None


def lock_row(db: Session, table: sa.Table, key: UUID) -> None:
    """Hold one row until the transaction ends, so that checks about it stay true (SQLite is locked whole anyway)."""
    db.connection().execute(sa.select(table.c.id).where(table.c.id == key).with_for_update(key_share=True))
