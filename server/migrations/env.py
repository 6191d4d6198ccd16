"""Alembic's entry: the connection is handed over by `server.migrations`, which also owns the transaction."""

from alembic import context

from server.core.db import Base
from server.migrations import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()

__all__ = ["tables"]
