"""Looks at the broadcasts on air once a second: opens and closes roll-calls, and tells the rooms how many have answered.

Every process that serves sockets does so. Each opening and close happens once, whoever comes first.
"""

import structlog

from ..broadcasts import channel_of
from ..core.fanout import Hub
from ..core.tasks import Tasks
from .service import RollCalls

log = structlog.get_logger(__name__)

EVERY = 1.0  # s


class RollCallTicker:
    def __init__(self, roll_calls: RollCalls, hub: Hub, *, every: float = EVERY) -> None:
        self._roll_calls, self._hub, self._every = roll_calls, hub, every
        self._tasks = Tasks("roll-calls")

    def start(self) -> None:
        self._tasks.every(self._every, self.look, "look")

    async def close(self) -> None:
        await self._tasks.aclose()

    async def look(self) -> None:
        for roll_call in await self._roll_calls.look():
            channel = channel_of(roll_call.broadcast_id)
            if self._hub.has_listeners(channel):
                answered = await self._roll_calls.count(roll_call)
                self._hub.signal(channel, roll_call={"id": roll_call.id, "answered": answered})
