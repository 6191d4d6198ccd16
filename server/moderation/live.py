"""Moderation as live surfaces: `desk:<id of the room>` for those who keep it, and what a member's own channel says of it.

Of the desk everything is shown that waits (`ModerationSettings.most_waiting` bounds it), so that a snapshot with the entries
after it equals a fresh one however many have been decided.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.fanout import Part, Rule, State
from ..core.journal import Draft, Entry, channel_name
from ..core.sockets import Who
from ..identity import member_channel, member_of
from . import store
from .model import Held, HeldState, Room, Rooms

DESK_KIND = "desk"
ADDED = "held.added"
DECIDED = "held.decided"
OWN_SHOWN = 50  # of what a member wrote and was held, decided or not


def desk_channel(scope: str) -> str:
    return channel_name(DESK_KIND, scope)


def held_drafts(held: Held) -> list[Draft]:
    """What the desk and the author hear of it, as it is now."""
    kind = ADDED if held.state is HeldState.HELD else DECIDED
    return [
        Draft(desk_channel(held.scope), kind, held.for_desk()),
        Draft(member_channel(held.author_id), kind, held.for_author()),
    ]


class DeskSurface:
    """Whoever keeps a room listens to its desk."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def rule(self, key: str) -> Rule | None:
        room = await self._rooms.recall(key)
        return None if room is None else _rule(room)


def _rule(room: Room) -> Rule:
    def may(who: Who | None) -> bool:
        return room.keeps(member_of(who))

    return may


async def _desk_held(session: AsyncSession, key: str) -> State:
    return {"waiting": [each.for_desk() for each in await store.waiting(session, key)]}


def _apply_desk_held(state: State, entry: Entry) -> State:
    if entry.type not in (ADDED, DECIDED):
        return state
    others = [each for each in state["waiting"] if each["id"] != entry.data["id"]]
    if entry.type == DECIDED:
        return {"waiting": others}
    return {"waiting": _in_order([*others, entry.data])}


async def _own_held(session: AsyncSession, key: str) -> State:
    return {"latest": [each.for_author() for each in await store.newest_of(session, key, OWN_SHOWN)]}


def _apply_own_held(state: State, entry: Entry) -> State:
    if entry.type not in (ADDED, DECIDED):
        return state
    others = [each for each in state["latest"] if each["id"] != entry.data["id"]]
    return {"latest": _in_order([*others, entry.data])[-OWN_SHOWN:]}


def _in_order(some: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(some, key=lambda each: str(each["id"]))


DESK_HELD_PART = Part("held", _desk_held, _apply_desk_held)
OWN_HELD_PART = Part("held", _own_held, _apply_own_held)
