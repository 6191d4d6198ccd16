"""What goes on in rooms beside what is written: who is here, reactions, and the numbers everybody is shown.

One look a second at all rooms somebody listens to: who is here, what was counted elsewhere, what is to be written down. Numbers
that have changed are shown at once where few listen, and less often the more do.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

import structlog

from ..broadcasts import KIND, ON_AIR, BroadcastService, channel_of
from ..core.clock import Clock
from ..core.db import Database
from ..core.fanout import Hub
from ..core.tasks import Tasks
from .model import pause
from .presence import LOOK_EVERY, Presence
from .reactions import Reactions
from .samples import Samples

log = structlog.get_logger(__name__)

Signal = Callable[..., bool]


class RoomService:
    """One per process; `serve` where there are sockets, then `start`. Implements what broadcasts ask of their audience."""

    def __init__(self, database: Database, broadcasts: BroadcastService, clock: Clock) -> None:
        self._broadcasts, self._clock = broadcasts, clock
        self._presence = Presence(database, clock)
        self.reactions = Reactions(database, broadcasts, clock, self._grown)
        self.samples = Samples(database, broadcasts, clock)
        self._signal: Signal | None = None
        self._shown_at: dict[str, float] = {}
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._tasks = Tasks("room")

    def serve(self, hub: Hub) -> None:
        """The second step, where people come in: whom to count, and how to show them numbers."""
        self._presence.listening = lambda: hub.listening(KIND)
        self._signal = hub.signal

    def start(self) -> None:
        self._tasks.every(LOOK_EVERY, self.look, "look")
        self._tasks.spawn(self._show_on(), "show")

    async def close(self) -> None:
        await self._tasks.aclose()
        await self.reactions.close()
        for end in (self.samples.close, self._presence.leave):
            try:
                await end()
            except Exception:  # the database may be what is ending; others tidy up
                log.exception("room_not_left")

    def count(self, broadcast_id: str) -> int:
        """People in the room now, over all processes."""
        return self._presence.count(broadcast_id)

    async def look(self) -> None:
        await self._presence.look()
        rooms = self._presence.listening()
        on_air = await self._on_air(rooms)
        await self.reactions.look(rooms, on_air)
        self._shown_at = {each: at for each, at in self._shown_at.items() if each in rooms}
        for each in rooms:
            self._grown(each)  # what is the same as before costs nothing, and a room that began anew knows no numbers
        await self.samples.look({each: self.count(each) for each in on_air if self.count(each)})

    # Inside

    async def _on_air(self, rooms: Collection[str]) -> list[str]:
        known = {each: await self._broadcasts.access.recall(each) for each in rooms}
        return [each for each, broadcast in known.items() if broadcast is not None and broadcast.state in ON_AIR]

    def _grown(self, broadcast_id: str) -> None:
        self._dirty.add(broadcast_id)
        self._wake.set()

    async def _show_on(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            rest = self._show_due()
            if rest is not None:
                await asyncio.sleep(rest)
                self._wake.set()

    def _show_due(self) -> float | None:
        """Show what is due; gives the seconds until something else is."""
        rooms, now = self._presence.listening(), self._clock.monotonic()
        due = {each: self._shown_at.get(each, 0.0) + pause(len(rooms[each])) - now for each in self._dirty if each in rooms}
        self._dirty = {each for each, wait in due.items() if wait > 0}
        for each in due.keys() - self._dirty:
            if self._show(each):
                self._shown_at[each] = now
        return min((due[each] for each in self._dirty), default=None)

    def _show(self, broadcast_id: str) -> bool:
        if self._signal is None:
            return False
        values: Mapping[str, Any] = {"viewers": self.count(broadcast_id)}
        totals = self.reactions.totals(broadcast_id)
        if totals is not None:
            values = {**values, "reactions": totals}
        return self._signal(channel_of(broadcast_id), **values)
