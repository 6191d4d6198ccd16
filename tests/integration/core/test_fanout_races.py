"""Two hubs on one database, as in two processes, and everything between them as late, lost or doubled as it may ever be.

Chance chooses an order of events; what is checked holds for every order: a subscription is told everything without a gap, and
in the end each client's state is the journal's, whatever hub it was at and whatever it missed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import Unavailable
from server.core.fanout import FanoutLimits, Hub, Part, Rule, State
from server.core.hints import NoHints
from server.core.ids import new_id
from server.core.journal import Draft, Entry, Journal, Position, channel_name, store
from server.core.journal.tables import ChannelRow, EntryRow
from server.core.sockets.session import SOFT
from server.migrations import upgrade
from tests.support.follower import Follower
from tests.support.wait import until

FOLLOWERS, ROUNDS = 8, 120
LIMITS = FanoutLimits(tick=0.001, ring=6, most_missed=9, snapshot_lasts=0.05, snapshot_behind=3, look_every_alone=3600)


class Changed(Exception):
    """Somebody thought better of it."""


async def some_turns(chance: random.Random, most: int = 12) -> None:
    for _ in range(chance.randint(0, most)):
        await asyncio.sleep(0)


class Rough(Journal):
    """What it answers may have been overtaken long since, and what it tells of a commit may come late or be lost."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        super().__init__(database, SystemClock())
        self.chance = chance
        self.late: set[asyncio.Task[None]] = set()

    async def read(self, channel: str, *, after: int, limit: int = 4) -> list[Entry]:
        found = await super().read(channel, after=after, limit=4)
        await some_turns(self.chance)
        return found

    async def positions(self, channels: Iterable[str]) -> dict[str, Position]:
        found = await super().positions(channels)
        await some_turns(self.chance)
        return found

    def _tell(self, entries: Sequence[Entry]) -> None:
        if self.chance.random() < 0.8:
            task = asyncio.get_running_loop().create_task(self._tell_late(entries))
            self.late.add(task)
            task.add_done_callback(self.late.discard)

    async def _tell_late(self, entries: Sequence[Entry]) -> None:
        await some_turns(self.chance)
        super()._tell(entries)


class Everybody:
    async def rule(self, key: str) -> Rule | None:
        return lambda who: True


