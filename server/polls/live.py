"""The polls' part of a broadcast's snapshot: all that were opened and stand, in the order of their opening.

How an open poll stands is a signal, not part of the state; the entry that closes it brings the result.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import rfc3339
from ..core.fanout import Part, State
from ..core.journal import Entry
from . import store
from .model import Poll, PollState, newest_last
from .service import CLOSED, OPENED, REMOVED
from .shown import shown, told_result


async def _snapshot(session: AsyncSession, key: str) -> State:
    polls = [each for each in await store.of_broadcast(session, key) if each.state in (PollState.OPEN, PollState.CLOSED)]
    return {"items": [_item(each) for each in newest_last(polls)]}


def _item(poll: Poll) -> dict[str, Any]:
    item = {**shown(poll), "state": PollState.OPEN.value, "media_at": None if poll.media_at is None else rfc3339(poll.media_at)}
    return item if poll.state is PollState.OPEN else {**item, **told_result(poll), "state": PollState.CLOSED.value}


def _apply(state: State, entry: Entry) -> State:
    items: list[dict[str, Any]] = state["items"]
    if entry.type == OPENED and "removed" not in entry.data:
        at = None if entry.media_at is None else rfc3339(entry.media_at)
        return {"items": [*items, {**entry.data, "state": PollState.OPEN.value, "media_at": at}]}
    if entry.type == CLOSED:
        closed = {**entry.data, "state": PollState.CLOSED.value}
        return {"items": [{**each, **closed} if each["id"] == entry.data["id"] else each for each in items]}
    if entry.type == REMOVED:
        return {"items": [each for each in items if each["id"] != entry.data["id"]]}
    return state


POLLS_PART = Part("polls", _snapshot, _apply)
