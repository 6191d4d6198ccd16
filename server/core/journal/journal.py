"""The journal as the rest of the house sees it: append inside one's transaction, listen after commits, read again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db import Database, after_commit
from . import store
from .model import LEFT, REDACTS, Draft, Entry, Position

Hear = Callable[[Sequence[Entry]], None]
Forget = Callable[[str], None]
MOST_READ = 500


class Journal:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._listeners: list[Hear] = []
        self._forgetters: list[Forget] = []

    def listen(self, hear: Hear) -> None:
        """Call `hear` with what this process has committed: entries of one transaction, in the order of their offsets for each
        channel; on PostgreSQL two transactions may be told in either order. It must be quick. A commit whose outcome stayed
        unknown is not told; those who listen look at the heads too."""
        self._listeners.append(hear)

    def on_purge(self, forget: Forget) -> None:
        """Call `forget` with each channel whose entries this process has deleted: nobody may get them from memory either."""
        self._forgetters.append(forget)

    async def append(self, session: AsyncSession, *drafts: Draft) -> list[Entry]:
        """Write entries in the transaction of `session`; nobody hears of them before it has been committed.

        Append once in a transaction, or in the order of the channels' names: each append holds its channels until the commit.
        """
        entries = await store.append(session, drafts, self._clock.now())
        if entries:
            after_commit(session, lambda: self._tell(entries))
        return entries

    async def redact(self, session: AsyncSession, draft: Draft, *, offset: int, left: Mapping[str, Any]) -> list[Entry]:
        """Take back what an earlier entry of the channel said: nobody reads it any more, whoever comes later included.

        `left` stands in its place. `draft` tells those who have read it; its data gets `redacts` and `left`.
        """
        await store.redact(session, draft.channel, offset, left)
        return await self.append(session, replace(draft, data={**draft.data, REDACTS: offset, LEFT: left}))

    async def purge(self, session: AsyncSession, channel: str) -> None:
        """Delete all entries of a channel. A new epoch begins; offsets go on, so that none comes to mean something else."""
        await store.purge(session, channel)
        after_commit(session, lambda: self._forget(channel))

    async def read(self, channel: str, *, after: int, limit: int = MOST_READ) -> list[Entry]:
        """At most `limit` entries with offsets above `after`, in order."""
        async with self._database.reading() as session:
            return await store.read(session, channel, after=after, limit=min(limit, MOST_READ))

    async def read_in(self, session: AsyncSession, channel: str, *, after: int, limit: int) -> list[Entry]:
        """As `read`, in the caller's own transaction."""
        return await store.read(session, channel, after=after, limit=min(limit, MOST_READ))

    async def position(self, session: AsyncSession, channel: str) -> Position:
        """How far the channel has come, as the transaction of `session` sees it."""
        return await store.position(session, channel)

    async def positions(self, channels: Iterable[str]) -> dict[str, Position]:
        """How far channels have come now; those nothing was ever written to are left out."""
        async with self._database.reading() as session:
            return await store.positions(session, channels)

    async def renew_epochs(self) -> None:
        """After a restore: clients may know entries that are lost, under offsets that others will get. Each starts anew."""
        async with self._database.transaction() as session:
            await store.renew_epochs(session)

    def _tell(self, entries: Sequence[Entry]) -> None:
        for hear in self._listeners:
            hear(entries)

    def _forget(self, channel: str) -> None:
        for forget in self._forgetters:
            forget(channel)
