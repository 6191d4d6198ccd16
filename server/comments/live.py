"""The comments' part of a broadcast's snapshot: the newest hundred."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..broadcasts import channel_of
from ..core.fanout import Part, State
from ..core.journal import Entry, newest
from .model import POSTED, REMOVED
from .service import SHOWN


async def _snapshot(session: AsyncSession, key: str) -> State:
    entries = await newest(session, channel_of(key), POSTED, limit=SHOWN)
    return {"latest": [entry.wire() for entry in entries]}


def _apply(state: State, entry: Entry) -> State:
    if entry.type == REMOVED:
        return {"latest": [_taken_back(one, entry) for one in state["latest"]]}
    if entry.type != POSTED:
        return state
    latest: list[Any] = [*state["latest"], entry.wire()]
    return {"latest": latest[-SHOWN:]}


def _taken_back(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    if shown["offset"] != entry.data["redacts"]:
        return shown
    kept = {name: value for name, value in shown.items() if name != "by"}
    return {**kept, "data": entry.data["left"]}


COMMENTS_PART = Part("comments", _snapshot, _apply)
