"""Alembic, driven from the program: `hongbo migrate`, and at the start of an embedded server.

A schema change is one file in `versions/`, tested up and down on SQLite and PostgreSQL. Importing this package imports the
tables of every feature, so that `Base.metadata` is whole.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.core.db import Database
from server.core.errors import Unavailable

from . import tables

__all__ = ["check_schema", "downgrade", "tables", "upgrade"]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; nothing happens if it is there. On PostgreSQL the DDL is one transaction."""
    await database.run_sync(lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(database: Database, revision: str) -> None:
    await database.run_sync(lambda connection: command.downgrade(_config(connection), revision))


async def check_schema(database: Database) -> None:
    """Raise Unavailable `schema_outdated` unless the database is exactly at the newest revision."""
    state: list[tuple[str | None, str | None]] = []

    def look(connection: Connection) -> None:
        here = MigrationContext.configure(connection).get_current_revision()
        state.append((here, ScriptDirectory.from_config(_config(connection)).get_current_head()))

    await database.read_sync(look)
    here, newest = state[0]
    if here != newest:
        raise Unavailable("schema_outdated", f"数据库版本为 {here or '空'}，程序需要 {newest}，请运行 hongbo migrate")
