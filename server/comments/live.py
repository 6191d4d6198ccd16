"""The comments' part of a broadcast's snapshot: the newest hundred."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..broadcasts import channel_of
from ..core.fanout import Part, State
from ..core.journal import Entry, newest
from .service import POSTED, SHOWN


async def _snapshot(session: AsyncSession, key: str) -> State:
    entries = await newest(session, channel_of(key), POSTED, limit=SHOWN)
    return {"latest": [entry.wire() for entry in entries]}


def _apply(state: State, entry: Entry) -> State:
    if entry.type != POSTED:
        return state
    latest: list[Any] = [*state["latest"], entry.wire()]
    return {"latest": latest[-SHOWN:]}


COMMENTS_PART = Part("comments", _snapshot, _apply)
