"""A conversation as a live surface: who may listen, how the pages agree on keys, what was sent, how far it was read."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.fanout import Part, Rule, State
from ..core.journal import Entry, at_offsets, newest
from . import store
from .model import ERASED, KEY, POSTED, READ, RECALLED, SHOWN, SHOWN_CHARACTERS, Step, channel_of
from .register import Register


class ConversationSurface:
    """Its two parties listen, and nobody else."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def rule(self, key: str) -> Rule | None:
        sides = await self._register.sides(key)
        return (lambda who: who is not None and who.id in sides) if sides else None


# Keys: the steps of the newest round


async def _keys(session: AsyncSession, key: str) -> State:
    conversation = await store.find(session, key)
    if conversation is None or not conversation.key_round:
        return {"round": 0, "steps": []}
    taken = await store.taken(session, key, conversation.key_round)
    entries = await at_offsets(session, channel_of(key), [each.offset for each in taken])
    return {"round": conversation.key_round, "steps": [_step(entries[each.offset]) for each in taken]}


def _apply_keys(state: State, entry: Entry) -> State:
    if entry.type == ERASED:
        return {"round": 0, "steps": []}
    if entry.type != KEY:
        return state
    newer = entry.data["step"] == Step.HELLO and entry.data["round"] > state["round"]
    return {"round": entry.data["round"], "steps": [*([] if newer else state["steps"]), _step(entry)]}


def _step(entry: Entry) -> dict[str, Any]:
    return {"offset": entry.offset, **entry.data}


# Messages: the newest, as many as go over a socket at once


async def _messages(session: AsyncSession, key: str) -> State:
    entries = await newest(session, channel_of(key), POSTED, limit=SHOWN)
    return {"latest": _bounded([entry.wire() for entry in entries])}


def _apply_messages(state: State, entry: Entry) -> State:
    if entry.type == ERASED:
        return {"latest": []}
    if entry.type == RECALLED:
        return {"latest": [_taken_back(one, entry) for one in state["latest"]]}
    if entry.type != POSTED:
        return state
    return {"latest": _bounded([*state["latest"], entry.wire()])}


def _bounded(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    room, start = SHOWN_CHARACTERS, len(entries)
    while start > max(0, len(entries) - SHOWN) and (room := room - entries[start - 1]["data"]["size"]) >= 0:
        start -= 1
    return entries[start:]


def _taken_back(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    if shown["offset"] != entry.data["redacts"]:
        return shown
    kept = {name: value for name, value in shown.items() if name != "by"}
    return {**kept, "data": entry.data["left"]}


# How far each side has read


async def _read(session: AsyncSession, key: str) -> State:
    return {each.side: each.read for each in (await store.parties(session, key)).values()}


def _apply_read(state: State, entry: Entry) -> State:
    if entry.type == ERASED:
        return dict.fromkeys(state, 0)
    return {**state, entry.data["side"]: entry.data["offset"]} if entry.type == READ else state


CONVERSATION_PARTS = (
    Part("keys", _keys, _apply_keys),
    Part("messages", _messages, _apply_messages),
    Part("read", _read, _apply_read),
)
