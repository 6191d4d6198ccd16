"""Looks at the broadcasts on air once a second: opens and closes roll-calls, and tells the rooms how many have answered.

Every process that serves sockets does so. Each opening and close happens once, whoever comes first.
"""

import structlog

from ..broadcasts import any_on_air, channel_of
from ..core.fanout import Hub
from ..core.pulse import Pulse
from . import store
from .service import RollCalls

log = structlog.get_logger(__name__)


class RollCallTicker:
    def __init__(self, roll_calls: RollCalls, hub: Hub) -> None:
        self._roll_calls, self._hub = roll_calls, hub

    def join(self, pulse: Pulse) -> None:
        pulse.add("roll-calls", any_on_air() | store.any_due(), self.look)

    async def look(self) -> None:
        for roll_call in await self._roll_calls.look():
            channel = channel_of(roll_call.broadcast_id)
            if self._hub.has_listeners(channel):
                answered = await self._roll_calls.count(roll_call)
                self._hub.signal(channel, roll_call={"id": roll_call.id, "answered": answered})
