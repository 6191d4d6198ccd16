"""Looks at the open polls once a second: closes those whose time has come, and tells the rooms how the others stand.

Every process that serves sockets does so. A close happens once, whoever comes first; how a poll stands is read from the
database by each process that has listeners, and only after votes have come, wherever they were taken.
"""

from ..broadcasts import channel_of
from ..core.fanout import Hub
from ..core.pulse import Pulse
from . import store
from .service import PollService
from .shown import signalled


class PollWatch:
    def __init__(self, polls: PollService, hub: Hub) -> None:
        self._polls, self._hub = polls, hub
        self._told: dict[str, int] = {}  # the revision of each poll whose room was told how it stood

    def join(self, pulse: Pulse) -> None:
        pulse.add("polls", store.any_open(), self.look)

    async def look(self) -> None:
        open_polls = await self._polls.close_due()
        self._told = {poll.id: self._told[poll.id] for poll in open_polls if poll.id in self._told}
        for poll in open_polls:
            channel = channel_of(poll.broadcast_id)
            if self._told.get(poll.id) == poll.revision or not self._hub.has_listeners(channel):
                continue
            self._told[poll.id] = poll.revision
            self._hub.signal(channel, poll=signalled(poll, await self._polls.tally(poll)))
