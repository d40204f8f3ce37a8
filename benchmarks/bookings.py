"""Bookings a second while 64 clients want the same times: `python -m benchmarks.bookings`.

On SQLite and on PostgreSQL, each beside its limit: the same claims written by the bare statement, four rows with ON
CONFLICT DO NOTHING in a transaction, by the driver alone, with as many threads. Two rushes:

- sold out: 200 times, each wanted by two clients at about the same moment, taken in a shuffled order;
- one time: all 64 want the same one, three times over.

A booking is much more than its claim: the limits, the gate and the search are asked again, and the appointment, notices,
e-mails and the audit entry are written. The ratio says how much of the database's speed is left of that.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from portal.accounts.rules import Viewer
from portal.availability.models import Resource
from portal.bookings import queries, service
from portal.bookings.models import TimeTaken
from portal.kit.db import make_engine, transaction
from portal.kit.errors import Refused
from portal.treatments.models import Treatment
from tests.make_rush import Rush, a_rush
from tests.tools.postgres import binaries, fresh_database, temp_postgres

CLIENTS, DAYS, AT_ONCE, TIMES, KINDS = 64, 5, 5, 200, 8
_COLUMNS: Final = "id, subject_id, starts_at, ends_at, owner_id"
_Table: Final[sa.Table] = TimeTaken.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Wish:
    """One client wants one time; `things`: a room and a device that are free then, for the bare statement."""

    client: Viewer
    treatment: Treatment
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime
    things: Sequence[UUID]


class Measured(NamedTuple):
    """How many got their time, how many were answered, in how many seconds, and the longest anybody waited."""

    won: int
    answered: int
    seconds: float
    longest: float


def main() -> int:
    """Print speeds and ratios; 1 when a time was sold twice or not at all."""
    right = [_told(name, *_measured(address)) for name, address in _databases()]
    return 0 if all(right) else 1


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'rush.sqlite3'}"
    if binaries() is None:
        print("PostgreSQL: not here; `python -m tests.tools.ensure` brings it.")
        return
    with temp_postgres() as server, fresh_database(server) as address:
        yield "PostgreSQL", address


def _told(name: str, rushes: dict[str, tuple[Measured, Measured, int]], statements: int) -> bool:
    print(f"{name}, {CLIENTS} threads, {statements} statements in a booking:")
    for what, (ours, bare, times) in rushes.items():
        ratio = (ours.answered / ours.seconds) / (bare.answered / bare.seconds)
        print(
            f"  {what}: {ours.won} of {times} sold, {ours.won / ours.seconds:.0f} bookings and "
            f"{ours.answered / ours.seconds:.0f} answers a second, nobody waited longer than {ours.longest:.2f} s; "
            f"bare {bare.won / bare.seconds:.0f} and {bare.answered / bare.seconds:.0f}; ratio {ratio:.3f}"
        )
    return all(ours.won == bare.won == times for ours, bare, times in rushes.values())


def _measured(address: str) -> tuple[dict[str, tuple[Measured, Measured, int]], int]:
    with _engine(address) as engine:
        with transaction(engine) as db:
            rush = a_rush(db, CLIENTS, DAYS, AT_ONCE, KINDS)
            sold_out, one_time = _sold_out(db, rush), _one_time(db, rush)
        statements = _statements(engine, one_time.pop())
        found = {}
        for name, wishes, times in (("sold out", sold_out, TIMES), ("one time", one_time, 3)):
            bare = _run(wishes, lambda wish: _bare(engine, wish))
            with transaction(engine) as db:
                db.connection().execute(sa.delete(_Table).where(_Table.c.owner_id.in_(_BARE)))
            found[name] = (_run(wishes, lambda wish: _book(engine, wish)), bare, times)
        return found, statements


@contextmanager
def _engine(address: str) -> Iterator[sa.Engine]:
    engine = make_engine(address, CLIENTS)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _sold_out(db: Session, rush: Rush) -> list[Wish]:
    """Every time of the first four days and a half twice: by one client, and by the one half the crowd further on."""
    times = _times(db, rush)[:TIMES]
    pairs = [
        _wish(rush, time_, number + away, number // CLIENTS + half)
        for number, time_ in enumerate(times)
        for away, half in ((0, 0), (CLIENTS // 2, KINDS // 2))
    ]
    return Random(7).sample(pairs, len(pairs))
