"""Mutes on the live surfaces. Whether one still holds is for its reader's clock: nothing is told when its time is over."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.fanout import Part, State
from ..core.journal import Entry
from . import store_mutes as store

MUTED = "mute.set"
LIFTED = "mute.lifted"


async def _desk(session: AsyncSession, key: str) -> State:
    return {"set": [mute.for_desk() for mute in await store.not_lifted(session, scope=key)]}


async def _own(session: AsyncSession, key: str) -> State:
    return {"set": [mute.for_member() for mute in await store.not_lifted(session, member_id=key)]}


def _on_desk(mute: Mapping[str, Any]) -> Any:
    return mute["member"]["id"]


def _on_own(mute: Mapping[str, Any]) -> Any:
    return mute["scope"]


def _apply_desk(state: State, entry: Entry) -> State:
    return _applied(
        state, entry, [each for each in state["set"] if entry.type in _BOTH and _on_desk(each) != _on_desk(entry.data)]
    )


def _apply_own(state: State, entry: Entry) -> State:
    return _applied(
        state, entry, [each for each in state["set"] if entry.type in _BOTH and _on_own(each) != _on_own(entry.data)]
    )


def _applied(state: State, entry: Entry, others: Sequence[Any]) -> State:
    """At most one in each place: another one takes its place, and stands at the end."""
    if entry.type not in _BOTH:
        return state
    return {"set": [*others, entry.data] if entry.type == MUTED else list(others)}


_BOTH = (MUTED, LIFTED)

DESK_MUTES_PART = Part("mutes", _desk, _apply_desk)
OWN_MUTES_PART = Part("mutes", _own, _apply_own)
