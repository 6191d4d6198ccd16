"""Who is in a room: people whose connection listens to it and was heard from a few seconds ago.

By person: a member, or a visitor who is known, counts once however many pages and phones are open; an unknown visitor counts
by connection. A phone that dies says no goodbye, so whoever was silent for six and a half seconds, though pinged every four,
does not count, and counts again when heard; the connection itself is given more time (docs/decisions/0401).

One process knows all that from memory. Of several each writes its own people to the database, only what has changed, with a
beat every second; the number is that of different people of all processes that live. A process whose beat stands still for
five seconds, by the clock of whoever looks, does not count: nobody's clocks need to agree, and Redis is not asked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.ids import new_id
from ..core.sockets import Connection
from . import people
from .people import Pulse

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0  # s
_SILENT = 6.5  # s without a sign of life; one that lives gives one every four and a half
_STILL = 5.0  # s without a beat
_FORGOTTEN = 60.0  # s without a beat, after which others tidy up
_BLIND = 3.0  # s without a look, after which nothing is known of how long others have been still

Listening = Callable[[], Mapping[str, Collection[Connection]]]


def nobody_here() -> Mapping[str, Collection[Connection]]:
    """Of a process that serves no sockets."""
    return {}


@dataclass(slots=True)
class _Seen:
    pulse: Pulse
    at: float  # when its beat was last seen to grow


class Presence:
    """`listening` gives the connections in this process by broadcast. `look` is to be called every second."""

    def __init__(self, database: Database, clock: Clock, listening: Listening = nobody_here) -> None:
        self._database, self._clock, self.listening = database, clock, listening
        self._id = new_id()
        self._counts: dict[str, int] = {}
        self._written: dict[str, set[str]] = {}  # our own people in the database
        self._registered = False
        self._seen: dict[str, _Seen] = {}
        self._looked_at = 0.0
        self._counted: dict[str, int] | None = None  # the versions of those that were counted

    def count(self, broadcast_id: str) -> int:
        """People in that room now, over all processes."""
        return self._counts.get(broadcast_id, 0)

    async def look(self) -> None:
        here = self._here()
        if self._database.is_sqlite:  # there is no other process
            self._counts = {broadcast_id: len(some) for broadcast_id, some in here.items()}
            return
        if here or self._registered:
            await self._tell(here)
        await self._count()

    async def leave(self) -> None:
        """Goodbye: those who were here are somewhere else now, or nowhere."""
        if self._registered:
            async with self._database.transaction() as session:
                await people.drop(session, [self._id])

    # Inside

    def _here(self) -> dict[str, set[str]]:
        since = self._clock.monotonic() - _SILENT
        here: dict[str, set[str]] = {}
        for broadcast_id, connections in self.listening().items():
            some = {_person(connection) for connection in connections if connection.heard_at >= since}
            if some:
                here[broadcast_id] = some
        return here

    async def _tell(self, here: dict[str, set[str]]) -> None:
        came, went = _more(here, self._written), _more(self._written, here)
        try:
            async with self._database.transaction() as session:
                known = self._registered and await people.beat(session, self._id, changed=bool(came or went))
                if known:
                    await people.leave(session, self._id, went)
                    await people.enter(session, self._id, came)
                else:
                    # The first time, or others took it for dead and tidied up: all enter, under a name nobody has counted.
                    self._id = new_id()
                    people.register(session, self._id)
                    await people.enter(session, self._id, here)
        except BaseException:
            self._registered = False  # what is written is not known; begin anew, and let others tidy up what was there
            self._written = {}
            raise
        self._registered, self._written = True, here

    async def _count(self) -> None:
        async with self._database.reading() as session:
            alive = self._alive(await people.pulses(session))
            versions = {process_id: self._seen[process_id].pulse.version for process_id in alive}
            if versions != self._counted:
                self._counts = await people.counts(session, alive) if alive else {}
                self._counted = versions
        await self._tidy_up()

    def _alive(self, pulses: Mapping[str, Pulse]) -> list[str]:
        now = self._clock.monotonic()
        blind = now - self._looked_at > _BLIND
        self._looked_at = now
        self._seen = {process_id: seen for process_id, seen in self._seen.items() if process_id in pulses}
        for process_id, pulse in pulses.items():
            seen = self._seen.get(process_id)
            if seen is None or blind or seen.pulse.beat != pulse.beat:
                self._seen[process_id] = _Seen(pulse, now)
        return sorted(process_id for process_id, seen in self._seen.items() if now - seen.at < _STILL)

    async def _tidy_up(self) -> None:
        now = self._clock.monotonic()
        gone = [process_id for process_id, seen in self._seen.items() if now - seen.at >= _FORGOTTEN]
        if gone:
            log.info("process_forgotten", processes=gone)
            async with self._database.transaction() as session:
                await people.drop(session, gone)


def _person(connection: Connection) -> str:
    return connection.name if connection.who is None else connection.who.id


def _more(some: Mapping[str, Iterable[str]], others: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Who is among the first and not among the others."""
    more = {broadcast_id: set(few) - others.get(broadcast_id, set()) for broadcast_id, few in some.items()}
    return {broadcast_id: few for broadcast_id, few in more.items() if few}
