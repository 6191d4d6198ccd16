"""The roll-calls' part of a broadcast's snapshot: all there were, in their order. Who answered is no part of it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import rfc3339
from ..core.fanout import Part, State
from ..core.journal import Entry
from . import store
from .model import Plan
from .shown import CLOSED, OPENED, shown


async def _snapshot(session: AsyncSession, key: str) -> State:
    rules = (await store.find_plan(session, key) or Plan(key)).rules
    return {
        "items": [
            {**shown(each, rules), "media_at": rfc3339(each.media_at), "open": each.open}
            for each in await store.of_broadcast(session, key)
        ]
    }


def _apply(state: State, entry: Entry) -> State:
    items: list[dict[str, Any]] = state["items"]
    if entry.type == OPENED:
        at = None if entry.media_at is None else rfc3339(entry.media_at)
        return {"items": [*items, {**entry.data, "media_at": at, "open": True}]}
    if entry.type == CLOSED:
        return {"items": [{**each, "open": False} if each["id"] == entry.data["id"] else each for each in items]}
    return state


ROLL_CALLS_PART = Part("roll_calls", _snapshot, _apply)
