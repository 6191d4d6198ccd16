"""Taking offsets: the heads of channels are raised, and held until the commit.

Channels are raised in the order of their names, so that two who raise several never wait for each other; many at once in one
statement, for a list of people who are all told something is a channel for each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..ids import new_id
from .tables import ChannelRow


async def raised(session: AsyncSession, counts: Mapping[str, int]) -> dict[str, int]:
    """Raise each channel by its count; gives the new heads."""
    if len(counts) == 1:
        ((name, count),) = counts.items()
        statement = _ONE[session.get_bind().dialect.name]
        head: int = (await session.execute(statement, {"name": name, "epoch": new_id(), "head": count})).scalar_one()
        return {name: head}
    names = sorted(counts)
    return await _many(session, names, [new_id() for _ in names], [counts[name] for name in names])


async def _many(session: AsyncSession, names: list[str], epochs: list[str], by: list[int]) -> dict[str, int]:
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        found = await connection.exec_driver_sql(_MANY_POSTGRES, (names, epochs, by))
    else:
        rows = to_json(list(zip(names, epochs, by, strict=True))).decode()
        found = await connection.exec_driver_sql(_MANY_SQLITE, (rows,))
    return dict(cast("Sequence[tuple[str, int]]", found.all()))


def _one(dialect: Callable[[type[ChannelRow]], Any]) -> Any:
    insert = dialect(ChannelRow).values(name=bindparam("name"), epoch=bindparam("epoch"), head=bindparam("head"))
    higher = insert.on_conflict_do_update(
        index_elements=[ChannelRow.name], set_={"head": ChannelRow.head + insert.excluded.head}
    )
    return higher.returning(ChannelRow.head)


# Made once: putting them together costs more than running them.
_ONE = {"sqlite": _one(sqlite.insert), "postgresql": _one(postgresql.insert)}

_MANY_POSTGRES = """
    INSERT INTO channels (name, epoch, head)
    SELECT * FROM unnest($1::varchar[], $2::varchar[], $3::bigint[])
    ON CONFLICT (name) DO UPDATE SET head = channels.head + excluded.head RETURNING name, head
"""  # unnest keeps the order
_MANY_SQLITE = """
    INSERT INTO channels (name, epoch, head)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
    ON CONFLICT (name) DO UPDATE SET head = channels.head + excluded.head RETURNING name, head
"""  # without the WHERE its parser takes ON for the condition of a join
