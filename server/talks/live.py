"""The talk's part of its conversation's snapshot, and of what each of the two is told alone: the talk they are in now."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ..conversations import ERASED
from ..core.fanout import Part, State
from ..core.journal import Entry
from ..identity import known_as
from . import store
from .model import (
    BEGUN,
    ENDED,
    EXTENDED,
    EXTENSION_ASKED,
    EXTENSION_DECLINED,
    KEEPING,
    OPENED,
    OVER,
    SUMMARY,
    Talk,
)
from .shown import own, shown

_CHANGES = {OPENED, ENDED, EXTENSION_ASKED, EXTENSION_DECLINED, EXTENDED, KEEPING, SUMMARY, ERASED}


async def names_of(session: AsyncSession, talks: Sequence[Talk]) -> dict[str, str]:
    """What those in these talks are called, by member."""
    people = {person for talk in talks for person in talk.people}
    return {member_id: each.name for member_id, each in (await known_as(session, people)).items()}


async def _snapshot(session: AsyncSession, key: str) -> State:
    talk = await store.find(session, key)
    return {} if talk is None else shown(talk, await names_of(session, [talk]))


def _apply(state: State, entry: Entry) -> State:
    return {**state, **entry.data} if entry.type in _CHANGES else state


TALK_PART = Part("talk", _snapshot, _apply)


async def _own(session: AsyncSession, key: str) -> State:
    talk = await store.unfinished_of(session, key)
    side = None if talk is None else talk.side_of(key)
    return {"open": None if talk is None or side is None else own(talk, side, await names_of(session, [talk]))}


def _apply_own(state: State, entry: Entry) -> State:
    if entry.type == BEGUN:
        return {"open": dict(entry.data)}
    if entry.type == OVER and state["open"] is not None and state["open"]["id"] == entry.data["id"]:
        return {"open": None}
    return state


OWN_TALK_PART = Part("talk", _own, _apply_own)
