"""Broadcasts as a live surface: the channel `broadcast:<id>`, what its entries say, and its part of the snapshot.

A rehearsal is the host's affair: viewers' journal says nothing of it, and the snapshot shows the broadcast as scheduled.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import rfc3339
from ..core.fanout import Part, Rule, State
from ..core.journal import Draft, Entry, channel_name
from ..core.sockets import Who
from ..identity import member_of
from . import store
from .access import Access
from .limits import BroadcastSettings
from .model import Broadcast
from .model import State as BroadcastState
from .visibility import may_see

KIND = "broadcast"
TYPES = {
    BroadcastState.LIVE: "broadcast.live",
    BroadcastState.INTERRUPTED: "broadcast.interrupted",
    BroadcastState.ENDED: "broadcast.ended",
    BroadcastState.CUT_OFF: "broadcast.cut_off",
    BroadcastState.CANCELLED: "broadcast.cancelled",
}
_CHANGED = "broadcast.changed"  # anything else that is shown: the title, the time, whether there is a replay


def channel_of(broadcast_id: str) -> str:
    return channel_name(KIND, broadcast_id)


def shown(broadcast: Broadcast) -> dict[str, Any]:
    """What every viewer may know without asking; so not why a moderator cut it off."""
    state = BroadcastState.SCHEDULED if broadcast.state is BroadcastState.REHEARSAL else broadcast.state
    times = {"live_at": broadcast.live_at, "interrupted_at": broadcast.interrupted_at, "ended_at": broadcast.ended_at}
    return {
        "state": state.value,
        "title": broadcast.title,
        "starts_at": rfc3339(broadcast.starts_at),
        **{name: None if at is None else rfc3339(at) for name, at in times.items()},
        "comment_mode": broadcast.comment_mode.value,
        "muted": broadcast.muted,
        "slow_seconds": broadcast.slow_seconds,
        "visitors_comment": broadcast.visitors_comment,
        "replay_published": broadcast.replay_published,
        "recording": broadcast.recording.value,
    }


def news(before: Broadcast, after: Broadcast) -> list[Draft]:
    """The entry that a change deserves: one at most, and none for what viewers do not see."""
    was, now = shown(before), shown(after)
    if was == now:
        return []
    kind = TYPES[after.state] if was["state"] != now["state"] and after.state in TYPES else _CHANGED
    return [Draft(channel_of(after.id), kind, now)]


class BroadcastSurface:
    """Whoever may see a broadcast may listen to it."""

    def __init__(self, access: Access, settings: BroadcastSettings) -> None:
        self._access, self._settings = access, settings

    async def rule(self, key: str) -> Rule | None:
        broadcast = await self._access.recall(key)
        if broadcast is None:
            return None
        return _rule(broadcast, allow_public=self._settings.allow_public)


def _rule(broadcast: Broadcast, *, allow_public: bool) -> Callable[[Who | None], bool]:
    return lambda who: may_see(broadcast, member_of(who), allow_public=allow_public)


async def _snapshot(session: AsyncSession, key: str) -> State:
    broadcast = await store.load(session, key)
    return {} if broadcast is None else shown(broadcast)


def _apply(state: State, entry: Entry) -> State:
    return dict(entry.data) if entry.type.startswith("broadcast.") else state


STATE_PART = Part("broadcast", _snapshot, _apply)
