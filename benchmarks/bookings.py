"""Bookings a second while 64 clients want the same times: `python -m benchmarks.bookings`.

On SQLite and on PostgreSQL, each beside its limit: the same claims written by the bare statement, four rows with ON
CONFLICT DO NOTHING in a transaction, by the driver alone, with as many threads. Two rushes:

- sold out: 200 times, each wanted by two clients at about the same moment;
- one time: all 64 want the same one, three times over.

A booking is more than its claim: limits, gate and search are asked again, and the appointment, notices, e-mails and
audit entries are written. The ratio says how much of the database's speed is left after that.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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

CLIENTS, DAYS, AT_ONCE, SOLD, ONE_TIME, KINDS = 64, 6, 5, 200, 3, 12
_TABLE: Final[sa.Table] = TimeTaken.__table__  # type: ignore[attr-defined]


class Place(NamedTuple):
    """One time at one practitioner, with a room and a device that are free then."""

    starts_at: datetime
    ends_at: datetime
    subjects: tuple[UUID, UUID, UUID]


class Wish(NamedTuple):
    """One client wants one time."""

    place: Place
    client: Viewer
    treatment: Treatment


class Measured(NamedTuple):
    """How many got their time and how many were answered, each second; the longest anybody waited, in seconds."""

    won: int
    wins: float
    answers: float
    longest: float


def main() -> int:
    """Print speeds and ratios; 1 when a time was sold twice or not at all."""
    right = [_shown(name, address) for name, address in _databases()]
    return 0 if all(right) else 1


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'rush.sqlite3'}"
    if binaries() is None:
        print("PostgreSQL is not here: `python -m tests.tools.ensure` brings it.")
        return
    with temp_postgres() as server, fresh_database(server) as address:
        yield "PostgreSQL", address


def _shown(name: str, address: str) -> bool:
    with _engine(address) as engine:
        with transaction(engine) as db:
            rush = a_rush(db, CLIENTS, DAYS, AT_ONCE, KINDS)
            places = _places(db, rush)
        rushes = {"sold out": (SOLD, _sold_out(rush, places)), "one time": (ONE_TIME, _one_time(rush, places))}
        bare = {what: _run(wishes, lambda one: _bare(engine, one)) for what, (_, wishes) in rushes.items()}
        with transaction(engine) as db:
            db.connection().execute(sa.delete(_TABLE))
        statements = _statements(engine, Wish(places[-1], rush.clients[0], rush.treatments[-1]))
        ours = {what: _run(wishes, lambda one: _book(engine, one)) for what, (_, wishes) in rushes.items()}
    print(f"{name}, {CLIENTS} threads, {statements} statements in a booking:")
    for what, (sold, _) in rushes.items():
        print(f"  {what}: {_words(ours[what], sold)}; bare {_words(bare[what], sold)}")
        print(f"    ratio of answers {ours[what].answers / bare[what].answers:.3f}")
    return all(ours[what].won == bare[what].won == sold for what, (sold, _) in rushes.items())


def _words(one: Measured, sold: int) -> str:
    speed = f"{one.wins:.0f} bookings and {one.answers:.0f} answers a second"
    return f"{one.won} of {sold} sold, {speed}, the longest wait {one.longest:.2f} s"


@contextmanager
def _engine(address: str) -> Iterator[sa.Engine]:
    engine = make_engine(address, CLIENTS)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _places(db: Session, rush: Rush) -> list[Place]:
    """Everything there is to sell, in order of time."""
    names = db.exec(select(Resource.kind, Resource.id).order_by(col(Resource.kind), col(Resource.name))).all()
    rooms, devices = ([one for kind, one in names if kind is wanted] for wanted in sorted({kind for kind, _ in names}))
    found = []
    for number, (who, room, device) in enumerate(zip(rush.practitioners, rooms, devices, strict=True)):
        if number < AT_ONCE:
            for day in queries.slots(db, None, rush.treatments[0], rush.days[0], DAYS, who.id):
                found += [Place(slot.starts_at, slot.ends_at, (who.id, room, device)) for slot in day.slots]
    return sorted(found)


def _sold_out(rush: Rush, places: Sequence[Place]) -> list[Wish]:
    """Each place twice: for one client, and for the one half the crowd further on; in a shuffled order."""
    pairs = [
        Wish(place, rush.clients[(number + away) % CLIENTS], rush.treatments[number // CLIENTS + kinds])
        for number, place in enumerate(places[:SOLD])
        for away, kinds in ((0, 0), (CLIENTS // 2, 4))
    ]
    return Random(7).sample(pairs, len(pairs))


def _one_time(rush: Rush, places: Sequence[Place]) -> list[Wish]:
    return [
        Wish(places[SOLD + AT_ONCE * number], client, rush.treatments[8 + number])
        for number in range(ONE_TIME)
        for client in rush.clients
    ]


def _run(wishes: Sequence[Wish], act: Callable[[Wish], bool]) -> Measured:
    def timed(wish: Wish) -> tuple[bool, float]:
        began = time.perf_counter()
        return act(wish), time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        told = list(threads.map(timed, wishes))
    seconds, won = time.perf_counter() - began, sum(got for got, _ in told)
    return Measured(won, won / seconds, len(told) / seconds, max(waited for _, waited in told))


def _book(engine: sa.Engine, wish: Wish) -> bool:
    try:
        with transaction(engine) as db:
            who, when = wish.place.subjects[0], wish.place.starts_at
            service.book(db, wish.client, wish.client.id, wish.treatment, who, when)
    except Refused:
        return False
    return True


def _bare(engine: sa.Engine, wish: Wish) -> bool:
    """All four rows or none, by the driver alone. SQLite has no such constraint: it looks first, as ours does."""
    start, end = wish.place.starts_at, wish.place.ends_at
    subjects = sorted((wish.client.id, *wish.place.subjects))
    if engine.dialect.name == "sqlite":
        texts = [f"{one:%Y-%m-%d %H:%M:%S.%f}" for one in (start, end)]
        return _bare_sqlite(engine, [one.hex for one in subjects], texts)
    rows = [value for one in subjects for value in (uuid4(), one, start, end, uuid4())]
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(_INSERT.format(", ".join(["(%s, %s, %s, %s, %s)"] * len(subjects))) + _ONCE, rows)
        done = cursor.rowcount == len(subjects)
        (connection.commit if done else connection.rollback)()
        return bool(done)
    finally:
        connection.close()


_INSERT: Final = "INSERT INTO time_taken (id, subject_id, starts_at, ends_at, owner_id) VALUES {}"
_ONCE: Final = " ON CONFLICT DO NOTHING"
_LOOK: Final = "SELECT 1 FROM time_taken WHERE subject_id IN (?, ?, ?, ?) AND starts_at < ? AND ends_at > ? LIMIT 1"


def _bare_sqlite(engine: sa.Engine, subjects: Sequence[str], times: Sequence[str]) -> bool:
    with transaction(engine) as db:
        cursor = db.connection().connection.cursor()
        if cursor.execute(_LOOK, (*subjects, times[1], times[0])).fetchone():
            return False
        rows = [value for one in subjects for value in (uuid4().hex, one, *times, uuid4().hex)]
        cursor.execute(_INSERT.format(", ".join(["(?, ?, ?, ?, ?)"] * len(subjects))), rows)
    return True


def _statements(engine: sa.Engine, wish: Wish) -> int:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    _book(engine, wish)
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


if __name__ == "__main__":
    sys.exit(main())
