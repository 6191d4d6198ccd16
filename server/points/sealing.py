"""The sealer: puts committed rows into their branches' chains, and tells the members.

It runs after the commits, a moment later at most, in transactions of its own: an award never waits for a chain. Each row is
sealed once and told once, both in one transaction, whoever is killed meanwhile; rows of one branch in the order of their ids
as far as they were committed by then. Two processes never seal in one branch at the same time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import datetime, timedelta

import structlog

from ..core.chain import BEGINNING
from ..core.clock import Clock
from ..core.db import Database
from ..core.journal import Draft, Journal
from ..core.pulse import Pulse
from ..core.tasks import Tasks
from ..identity import member_channel
from . import store
from .entry import Entry, broken, sealed_as
from .model import day_of
from .rulebook import Rulebook

log = structlog.get_logger(__name__)

CREDITED = "points.credited"
_AT_ONCE = 500  # rows
_AGAIN = 2.0  # s after a failure
_LATE = timedelta(minutes=5)  # a row that is not sealed by then has been forgotten


class Sealer:
    def __init__(self, database: Database, journal: Journal, rulebook: Rulebook, clock: Clock) -> None:
        self._database, self._journal, self._rulebook, self._clock = database, journal, rulebook, clock
        self._tasks = Tasks("sealer")
        self._woken = asyncio.Event()

    def start(self, pulse: Pulse) -> None:
        """What another process left is found by `pulse`."""
        self._tasks.spawn(self._run(), "seal")
        pulse.add("ledger", store.any_unsealed(), self._look)

    async def close(self) -> None:
        await self._tasks.aclose()

    def wake(self) -> None:
        self._woken.set()

    async def _look(self) -> None:
        self.wake()

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                while await self.seal() == _AT_ONCE:
                    pass
            except Exception:  # the database may be away; what is waiting is still there when it comes back
                log.exception("seal_failed")
                await asyncio.sleep(_AGAIN)
                self.wake()

    async def catch_up(self) -> None:
        """Seal what was recorded before now. In a context of its own: a request's key is kept with its first transaction, which
        none of these is."""
        await asyncio.create_task(self._catch_up(self._clock.now()), context=Context())

    async def _catch_up(self, moment: datetime) -> None:
        while True:
            async with self._database.reading() as session:
                waiting = await store.unsealed(session, 1)
            if not waiting or waiting[0].recorded_at > moment:
                return
            await self.seal()

    async def seal(self) -> int:
        """Seal what was committed since; gives how many rows."""
        async with self._database.reading() as session:
            waiting = await store.unsealed(session, 1)
        if not waiting:
            return 0
        names = (await self._rulebook.current()).names(day_of(self._clock.now()))
        async with self._database.transaction() as session:
            waiting = await store.unsealed(session, _AT_ONCE)
            if not waiting:
                return 0  # somebody else was quicker
            ends = await store.hold_chains(session, {each.branch_id for each in waiting})
            # Somebody else may have sealed some of them before the chains were ours.
            waiting = [each for each in await store.unsealed(session, _AT_ONCE) if each.branch_id in ends]
            links: list[tuple[str, int, str]] = []
            for each in waiting:
                number, before = ends[each.branch_id]
                ends[each.branch_id] = number + 1, sealed_as(each, number + 1, before)
                links.append((each.id, *ends[each.branch_id]))
            if links:
                await store.seal(session, links, ends)
                drafts = [_draft(each, names.get(each.indicator, each.indicator)) for each in waiting]
                await self._journal.append(session, *sorted(drafts, key=lambda each: each.channel))
        return len(links)


def _draft(entry: Entry, name: str) -> Draft:
    return Draft(
        channel=member_channel(entry.member_id),
        type=CREDITED,
        data={
            "id": entry.id,
            "indicator": entry.indicator,
            "name": name,
            "aspect": entry.aspect,
            "kind": entry.kind,
            "amount": entry.amount,
            "full": entry.full,
            "day": entry.day.isoformat(),
            "title": entry.title,
            "link": entry.link,
            "reverses": entry.reverses,
        },
    )


async def examine(database: Database, clock: Clock) -> AsyncIterator[str]:
    """What is wrong with the ledger, in words; nothing if its chains are whole and its balances right. Reads only."""
    async with database.reading() as session:
        ends = await store.chain_ends(session)
        nowhere = await store.sealed_branches(session) - ends.keys()
    for branch_id in sorted(nowhere):
        yield f"the end of the chain of branch {branch_id or '-'} is gone, its rows are not"
    for branch_id, (last, newest) in sorted(ends.items()):
        number, before = 0, BEGINNING
        while True:
            async with database.reading() as session:
                entries = await store.sealed(session, branch_id, after=number, limit=_AT_ONCE)
            if (fault := broken(entries, number=number, before=before)) is not None:
                yield f"row {fault} of the chain of branch {branch_id or '-'} does not follow from the one before it"
                break
            if entries:
                number, before = entries[-1].number or 0, entries[-1].hash or ""
            if len(entries) < _AT_ONCE:
                # More may have been sealed since its end was read.
                if number < last or (number == last and before != newest):
                    yield f"the chain of branch {branch_id or '-'} ends at row {number}, its end was noted at row {last}"
                break
    async with database.snapshot() as session:
        forgotten = await store.unsealed(session, 1)
        unbalanced = await store.unbalanced(session, 20)
        misdated = await store.misdated(session, 20)
        lost = await store.lost_heads(session, 20)
    if forgotten and clock.now() - forgotten[0].recorded_at > _LATE:
        yield f"a row of {forgotten[0].recorded_at:%Y-%m-%d %H:%M} was never sealed"
    for entry_id in misdated:
        yield f"row {entry_id} is counted in another year than that of its day"
    for branch_id, number in lost:
        yield f"row {number} of the chain of branch {branch_id or '-'} was published and is not there any more"
    for member_id, year, aspect in unbalanced:
        yield f"the balance of member {member_id}, {aspect} {year}, is not what the rows add up to"
