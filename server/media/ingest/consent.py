"""Whether a publisher is still there to be sent to (RFC 7675), where its media is as good an answer as one to our checks.

An ingest session sends next to nothing: receiver reports and feedback, far less than it gets. Consent to send is there to keep
us from flooding somebody who does not want it. Whoever goes on sending media that decrypts with the keys of this session, from
the very address ICE has nominated, is no such victim, even if it has stopped to answer STUN, as FFmpeg's WHIP muxer does as
soon as it sends. So a check counts as missed only if it was not answered and nothing authentic came from that address since the
check before. Consent is lost after as many misses as aioice allows itself, half a minute in all (decision 0202).
"""

import asyncio
import random
from collections.abc import Callable

from aioice.ice import CandidatePair, Connection
from aioice.stun import TransactionError

from .guard import GuardedSocket
from .hooks import nominated_pairs, replace_consent

MISSES = 6  # checks in a row; with one about every 5 s the 30 s of RFC 7675 section 5.1
_SPREAD = (0.8, 1.2)  # of the interval, so that many sessions do not check at once (same section)


class Consent:
    """One connection's checks, from the moment ICE is done. `lost` is called once, when there is consent no more."""

    def __init__(self, connection: Connection, interval: float, lost: Callable[[], None]) -> None:
        """`interval` in seconds."""
        self._connection = connection
        self._interval = interval
        self._lost = lost
        self.unanswered = 0  # checks in a row without an answer
        self.unproven = 0  # checks in a row without an answer or media
        replace_consent(connection, self.keep)

    async def keep(self) -> None:
        """Ask until consent is lost; aioice runs this as a task and ends it with the connection."""
        while self.unproven < MISSES:
            await asyncio.sleep(self._interval * random.uniform(*_SPREAD))
            for pair in nominated_pairs(self._connection):
                answered = await self._ask(pair)
                heard = isinstance(pair.protocol, GuardedSocket) and pair.protocol.heard_from(pair.remote_addr)
                self.unanswered = 0 if answered else self.unanswered + 1
                self.unproven = 0 if answered or heard else self.unproven + 1
        self._lost()

    async def _ask(self, pair: CandidatePair) -> bool:
        connection = self._connection
        request = connection.build_request(pair, nominate=False)
        key = (connection.remote_password or "").encode()
        try:
            async with asyncio.timeout(self._interval):  # aioice itself waits half a second
                await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=0)
        except (TransactionError, TimeoutError):
            return False
        return True
