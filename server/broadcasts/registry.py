"""The broadcasts as the database has them: read, and changed one decision at a time.

`change` reads the row under its lock, lets a pure rule decide, writes the difference with its journal entry and commits; only
then are those told who remember broadcasts. Two requests for one broadcast decide one after the other, each on what the
other left.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from ..core.db import Database, Session
from ..core.ids import is_id
from ..core.journal import Journal
from . import store
from .live import news
from .model import Broadcast, State

Decide = Callable[[Broadcast], Broadcast]
Along = Callable[[Session, Broadcast], Awaitable[None]]
Hear = Callable[[Broadcast], None]


class Registry:
    def __init__(self, database: Database, journal: Journal) -> None:
        self._database, self._journal = database, journal
        self._listeners: list[Hear] = []

    def tell(self, hear: Hear) -> None:
        """Call `hear` with every broadcast this process changes, right after the commit."""
        self._listeners.append(hear)

    async def add(self, broadcast: Broadcast) -> None:
        async with self._database.transaction() as session:
            await store.add(session, broadcast)
        self._tell(broadcast)

    async def load(self, broadcast_id: str) -> Broadcast | None:
        if not is_id(broadcast_id):
            return None
        async with self._database.reading() as session:
            return await store.load(session, broadcast_id)

    async def change(self, broadcast_id: str, decide: Decide, *, along: Along | None = None) -> Broadcast | None:
        """The broadcast as it is now; None if there is none. What `decide` raises leaves everything as it was. `along`: what
        else is done with it in the transaction of a change."""
        if not is_id(broadcast_id):
            return None
        async with self._database.transaction() as session:
            before = await store.load(session, broadcast_id, lock=True)
            if before is None:
                return None
            after = decide(before)
            if after != before:
                await store.save(session, before, after)
                await self._journal.append(session, *news(before, after))
                if along is not None:
                    await along(session, after)
        if after != before:
            self._tell(after)
        return after

    async def page(
        self, scope: store.Scope, wanted: store.Wanted, *, after: str | None, limit: int
    ) -> tuple[list[Broadcast], str | None]:
        async with self._database.reading() as session:
            return await store.page(session, scope, wanted, after=after, limit=limit)

    async def in_states(self, states: Iterable[State]) -> list[Broadcast]:
        async with self._database.reading() as session:
            return await store.in_states(session, frozenset(states))

    async def unsettled(self) -> list[Broadcast]:
        """Those that are over and whose recording is not complete yet, or was thrown away and is not removed yet."""
        async with self._database.reading() as session:
            return await store.unsettled(session)

    async def said_before(self, moment: datetime) -> list[Broadcast]:
        """Those that were over at `moment` and whose rooms were not purged yet."""
        async with self._database.reading() as session:
            return await store.said_before(session, moment)

    async def by_ids(self, ids: Iterable[str]) -> list[Broadcast]:
        wanted = [each for each in ids if is_id(each)]
        async with self._database.reading() as session:
            return await store.by_ids(session, wanted) if wanted else []

    def _tell(self, broadcast: Broadcast) -> None:
        for hear in self._listeners:
            hear(broadcast)
