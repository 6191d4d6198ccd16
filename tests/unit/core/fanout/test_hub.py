"""The hub tells what is durable, in order, however the news of it come."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.fanout import FanoutLimits, Hub, Rule
from server.core.hints import NoHints
from server.core.ids import new_id
from server.core.journal import Draft, Entry, Journal, channel_name
from tests.support.listener import Listener
from tests.support.wait import until


class Everybody:
    async def rule(self, key: str) -> Rule | None:
        return lambda who: True


class Deaf(Journal):
    """Tells its listeners nothing by itself: the test does."""

    def tell(self, *entries: Entry) -> None:
        for listener in self._listeners:
            listener(entries)


@asynccontextmanager
async def hub_on(database: Database) -> AsyncIterator[tuple[Hub, Deaf]]:
    journal = Deaf(database, SystemClock())
    hub = Hub(database, journal, NoHints(), FanoutLimits(tick=0.01, look_every_alone=3600))
    hub.surface("broadcast", Everybody())
    hub.start()
    try:
        yield hub, journal
    finally:
        await hub.close()


async def write(database: Database, channel: str, text: str) -> Entry:
    """As another process would, of which nothing is heard here."""
    async with database.transaction() as session:
        (entry,) = await Journal(database, SystemClock()).append(session, Draft(channel, "comment.posted", {"text": text}))
    return entry


async def test_commits_that_are_heard_of_in_the_wrong_order_are_told_in_the_right_one(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    listener = Listener()
    async with hub_on(database) as (hub, journal):
        first = await write(database, channel, "一")
        await hub.subscribe(listener.connection, channel, epoch=None, after=None)
        second, third = await write(database, channel, "二"), await write(database, channel, "三")
        journal.tell(third)
        await until(lambda: listener.offsets() == [2, 3], what="both")
        journal.tell(second)  # late, and told already
        journal.tell(first)
        fourth = await write(database, channel, "四")
        journal.tell(fourth)
        await until(lambda: listener.offsets() == [2, 3, 4], what="the next")


async def test_all_who_come_within_a_moment_get_one_snapshot_and_what_came_since(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    early, late = Listener(), Listener()
    async with hub_on(database) as (hub, journal):
        await write(database, channel, "一")
        first = await hub.subscribe(early.connection, channel, epoch=None, after=None)
        journal.tell(await write(database, channel, "二"))
        second = await hub.subscribe(late.connection, channel, epoch=None, after=None)
        assert first == second  # the same bytes: the database was asked once
        await until(lambda: early.offsets() == late.offsets() == [2], what="the entry since")


async def test_a_snapshot_that_is_far_behind_is_not_given_any_more(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    async with hub_on(database) as (hub, journal):
        await write(database, channel, "一")
        first = await hub.subscribe(Listener().connection, channel, epoch=None, after=None)
        for number in range(101):
            journal.tell(await write(database, channel, str(number)))
        second = await hub.subscribe(Listener().connection, channel, epoch=None, after=None)
        assert first.count(b'"head":1,') == 1
        assert second.count(b'"head":102,') == 1
