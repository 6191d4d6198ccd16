"""Noting, reading, sealing and examining."""

from collections.abc import AsyncIterator
from datetime import timedelta

from ..chain import BEGINNING
from ..clock import Clock
from ..db import Database, Session
from ..ids import new_id
from ..pulse import Pulse
from . import store
from .chain import Act, Actor, Sealed, broken, link

_AT_ONCE = 500  # rows
_LATE = timedelta(minutes=5)  # a row that is not sealed by then has been forgotten


class Audit:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def join(self, pulse: Pulse) -> None:
        """Where it is sealed."""
        pulse.add("audit", store.any_unsealed(), self.seal)

    def note(self, session: Session, act: Act, actor: Actor) -> None:
        """In the transaction of the deed: both are true, or neither."""
        store.add(session, Sealed(new_id(), self._clock.now(), actor, act))

    async def page(
        self,
        *,
        before: str | None = None,
        limit: int = 50,
        scope: str | None = None,
        actor: str | None = None,
        act: str | None = None,
    ) -> tuple[list[Sealed], str | None]:
        """The newest first; with the cursor of what follows."""
        async with self._database.reading() as session:
            found = await store.page(session, before=before, limit=limit + 1, scope=scope, actor=actor, act=act)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def seal(self) -> int:
        """Chain what was committed since; gives how many rows. Two processes never seal at the same time."""
        async with self._database.reading() as session:
            if not await store.unsealed(session, 1):
                return 0
        async with self._database.transaction() as session:
            number, before = await store.end(session, lock=True)
            links: list[tuple[str, int, str]] = []
            for row in await store.unsealed(session, _AT_ONCE):
                number += 1
                before = link(row, number, before)
                links.append((row.id, number, before))
            if links:
                await store.seal(session, links)
        return len(links)

    async def end(self) -> tuple[int, str]:
        """How many rows are sealed, and the hash of the last of them."""
        async with self._database.reading() as session:
            return await store.end(session)

    async def examine(self) -> AsyncIterator[str]:
        """What is wrong with the chain, in words; nothing if it is whole. Reads only."""
        number, before = 0, BEGINNING
        while True:
            async with self._database.reading() as session:
                rows = await store.sealed(session, after=number, limit=_AT_ONCE)
                end = await store.end(session)
                forgotten = await store.unsealed(session, 1)
            if (fault := broken(rows, number=number, before=before)) is not None:
                yield f"row {fault} of the chain does not follow from the one before it"
                return
            if rows:
                number, before = rows[-1].number or 0, rows[-1].hash or ""
            if len(rows) < _AT_ONCE:
                break
        if end[0] > number or (end[0] == number and end[1] != before):
            yield f"the chain ends at row {number}, its end was noted at row {end[0]}"
        if forgotten and self._clock.now() - forgotten[0].at > _LATE:
            yield f"a row of {forgotten[0].at:%Y-%m-%d %H:%M} was never sealed"
