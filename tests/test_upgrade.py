"""A clinic that began with the first schema keeps everything when it migrates."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command

from portal.kit.db import make_engine
from portal.migrations import config, upgrade
from tests.databases import empty_database

AT = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
_VERDICT = {"needs_verdict": True}


@pytest.fixture
def old(tmp_path):
    """An engine on a database of the first schema."""
    with empty_database(tmp_path) as address:
        engine = make_engine(address)
        command.upgrade(config(engine), "0001")
        yield engine
        engine.dispose()


def filled(table: sa.Table, **given: Any) -> dict[str, Any]:
    """A row with something in every column that must have it."""
    plain: dict[type, Any] = {str: "x", int: 1, bool: False, float: 1.0, datetime: AT, dict: {}}
    needed = [one for one in table.columns if not one.nullable and one.name not in given]
    return given | {one.name: plain.get(_python(one), {}) for one in needed}


def _python(column: sa.Column[Any]) -> type:
    try:
        return column.type.python_type
    except NotImplementedError:
        return dict


def test_rows_that_point_at_each_other_survive_and_time_is_taken(old):
    with old.begin() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        is_sqlite = connection.dialect.name == "sqlite"
        person, staff, treatment, appointment, move = (uuid4().hex if is_sqlite else uuid4() for _ in range(5))
        end = AT + timedelta(hours=1)
        times = {"starts_at": AT, "ends_at": end, "blocked_from": AT, "blocked_until": end}
        whose = {"client_id": person, "practitioner_id": staff, "booked_by_id": person, "treatment_id": treatment}
        moved = {"appointment_id": appointment, "client_id": person, "moved_by_id": person}
        people = tables.tables["person"]
        connection.execute(people.insert().values(filled(people, id=staff, email="staff@example.test")))
        rows = {
            "person": {"id": person, "email": "old@example.test"},
            "treatment": {"id": treatment, "kind": "consultation", "minutes": 30, "interval_days": 0},
            "appointment": {"id": appointment, "state": "booked", **whose, **times},
            "appointment_move": {"id": move, "from_practitioner_id": person, **moved},
        }
        for name, given in rows.items():
            connection.execute(tables.tables[name].insert().values(filled(tables.tables[name], **given)))
    upgrade(old)
    with old.connect() as connection:
        count = {name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar() for name in rows}  # noqa: S608
        taken = connection.execute(sa.text("SELECT count(*) FROM time_taken")).scalar()
    assert count == {**dict.fromkeys(rows, 1), "person": 2}
    assert taken == 2, "the client's and the practitioner's"


def test_a_report_that_was_open_before_there_were_clocks_gets_one(tmp_path):
    with empty_database(tmp_path) as address:
        engine = make_engine(address)
        command.upgrade(config(engine), "0003")
        with engine.begin() as connection:
            tables = sa.MetaData()
            tables.reflect(connection)
            is_sqlite = connection.dialect.name == "sqlite"
            person, urgent, closed, course = (uuid4().hex if is_sqlite else uuid4() for _ in range(4))
            told = {"client_id": person, "reported_at": AT, "began_at": AT, "needs_person": True, "level": "urgent"}
            done = {"closed_at": AT, "outcome": "resolved"}
            rows = [
                ("person", {"id": person, "email": "old@example.test"}),
                ("treatment", {"id": course, "kind": "session", "minutes": 60, "interval_days": 30, **_VERDICT}),
                ("side_effect_report", {"id": urgent, **told}),
                ("side_effect_report", {"id": closed, **told, **done}),
            ]
            for name, given in rows:
                connection.execute(tables.tables[name].insert().values(filled(tables.tables[name], **given)))
        upgrade(engine)
        with engine.connect() as connection:
            clocks = connection.execute(sa.text("SELECT report_id, step, next_at FROM escalation")).all()
            hours = connection.execute(sa.text("SELECT check_in_hours FROM treatment")).scalar()
        engine.dispose()
    assert [(str(one.report_id).replace("-", ""), one.step) for one in clocks] == [(str(urgent).replace("-", ""), 0)]
    assert clocks[0].next_at is not None, "the next minute tells somebody"
    assert hours in ("[6, 24, 72, 168, 336]", [6, 24, 72, 168, 336])
