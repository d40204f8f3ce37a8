"""The transaction: all or nothing, readers never wait, a database that is locked, full or away says so in words."""

import contextlib
import sqlite3
import threading
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.kit.db import Row, afterwards, enum_type, insert_once, is_sqlite, lock_row, make_engine, transaction
from portal.kit.errors import Unavailable
from portal.kit.mail import OutboxMail
from tests.kit.small_app import a_row, written

OUTBOX = OutboxMail.__table__  # type: ignore[attr-defined]


def test_leaving_commits(engine):
    with transaction(engine) as db:
        db.add(a_row("kept"))
    assert written(engine, "kept") == 1


def test_raising_rolls_everything_back(engine):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:  # noqa: PT012 - the whole unit of work
        db.add(a_row("lost"))
        db.flush()
        _ = 1 / 0
    assert written(engine, "lost") == 0


def test_what_was_put_off_happens_after_the_first_has_ended_well(engine):
    seen = []
    with transaction(engine, write=False) as db:
        afterwards(db, lambda later: later.add(a_row("later")))
        afterwards(db, lambda later: seen.append(later is not db))
        assert written(engine, "later") == 0
    assert written(engine, "later") == 1
    assert seen == [True], "in a transaction of its own"


def test_what_was_put_off_never_happens_when_the_first_fails(engine):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:  # noqa: PT012 - the whole unit of work
        afterwards(db, lambda later: later.add(a_row("never")))
        _ = 1 / 0
    assert written(engine, "never") == 0


def test_two_that_insert_the_same_key_at_once_insert_one(engine):
    results, together = [], threading.Barrier(8)

    def insert() -> None:
        together.wait()
        with transaction(engine) as db:
            values = Person(name="Twin", email="twin@example.test").model_dump()
            results.append(insert_once(db, Person.__table__, values, "email"))  # type: ignore[attr-defined]

    in_threads(insert, 8)
    assert sorted(results) == [False] * 7 + [True]


def test_a_held_row_makes_the_next_wait(engine, alice):
    """Two that read, think and write the same row lose nothing."""
    together = threading.Barrier(4)

    def add_one() -> None:
        together.wait()
        with transaction(engine) as db:
            lock_row(db, Person.__table__, alice.id)  # type: ignore[attr-defined]
            person = db.get_one(Person, alice.id, populate_existing=True)
            person.title = f"{int(person.title or 0) + 1}"

    in_threads(add_one, 4)
    with transaction(engine, write=False) as db:
        assert db.get_one(Person, alice.id).title == "4"


def test_a_foreign_key_and_a_check_are_enforced(engine):
    with pytest.raises(IntegrityError), transaction(engine) as db:
        db.add(Person(name="Loud", email="LOUD@example.test"))
    with pytest.raises(IntegrityError), transaction(engine) as db:
        db.connection().exec_driver_sql("INSERT INTO person SELECT * FROM person")


def test_an_error_of_the_database_names_no_value(engine):
    """It ends in a log, and values are people's."""
    with pytest.raises(IntegrityError) as raised, transaction(engine) as db:
        db.add(Person(name="Very Private", email="LOUD@example.test"))
    assert "parameters hidden" in str(raised.value)
    if engine.dialect.name == "sqlite":
        assert "Very Private" not in str(raised.value)


def test_a_table_is_named_after_its_class_and_a_row_has_a_random_key():
    assert OUTBOX.name == "outbox_mail"
    assert a_row("x").id != a_row("x").id
    assert a_row("x").id.version == 4


def test_a_kind_is_stored_by_its_value_and_checked(tmp_path):
    class Colour(StrEnum):
        RED = "red"

    kept = sa.Table("kept", sa.MetaData(), sa.Column("colour", enum_type(Colour)))
    own = make_engine(f"sqlite:///{tmp_path}/kinds.sqlite3")
    kept.metadata.create_all(own)
    with own.begin() as connection:
        connection.execute(kept.insert().values(colour=Colour.RED))
        assert connection.exec_driver_sql("SELECT colour FROM kept").scalar() == "red"
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql("INSERT INTO kept VALUES ('blue')")
    own.dispose()


def test_a_locked_database_says_so_in_words(file_engine, database_file):
    holder = sqlite3.connect(database_file, isolation_level=None)
    with contextlib.closing(holder):
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Nothing was saved"), transaction(file_engine) as db:
            db.add(a_row("waits"))
        with transaction(file_engine, write=False) as db:
            assert db.connection().exec_driver_sql("SELECT 1").scalar() == 1, "readers do not wait"
        holder.execute("ROLLBACK")
    assert written(file_engine, "waits") == 0


def test_a_full_disk_says_so_in_words_and_leaves_nothing_half_written(file_engine):
    with transaction(file_engine, write=False) as db:
        pages = db.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    sa.event.listen(file_engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 2}"))
    file_engine.dispose()
    with pytest.raises(Unavailable), transaction(file_engine) as db:  # noqa: PT012 - the whole unit of work
        db.add(a_row("first"))
        db.flush()
        db.add(OutboxMail(to="a@example.test", subject="huge", text="x" * 1_000_000))
    assert written(file_engine, "first") == 0


def test_a_database_that_is_away_says_so_in_words(tmp_path):
    away = make_engine(f"sqlite:///{tmp_path}/no/such/folder/portal.sqlite3")
    with pytest.raises(Unavailable), transaction(away) as db:
        db.connection()
    nobody = make_engine(f"postgresql+psycopg://nobody@/portal?host={tmp_path}")
    with pytest.raises(Unavailable), transaction(nobody, write=False) as db:
        db.connection()


def test_more_requests_than_connections_is_busy_and_not_a_fault(tmp_path):
    own = make_engine(f"sqlite:///{tmp_path}/busy.sqlite3", pool_size=1)
    own.pool._timeout = 0.05  # type: ignore[attr-defined]
    with contextlib.ExitStack() as taken:
        for _ in range(5):
            taken.enter_context(own.connect().execution_options(reading=True))
        with pytest.raises(Unavailable), transaction(own) as db:
            db.connection()
    own.dispose()


def test_sqlite_is_as_durable_as_promised(file_engine):
    with transaction(file_engine) as db:
        assert is_sqlite(db)
        asked = {
            name: db.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "own.sqlite3"


@pytest.fixture
def file_engine(database_file: Path) -> Engine:
    """SQLite whatever the suite runs on, impatient."""
    own = make_engine(f"sqlite:///{database_file}")
    sa.event.listen(own, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=50"))
    Row.metadata.create_all(own)
    yield own
    own.dispose()


def in_threads(act, count: int) -> None:
    """Do it at once, in so many threads, and raise what any of them raised."""
    faults: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised below
            faults.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]
