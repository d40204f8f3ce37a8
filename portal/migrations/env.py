"""Run by alembic: compares and migrates the metadata of every feature, alike on SQLite and PostgreSQL."""

from alembic import context
from sqlalchemy import Engine
from sqlmodel import SQLModel

import portal.features  # noqa: F401 - importing the list of features loads every table

engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
