"""Many rows in one statement, for hot writes: SQLAlchemy's own way costs more per row than either database does.

PostgreSQL gets one array for each column, or one value where all rows have the same; which columns are alike makes another
statement, the number of rows does not. SQLite gets what a batch of hot writes has as one JSON text: it goes through it in one
step, while after each of many steps the event loop may take the interpreter away for milliseconds. Row by row is quicker where
that does not matter: one row, and the thousands of a list.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Dialect, Table
from sqlalchemy.ext.asyncio import AsyncSession

Row = Sequence[Any]
_BATCH = 256  # rows
_NUL = "\\u0000"  # SQLite's JSON ends a text there


async def insert_rows(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of the table's columns. Raise what an insert raises, of all of them."""
    if not rows:
        return
    connection = await session.connection()
    dialect = connection.dialect
    columns: list[Any] = list(zip(*rows, strict=True))
    # The last column is an array in any case: something must say how many rows there are.
    alike = tuple(column.count(column[0]) == len(rows) for column in columns[:-1])
    for position, process in _processors(table, dialect):
        values = columns[position]
        same = position < len(alike) and alike[position]
        columns[position] = [process(values[0])] * len(rows) if same else [process(value) for value in values]
    if dialect.name == "postgresql":
        given = [column[0] if same else column for column, same in zip(columns, (*alike, False), strict=True)]
        await connection.exec_driver_sql(_for_postgres(table, dialect, alike), tuple(given))
    else:
        given = list(zip(*columns, strict=True))
        if 1 < len(given) <= _BATCH and _NUL not in (text := to_json(given).decode()):
            await connection.exec_driver_sql(_for_sqlite_at_once(table, dialect), (text,))
        else:
            await connection.exec_driver_sql(_for_sqlite(table, dialect), given)


@lru_cache
def _processors(table: Table, dialect: Dialect) -> Sequence[tuple[int, Callable[[Any], Any]]]:
    """The columns whose values are stored in another form."""
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    return [(position, process) for position, process in enumerate(processors) if process is not None]


@lru_cache
def _for_postgres(table: Table, dialect: Dialect, alike: tuple[bool, ...]) -> str:
    types = [column.type.compile(dialect) for column in table.columns]
    shown, arrays, names = [], [], []
    for number, (kind, same) in enumerate(zip(types, (*alike, False), strict=True), 1):
        shown.append(f"${number}::{kind}" if same else f"c{number}")
        if not same:
            arrays.append(f"${number}::{kind}[]")
            names.append(f"c{number}")
    given = f"unnest({', '.join(arrays)}) AS given({', '.join(names)})"
    return f"{_start(table, dialect)} SELECT {', '.join(shown)} FROM {given}"  # noqa: S608  # names of our own tables


@lru_cache
def _for_sqlite(table: Table, dialect: Dialect) -> str:
    return f"{_start(table, dialect)} VALUES ({', '.join('?' * len(table.columns))})"


@lru_cache
def _for_sqlite_at_once(table: Table, dialect: Dialect) -> str:
    shown = ", ".join(f"value ->> {number}" for number in range(len(table.columns)))
    return f"{_start(table, dialect)} SELECT {shown} FROM json_each(?)"  # noqa: S608  # names of our own tables


def _start(table: Table, dialect: Dialect) -> str:
    quoted = dialect.identifier_preparer.quote
    return f"INSERT INTO {quoted(table.name)} ({', '.join(quoted(column.name) for column in table.columns)})"
