"""When members came into a broadcast's room and when they were last there, while it was on air: what organisers see beside the
roll-calls.

Each process looks at its own connections and writes what has changed; once a minute it writes that those who stay are still
there, so that a process that dies leaves nobody in the room. Several processes write the same row: the first coming and the
last sight count, whoever saw them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from ..broadcasts import ON_AIR, BroadcastService
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.sockets import Connection
from ..core.tasks import Tasks
from ..identity import Member
from . import visit_store
from .visit_store import Visit

LOOK_EVERY = 5.0  # s
STAYS_EVERY = 60.0  # s
_SILENT = 20.0  # s without a sign of life
_AT_ONCE = 500  # rows of one transaction

Listening = Callable[[], Mapping[str, Collection[Connection]]]


class Visits:
    def __init__(self, database: Database, broadcasts: BroadcastService, clock: Clock, listening: Listening) -> None:
        self._database, self._broadcasts, self._clock, self._listening = database, broadcasts, clock, listening
        self._here: dict[str, set[str]] = {}  # as it is written
        self._stayed_at = clock.monotonic()
        self._tasks = Tasks("visits")

    def start(self) -> None:
        self._tasks.every(LOOK_EVERY, self.look, "look")

    async def close(self) -> None:
        await self._tasks.aclose()
        await self._write({})

    async def look(self) -> None:
        await self._write(await self._people())

    async def purge(self, session: Session, broadcast_id: str) -> None:
        await visit_store.purge(session, broadcast_id)

    async def _write(self, here: dict[str, set[str]]) -> None:
        """What fails is written at the next look."""
        now, all_of_them = self._clock.now(), self._clock.monotonic() - self._stayed_at >= STAYS_EVERY
        for broadcast_id in sorted({*here, *self._here}):
            told = _told(here.get(broadcast_id, set()), self._here.get(broadcast_id, set()), all_of_them)
            for some in _chunks(sorted(told)):
                async with self._database.transaction() as session:
                    await visit_store.see(session, broadcast_id, some, now)
        self._here = here
        if all_of_them:
            self._stayed_at = self._clock.monotonic()

    async def _people(self) -> dict[str, set[str]]:
        """Members in the rooms on air, by broadcast."""
        since = self._clock.monotonic() - _SILENT
        here: dict[str, set[str]] = {}
        for broadcast_id, connections in self._listening().items():
            broadcast = await self._broadcasts.access.recall(broadcast_id)
            if broadcast is None or broadcast.state not in ON_AIR:
                continue
            heard = [each.who for each in connections if each.heard_at >= since]
            if members := {who.id for who in heard if isinstance(who, Member)}:
                here[broadcast_id] = members
        return here


def _told(now: set[str], before: set[str], all_of_them: bool) -> set[str]:
    """Who came and who went; from time to time also who stays."""
    return now | before if all_of_them else now ^ before


def _chunks(members: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(members), _AT_ONCE):
        yield members[start : start + _AT_ONCE]


def still_there(visit: Visit, now: datetime) -> bool:
    return (now - visit.seen_at).total_seconds() < STAYS_EVERY + 2 * LOOK_EVERY
