"""Alembic's entry: the connection is handed over by `server.migrations`, which also owns the transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from server.core.db import Base, UtcDateTime
from server.migrations import tables


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """A revision speaks of plain SQL types: it must go on meaning the same when our classes change."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters by copying; PostgreSQL takes the same operations directly
    compare_type=True,
    render_item=_render,
)
context.run_migrations()

__all__ = ["tables"]
