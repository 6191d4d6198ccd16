"""The roll-calls of replays in the database. Every function takes the session of the caller's transaction.

A member's prompts of a broadcast are drawn, passed and opened by whoever holds that member's watch time of it; an answer holds
its own prompt.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .replay_model import Prompt
from .tables import PromptAckRow, PromptRow

Key = tuple[str, str]
"""Broadcast and member."""

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FIELDS = [each.name for each in fields(Prompt)]


async def of_members(session: AsyncSession, keys: Collection[Key]) -> dict[Key, list[Prompt]]:
    """All there were, in the order of their drawing."""
    found: dict[Key, list[Prompt]] = {key: [] for key in keys}
    query = select(PromptRow).where(tuple_(PromptRow.broadcast_id, PromptRow.member_id).in_(list(keys))).order_by(PromptRow.id)
    for row in await session.scalars(query):
        found[row.broadcast_id, row.member_id].append(_prompt(row))
    return found


async def find(session: AsyncSession, prompt_id: str) -> Prompt | None:
    row = await session.get(PromptRow, prompt_id)
    return None if row is None else _prompt(row)


async def hold(session: AsyncSession, prompt_id: str) -> Prompt | None:
    """Nobody else answers it until the end of the transaction."""
    row = await session.get(PromptRow, prompt_id, with_for_update=True)
    return None if row is None else _prompt(row)


async def add(session: AsyncSession, drawn: Sequence[Prompt]) -> None:
    session.add_all([PromptRow(**asdict(each)) for each in drawn])
    await session.flush()


async def moved(session: AsyncSession, changed: Sequence[Prompt]) -> None:
    """How far they have come; what was answered meanwhile stays."""
    for each in changed:
        values = {"passed_at": each.passed_at, "opened_at": each.opened_at, "closes_at": each.closes_at}
        await session.execute(update(PromptRow).where(PromptRow.id == each.id).values(**values))


async def answered(session: AsyncSession, prompt: Prompt) -> None:
    await session.execute(update(PromptRow).where(PromptRow.id == prompt.id).values(answered_at=prompt.answered_at))


async def acknowledged(session: AsyncSession, key: str) -> str | None:
    """The prompt that was answered under this key."""
    return await session.scalar(select(PromptAckRow.prompt_id).filter_by(key=key))


async def acknowledge(session: AsyncSession, key: str, prompt_id: str) -> str:
    """Gives the prompt that the key stands for: this one, unless another came first."""
    insert = _INSERT[session.get_bind().dialect.name](PromptAckRow).values(key=key, prompt_id=prompt_id)
    made = await session.scalar(insert.on_conflict_do_nothing().returning(PromptAckRow.prompt_id))
    return made or await acknowledged(session, key) or prompt_id


def _prompt(row: PromptRow) -> Prompt:
    return Prompt(**{name: getattr(row, name) for name in _FIELDS})
