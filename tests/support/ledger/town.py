"""A ledger with people to credit, and causes made from a random number."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.core.clock import Clock
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Journal
from server.core.pulse import Pulse
from server.identity.tables import BranchRow, MemberRow
from server.migrations import upgrade
from server.notices import EventType, Outbox
from server.points import Cause, Ledger, Rulebook, Sealer
from server.points.rulebook import as_shipped

EVENTS = {each.code: (each.event, dict(each.traits)) for each in as_shipped().versions}
# Most of what happens is one of these: among them they meet the caps of a day, a month, a year and an aspect.
CROWDED = ("J01", "J03", "J05", "J06", "N02", "N06", "Q04", "Q11")
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Town:
    database: Database
    ledger: Ledger
    sealer: Sealer
    rulebook: Rulebook
    outbox: Outbox
    members: list[str]

    async def award(self, *causes: Cause) -> list[str | None]:
        """The ids of the rows, once they are durable."""
        async with self.database.transaction() as session:
            credits_ = await self.ledger.award(session, causes)
        return [None if each is None else each.entry.id for each in credits_]

    async def reverse(self, entry_id: str) -> str:
        async with self.database.transaction() as session:
            made = await self.ledger.reverse(session, entry_id, by="somebody", reviewer="somebody else", reason="记错了")
        return made.source

    @asynccontextmanager
    async def sealing(self) -> AsyncIterator[None]:
        """As a process does it all the time."""
        pulse = Pulse(self.database)
        self.sealer.start(pulse)
        pulse.start()
        try:
            yield
        finally:
            await pulse.close()
            await self.sealer.close()


@asynccontextmanager
async def town(url: str, clock: Clock, *, people: int = 0) -> AsyncIterator[Town]:
    """`people`: so many are made; the last of them is no Party member."""
    database = Database(url)
    try:
        await upgrade(database)
        members = await _settle(database, clock, people)
        rulebook = Rulebook(database, clock)
        await rulebook.plant()
        journal = Journal(database, clock)
        sealer = Sealer(database, journal, rulebook, clock)
        outbox = Outbox(journal, frozenset((EventType.PUBLICATION_OPENED, EventType.PUBLICATION_CLOSED)))
        yield Town(database, Ledger(database, rulebook, clock, sealer.wake), sealer, rulebook, outbox, members)
    finally:
        await database.close()


async def _settle(database: Database, clock: Clock, people: int) -> list[str]:
    now, members = clock.now(), [new_id() for _ in range(people)]
    async with database.transaction() as session:
        branches = [BranchRow(id=new_id(), name=f"第{number}党支部", city="广州", created_at=now) for number in range(3)]
        session.add_all(branches if people else [])
        await session.flush()
        for number, member in enumerate(members):
            branch, status = branches[number % 3].id, "employee" if number == people - 1 else "full"
            row = MemberRow(id=member, name="甲", mobile=f"1{number:010d}", branch_id=branch, status=status, created_at=now)
            session.add(row)
    return members


def some_cause(chance: random.Random, members: list[str], number: int) -> Cause:
    """The `number`-th thing that happened, to somebody in the course of a year or so: few people, so that caps meet."""
    event, traits = EVENTS[chance.choice(CROWDED if chance.random() < 0.8 else list(EVENTS))]
    at = BEGINS + timedelta(days=chance.choice((0, 1, 30, 31, 89, 90, 363, 364)), hours=chance.randrange(24))
    return Cause(chance.choice(members), event, f"{number:08d}", at, title="一件事", traits=traits)
