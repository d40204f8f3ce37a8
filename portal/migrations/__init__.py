"""Schema changes by alembic, driven from code: `upgrade(engine)` brings a database to the newest version."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from portal import paths


def config(engine: Engine) -> Config:
    """An alembic configuration bound to an engine; no .ini file."""
    made = Config()
    made.set_main_option("script_location", str(paths.MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing."""
    command.upgrade(config(engine), "head")
