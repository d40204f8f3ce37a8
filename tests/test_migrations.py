"""Migrations and models are the same schema, on the database the suite runs on."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import SQLModel

import portal.features  # noqa: F401 - importing the list of features loads every table
from portal.health import findings
from portal.kit.db import make_engine
from portal.migrations import config, upgrade
from portal.settings import Settings
from tests.databases import empty_database


def test_a_migrated_database_is_what_the_models_say(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, SQLModel.metadata)
    assert not differences, f"make a migration for: {differences}"


def test_its_checks_and_unique_keys_are_there_too(engine):
    """Alembic does not compare CHECK constraints: they keep nonsense out of clinical rows."""
    inspector = sa.inspect(engine)
    for table in SQLModel.metadata.sorted_tables:
        wanted = {
            f"{check.name}" for check in table.constraints if isinstance(check, sa.CheckConstraint) and check.name
        }
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert not wanted - there, f"{table.name} lacks {wanted - there}"


def test_there_is_one_newest_migration_and_the_suite_runs_on_it(engine):
    script = ScriptDirectory.from_config(config(engine))
    assert len(script.get_heads()) == 1
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == script.get_current_head()


def test_migrating_again_changes_nothing(engine):
    before = schema(engine)
    upgrade(engine)
    assert schema(engine) == before


def test_an_empty_database_becomes_a_whole_one(tmp_path):
    with empty_database(tmp_path) as address:
        empty = make_engine(address)
        upgrade(empty)
        assert set(schema(empty)) >= {table.name for table in SQLModel.metadata.sorted_tables}
        empty.dispose()


def test_portal_check_sees_a_database_that_was_not_migrated(tmp_path):
    settings = Settings(mode="demo", data=tmp_path, uploads=tmp_path / "u")
    assert any("portal migrate" in problem for problem in findings(settings))
    upgrade(make_engine(settings.sqlalchemy_url))
    assert not [problem for problem in findings(settings) if "Database" in problem]


def schema(engine: Engine) -> dict[str, list[str]]:
    """Tables and their columns."""
    inspector = sa.inspect(engine)
    return {
        name: sorted(f"{column['name']} {column['type']}" for column in inspector.get_columns(name))
        for name in inspector.get_table_names()
    }
