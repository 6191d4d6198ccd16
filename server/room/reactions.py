"""Reactions: taps that pages send in batches, counted exactly once each.

A batch joins the next group commit: its `client_id` is remembered, and the counts grow, in one transaction. The same again
gives the same answer and counts nothing, from whatever process, after a kill and after the end of the broadcast; with other
content it is refused. Remembered for a day: nobody tries for longer. Totals come from the database with the commit, so that
what is shown is what is counted; of what others count a process hears by looking once a second while a room is on air.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from ..broadcasts import BroadcastService
from ..core.clock import Clock
from ..core.db import Database, Session, after_commit
from ..core.errors import AppError, Conflict, TooMany
from ..core.journal import GroupCommit
from ..core.sockets import Who
from ..identity import member_of
from . import store
from .model import BUCKET_SECONDS, Kind, Pace, check_on_air
from .store import Batch, Counted

_REMEMBERED = timedelta(days=1)
_ANYBODY = "visitor"  # a visitor nobody knows: the connection changes with every attempt, the client_id does not

Totals = dict[str, int]


class Reactions:
    """`grown` is called with every broadcast whose totals have changed."""

    def __init__(self, database: Database, broadcasts: BroadcastService, clock: Clock, grown: Callable[[str], None]) -> None:
        self._database, self._broadcasts, self._clock, self._grown = database, broadcasts, clock, grown
        self._commits: GroupCommit[Batch, Batch] = GroupCommit(database, self._write, name="reactions", at_once=True)
        self._pace = Pace()
        self._totals: dict[str, Totals] = {}
        self._meanwhile: dict[str, Totals] = {}  # told by commits about rooms whose totals are being read for the first time

    async def close(self) -> None:
        await self._commits.aclose()

    async def react(
        self, who: Who | None, connection: str, broadcast_id: str, kind: Kind, count: int, *, client_id: str
    ) -> None:
        """`connection` stands for a visitor nobody knows. Raise NotFound or Unauthenticated for a broadcast that is not theirs
        to see, Conflict `reactions_closed`, `client_id_reused`, TooMany `too_fast`."""
        wait = self._pace.take(connection if who is None else who.id, count, self._clock.monotonic())
        if wait:
            raise TooMany("too_fast", "点得太快了，请稍等一下", retry_after=wait, extra={"retry_after": wait})
        batch = Batch(client_id, _ANYBODY if who is None else who.id, broadcast_id, kind.value, count, self._clock.now())
        try:
            await self._broadcasts.find_ready(member_of(who), broadcast_id, check_on_air)
        except AppError:
            # It may have been counted before the broadcast ended, and the answer lost.
            async with self._database.reading() as session:
                kept = (await store.remembered(session, [batch.key])).get(batch.key)
            if kept is None:
                raise
        else:
            kept = await self._commits.submit(batch)
        if kept.said != batch.said:
            raise Conflict("client_id_reused", "这个 client_id 已用于另一次互动")

    def totals(self, broadcast_id: str) -> Totals | None:
        """As this process knows them; None if it has not looked yet."""
        return self._totals.get(broadcast_id)

    async def look(self, broadcast_ids: Collection[str], growing: Collection[str]) -> None:
        """Learn the totals of these rooms and forget all others. Those that are `growing` may have grown elsewhere."""
        self._totals = {each: known for each, known in self._totals.items() if each in broadcast_ids}
        wanted = [each for each in broadcast_ids if each not in self._totals or (each in growing and not self._alone)]
        if not wanted:
            return
        self._meanwhile = {}
        async with self._database.reading() as session:
            found = await store.totals(session, wanted)
        for broadcast_id in wanted:
            self._learn(broadcast_id, found.get(broadcast_id, {}), self._meanwhile.pop(broadcast_id, {}))

    async def over_time(self, broadcast_id: str) -> list[Counted]:
        """For reports: reactions in ten-second steps, in order; steps without any are left out."""
        async with self._database.reading() as session:
            return await store.counted(session, broadcast_id)

    async def purge(self) -> None:
        async with self._database.transaction() as session:
            await store.forget(session, self._clock.now() - _REMEMBERED)

    # Inside

    @property
    def _alone(self) -> bool:
        return self._database.is_sqlite

    def _learn(self, broadcast_id: str, *found: Totals) -> None:
        """Totals only grow, and what was read may be older than what a commit has told meanwhile."""
        known = self._totals.get(broadcast_id)
        now = _latest(known or {}, *found)
        if now != known:
            self._totals[broadcast_id] = now
            self._grown(broadcast_id)

    async def _write(self, session: Session, batches: Sequence[Batch], careful: bool) -> list[Batch]:
        """Hardly any batch is sent again, so at first nothing is looked for: the key finds it, and care follows."""
        asked = {batch.key: batch for batch in reversed(batches)}  # the first of two alike stays
        ordered = [asked[key] for key in sorted(asked)]  # as all processes do
        kept: dict[tuple[str, str], Batch] = {}
        if careful:
            new = await store.claim(session, ordered)
            kept = await store.remembered(session, list(asked.keys() - new))
        else:
            await store.remember(session, ordered)
        fresh = {key: batch for key, batch in asked.items() if key not in kept}
        counts: dict[tuple[str, str, datetime], int] = {}
        for batch in fresh.values():
            step = (batch.broadcast_id, batch.kind, beginning(batch.at))
            counts[step] = counts.get(step, 0) + batch.count
        grown = await store.count(session, counts)
        after_commit(session, lambda: self._committed(grown))
        return [kept.get(batch.key) or fresh[batch.key] for batch in batches]

    def _committed(self, grown: dict[str, Totals]) -> None:
        for broadcast_id, found in grown.items():
            if broadcast_id in self._totals:
                self._learn(broadcast_id, found)
            else:  # what the next look reads has them; one that has begun may have read before them
                self._meanwhile[broadcast_id] = _latest(self._meanwhile.get(broadcast_id, {}), found)


def _latest(*totals: Totals) -> Totals:
    """The highest of each kind."""
    return {kind: max(each.get(kind, 0) for each in totals) for kind in sorted({kind for each in totals for kind in each})}


def beginning(moment: datetime) -> datetime:
    """Of the ten seconds that a moment lies in."""
    return datetime.fromtimestamp(int(moment.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS, UTC)
