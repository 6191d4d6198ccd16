"""A network that is gone for five seconds while a broadcast is on air, and what the recording must tell of it."""

import time
from dataclasses import dataclass

import aiohttp

from tests.support.faraway import FarAway
from tests.support.recorded import Recorded
from tests.support.wait import until
from tests.support.watching import state_of

SECONDS = 5
UNDER_WAY = 2.0  # s: what the wire swallows
KEY_FRAME = 4.0  # s: a stretch begins with one, and the sender is asked for it
FILLED_UP = 4.0  # s: the segment that was open lasts as long as a segment may


@dataclass
class Outage:
    """`http` is anybody's who may see the broadcast. Times are the wall clock's, as the recording's are."""

    place: FarAway
    http: aiohttp.ClientSession
    broadcast: str
    pulled: float = 0.0
    plugged: float = 0.0
    back: float = 0.0

    async def begins(self) -> None:
        self.pulled = time.time()
        self.place.pull_the_cable()
        await self._reaches("interrupted", within=10)

    async def is_over(self) -> None:
        """The cable is plugged in again, and the sender comes back by itself."""
        await until(lambda: time.time() - self.pulled >= SECONDS, what="five seconds without a network")
        self.plugged = time.time()
        self.place.plug_it_in()
        await self._reaches("live", within=40)
        self.back = time.time()

    def check(self, recording: Recorded, since: float) -> None:
        """All that was on air since then is recorded, but for the outage."""
        assert len(recording.stretches) == 2
        (first, lost), (returned, _) = recording.stretches
        assert since - UNDER_WAY < first < since + KEY_FRAME
        assert self.pulled - UNDER_WAY < lost < self.pulled + FILLED_UP
        assert self.plugged - UNDER_WAY < returned < self.back + KEY_FRAME

    async def _reaches(self, state: str, *, within: float) -> None:
        async def is_in() -> bool:
            return await state_of(self.http, self.broadcast) == state

        await until(is_in, timeout=within, what=f"the state {state}")
