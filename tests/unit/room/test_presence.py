"""Several processes on one PostgreSQL, on a clock moved by hand: who counts, and who does not any more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from server.core.db import Database
from server.migrations import upgrade
from server.room.presence import Presence
from tests.support.clock import ManualClock
from tests.unit.room.phones import Phone, Rooms

ROOM, OTHER = "01978f00-0000-7000-8000-000000000001", "01978f00-0000-7000-8000-000000000002"


@dataclass
class Process:
    presence: Presence
    clock: ManualClock
    rooms: Rooms = field(default_factory=Rooms)

    async def look(self) -> tuple[int, int]:
        await self.presence.look()
        return self.presence.count(ROOM), self.presence.count(OTHER)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    await upgrade(database)
    yield database
    await database.close()


def process(database: Database, clock: ManualClock) -> Process:
    made = Process(Presence(database, clock), clock)
    made.presence.listening = made.rooms
    return made


async def test_people_count_once_and_only_while_they_are_heard(database: Database) -> None:
    clock = ManualClock()
    one = process(database, clock)
    anna, again, visitor = Phone("anna", clock), Phone("anna", clock), Phone(None, clock)
    one.rooms.put(ROOM, anna, again, visitor)
    one.rooms.put(OTHER, anna)
    assert await one.look() == (2, 1)
    clock.advance(6)
    again.speaks()
    assert await one.look() == (2, 1)
    clock.advance(1)
    assert await one.look() == (1, 0), "one phone of two was heard, and it is in one room alone"
    anna.speaks()
    visitor.speaks()
    assert await one.look() == (2, 1)
    one.rooms.put(ROOM)
    assert await one.look() == (0, 1)


@pytest.mark.postgres
async def test_the_number_is_that_of_different_people_of_all_processes(postgres_database: Database) -> None:
    clock = ManualClock()
    one, two, media = (process(postgres_database, clock) for _ in range(3))
    one.rooms.put(ROOM, Phone("anna", clock), Phone("bert", clock))
    two.rooms.put(ROOM, Phone("anna", clock), Phone("cora", clock))
    await one.look()
    assert [await each.look() for each in (two, one, media)] == [(3, 0)] * 3
    two.rooms.put(ROOM, Phone("anna", clock))
    assert await two.look() == (2, 0)
    assert await one.look() == (2, 0)
    await two.presence.leave()
    one.rooms.put(ROOM, Phone("bert", clock))
    assert [await each.look() for each in (one, media)] == [(1, 0)] * 2, "whoever says goodbye is gone at once"


@pytest.mark.postgres
async def test_a_process_that_was_killed_does_not_count_after_seconds_and_is_tidied_up(postgres_database: Database) -> None:
    clock = ManualClock()
    dead, one = process(postgres_database, clock), process(postgres_database, clock)
    dead.rooms.put(ROOM, Phone("anna", clock), Phone("bert", clock))
    await dead.look()
    mine = Phone("bert", clock)
    one.rooms.put(ROOM, mine)
    assert await one.look() == (2, 0)
    for _ in range(5):
        clock.advance(1)
        mine.speaks()
        counted = await one.look()
    assert counted == (1, 0), "bert came to this process"
    for _ in range(60):
        clock.advance(1)
        mine.speaks()
        await one.look()
    # It was only asleep for a long time: what it wrote is gone, so it writes all of it again.
    dead.rooms.put(ROOM, Phone("anna", clock))
    assert await dead.look() == (2, 0)
    assert await one.look() == (2, 0)


@pytest.mark.postgres
async def test_after_an_outage_of_the_database_nobody_is_taken_for_dead(postgres_database: Database) -> None:
    clock = ManualClock()
    one, two = process(postgres_database, clock), process(postgres_database, clock)
    for each, name in ((one, "anna"), (two, "bert")):
        each.rooms.put(ROOM, Phone(name, clock))
        await each.look()
    clock.advance(30)  # in which nobody could look
    for each, name in ((one, "anna"), (two, "bert")):
        each.rooms.put(ROOM, Phone(name, clock))
    assert await one.look() == (2, 0)
    assert await two.look() == (2, 0)