class Race:
    """One channel, two hubs that may be replaced, and those who follow."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.url, self.chance = url, chance
        self.channel = channel_name("broadcast", new_id())
        self.databases = [Database(url), Database(url)]
        self.hubs: list[Hub] = []
        self.followers = [Follower(self.channel, to_head=number % 2 == 1) for number in range(FOLLOWERS)]
        self.at: dict[Follower, Hub] = {}
        self.number = 0

    async def begin(self) -> None:
        self.hubs = [self._hub(database) for database in self.databases]

    def _hub(self, database: Database) -> Hub:
        journal = Rough(database, self.chance)
        journal.listen(self._hinted)
        hub = Hub(database, journal, NoHints(), LIMITS)
        hub.surface("broadcast", Everybody())
        hub.part("broadcast", Part("numbers", self._numbers, _never))
        hub.start()
        return hub

    async def _numbers(self, session: AsyncSession, key: str) -> State:
        entries = await store.read(session, self.channel, after=0, limit=10_000)
        await some_turns(self.chance)
        return {"all": [entry.data["number"] for entry in entries]}

    def _hinted(self, entries: Sequence[Entry]) -> None:
        """Hints may be heard by anybody, in any number."""
        for hub in self.hubs:
            for _ in range(self.chance.choice((0, 1, 1, 2))):
                hub.hint(self.channel, entries[-1].offset)

    # What may happen

    async def write(self) -> None:
        database = self.chance.choice(self.databases)
        journal = self.hubs[self.databases.index(database)]._journal
        numbers = range(self.number, self.number + self.chance.choice((1, 1, 1, 2, 5)))
        self.number = numbers.stop
        with suppress(Changed):
            async with database.transaction() as session:
                await journal.append(session, *(Draft(self.channel, "comment.posted", {"number": each}) for each in numbers))
                await some_turns(self.chance)
                if self.chance.random() < 0.1:
                    raise Changed

    async def come(self, follower: Follower) -> None:
        hub = self.at.setdefault(follower, self.chance.choice(self.hubs))  # a connection stays with its process
        with suppress(Unavailable):  # `channel_busy`: it comes again
            await follower.subscribe(hub)

    async def go(self, follower: Follower) -> None:
        if follower in self.at:
            follower.leave(self.at.pop(follower))

    async def dawdle(self, follower: Follower) -> None:
        follower.listener.pipe.stuck = SOFT if follower.listener.pipe.stuck == 0 else 0

    async def look(self) -> None:
        await self.chance.choice(self.hubs).look()

    async def replace(self) -> None:
        """As `kill -9` and a new start."""
        number = self.chance.randrange(len(self.hubs))
        gone, self.hubs[number] = self.hubs[number], self._hub(self.databases[number])
        for follower, hub in list(self.at.items()):
            if hub is gone:
                await self.go(follower)
        await gone.close()

    async def restore(self) -> None:
        """A backup of some entries ago, under the hands of both processes; as `hongbo migrate --restored` leaves it."""
        async with self.databases[0].transaction() as session:
            position = await self.hubs[0]._journal.position(session, self.channel)
            head = max(1, position.head - self.chance.randint(0, 9))
            await session.execute(delete(EntryRow).where(EntryRow.offset > head))
            await session.execute(update(ChannelRow).values(head=head, epoch=new_id()))

    # And in the end

    async def settle(self) -> None:
        """Everything comes through from now on: everybody catches up."""
        for hub in self.hubs:
            journal = hub._journal
            assert isinstance(journal, Rough)
            await asyncio.gather(*journal.late)
            await hub.look()
        for follower in self.followers:
            follower.listener.pipe.stuck = 0
        await until(self._everybody_is_there, timeout=20, every=0.005, what="everybody at the head")

    async def _everybody_is_there(self) -> bool:
        position = (await Journal(self.databases[0], SystemClock()).positions([self.channel])).get(self.channel, Position())
        for follower in self.followers:
            follower.hear()
            if not follower.subscribed:
                await self.come(follower)
        return all((each.epoch, each.head) == (position.epoch, position.head) for each in self.followers)

    async def written(self) -> list[int]:
        journal = Journal(self.databases[0], SystemClock())
        found: list[int] = []
        while entries := await journal.read(self.channel, after=len(found)):
            found += [entry.data["number"] for entry in entries]
        return found

    async def close(self) -> None:
        for hub in self.hubs:
            await hub.close()
        for database in self.databases:
            await database.close()


def _never(state: State, entry: Entry) -> State:
    raise NotImplementedError


@asynccontextmanager
async def racing(url: str, seed: int) -> AsyncIterator[Race]:
    race = Race(url, random.Random(seed))
    await upgrade(race.databases[0])
    await race.begin()
    try:
        yield race
    finally:
        await race.close()


async def go_on(race: Race, *, restores: bool) -> None:
    chance = race.chance
    for _ in range(ROUNDS):
        moves: list[Any] = [race.write() for _ in range(chance.randint(0, 3))]
        for follower in chance.sample(race.followers, 3):
            follower.hear()
            if not follower.subscribed:
                moves.append(race.come(follower))
            elif chance.random() < 0.1:
                moves.append(race.go(follower))
            elif chance.random() < 0.2:
                moves.append(race.dawdle(follower))
        if chance.random() < 0.1:
            moves.append(race.look())
        chance.shuffle(moves)
        await asyncio.gather(*moves)
        if chance.random() < 0.03:
            await race.replace()
        if restores and chance.random() < 0.05:
            await race.restore()


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_late_or_never_everybody_hears_everything_once_and_in_order(postgres_url: str, seed: int) -> None:
    async with racing(postgres_url, seed) as race:
        await go_on(race, restores=False)
        await race.settle()
        numbers = await race.written()
        assert len(numbers) > 100
        for follower in race.followers:
            assert follower.numbers == numbers
        assert sum(each.recoveries for each in race.followers) > 5
        assert sum(each.resyncs for each in race.followers) > 0


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(2))
async def test_after_restores_under_running_processes_everybody_stands_on_what_is_left(postgres_url: str, seed: int) -> None:
    async with racing(postgres_url, seed) as race:
        await go_on(race, restores=True)
        await race.settle()
        numbers = await race.written()
        for follower in race.followers:
            assert follower.numbers == numbers
