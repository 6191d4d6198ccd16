"""Many rows in one statement, for hot writes: SQLAlchemy's own way costs more per row than either database does.

PostgreSQL gets one array for each column, SQLite the rows as they are; the statement is the same whatever their number.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.ext.asyncio import AsyncSession

Row = Sequence[Any]


async def insert_rows(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of the table's columns. Raise what an insert raises, of all of them."""
    if not rows:
        return
    connection = await session.connection()
    statement, bind = _prepared(table, connection.dialect)
    columns = [list(column) for column in zip(*rows, strict=True)]
    for position, process in bind:
        columns[position] = [process(value) for value in columns[position]]
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(statement, tuple(columns))
    else:
        await connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


@lru_cache
def _prepared(table: Table, dialect: Dialect) -> tuple[str, Sequence[tuple[int, Callable[[Any], Any]]]]:
    """The statement, and the columns whose values are stored in another form."""
    quoted = dialect.identifier_preparer.quote
    names = ", ".join(quoted(column.name) for column in table.columns)
    start = f"INSERT INTO {quoted(table.name)} ({names})"
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    bind = [(position, process) for position, process in enumerate(processors) if process is not None]
    if dialect.name == "postgresql":
        types = [column.type.compile(dialect) for column in table.columns]
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
        return f"{start} SELECT * FROM unnest({arrays})", bind  # noqa: S608  # names of our own tables
    return f"{start} VALUES ({', '.join('?' * len(table.columns))})", bind
