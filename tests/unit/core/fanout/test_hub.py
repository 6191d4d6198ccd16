"""The hub tells what is durable, in order, however the news of it come."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import delete

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.fanout import FanoutLimits, Hub, Rule
from server.core.hints import NoHints
from server.core.ids import new_id
from server.core.journal import Draft, Entry, Journal, Position, channel_name
from server.core.journal.tables import ChannelRow, EntryRow
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


async def test_who_asks_for_it_gets_what_came_since_a_snapshot_together_with_it(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    asking = Listener()
    async with hub_on(database) as (hub, journal):
        await write(database, channel, "一")
        await hub.subscribe(Listener().connection, channel, epoch=None, after=None)
        journal.tell(await write(database, channel, "二"))
        answer = json.loads(await hub.subscribe(asking.connection, channel, epoch=None, after=None, to_head=True))
        assert (answer["recovered"], answer["head"]) == (False, 2)
        assert [entry["offset"] for entry in answer["entries"]] == [2]
        journal.tell(await write(database, channel, "三"))
        await until(lambda: asking.offsets() == [3], what="the next, and nothing twice")


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


class Slow(Deaf):
    """Holds back what it has read until the gate is open."""

    gate: asyncio.Event | None = None
    reads = 0

    async def read(self, channel: str, *, after: int, limit: int = 500) -> list[Entry]:
        found = await super().read(channel, after=after, limit=limit)
        self.reads += 1
        if not found and self.gate is not None:
            await self.gate.wait()
        return found


async def test_word_of_more_that_comes_during_the_last_read_is_not_lost(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    listener = Listener()
    journal = Slow(database, SystemClock())
    hub = Hub(database, journal, NoHints(), FanoutLimits(tick=0.01, look_every_alone=3600))
    hub.surface("broadcast", Everybody())
    hub.start()
    await write(database, channel, "一")
    await hub.subscribe(listener.connection, channel, epoch=None, after=None)
    await until(lambda: not hub._catching_up, what="the room's first look")
    await write(database, channel, "二")
    journal.gate, journal.reads = asyncio.Event(), 0
    hub.hint(channel, 2)
    await until(lambda: journal.reads == 2, what="the read that finds no more")
    await write(database, channel, "三")
    hub.hint(channel, 3)
    journal.gate.set()
    await until(lambda: listener.offsets() == [2, 3], what="both")
    await hub.close()


async def test_a_first_entry_whose_epoch_could_not_be_read_is_told_at_the_next_look(
    database: Database, monkeypatch: Any
) -> None:
    channel = channel_name("broadcast", new_id())
    listener = Listener()
    async with hub_on(database) as (hub, journal):
        await hub.subscribe(listener.connection, channel, epoch=None, after=None)
        entry = await write(database, channel, "一")

        async def away(_: Any) -> Any:
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(journal, "positions", away)
            journal.tell(entry)
            await until(lambda: not hub._catching_up, what="the failure")
        assert listener.offsets() == []
        await hub.look()
        await until(lambda: listener.offsets() == [1], what="the entry")


async def test_a_first_entry_without_an_epoch_is_told_when_a_newcomer_brings_the_epoch(
    database: Database, monkeypatch: Any
) -> None:
    channel = channel_name("broadcast", new_id())
    early, late = Listener(), Listener()
    async with hub_on(database) as (hub, journal):
        await hub.subscribe(early.connection, channel, epoch=None, after=None)
        entry = await write(database, channel, "一")

        async def away(_: Any) -> Any:
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(journal, "positions", away)
            journal.tell(entry)
            await until(lambda: not hub._catching_up, what="the failure")
        await until(lambda: not hub._dirty, what="a flush that can tell nothing")
        hub._rooms[channel].snapshot = None  # as if some seconds had passed
        await hub.subscribe(late.connection, channel, epoch=None, after=None)
        await until(lambda: early.offsets() == [1], what="the entry")


class Held(Deaf):
    """Answers only when the gate is open how far channels had come when it was asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.gate, self.asked = asyncio.Event(), 0

    async def positions(self, channels: Iterable[str]) -> dict[str, Position]:
        found = await super().positions(channels)
        self.asked += 1
        await self.gate.wait()
        return found


@asynccontextmanager
async def held_hub(database: Database) -> AsyncIterator[tuple[Hub, Held]]:
    journal = Held(database, SystemClock())
    hub = Hub(database, journal, NoHints(), FanoutLimits(tick=0.01, look_every_alone=3600))
    hub.surface("broadcast", Everybody())
    hub.start()
    try:
        yield hub, journal
    finally:
        await hub.close()


@pytest.mark.parametrize("here", [True, False])
async def test_what_is_committed_while_a_room_is_opened_is_told_though_nothing_follows(database: Database, here: bool) -> None:
    """It came after the position was read and before there was a room to tell: in this process, or by a hint of another."""
    channel = channel_name("broadcast", new_id())
    listener = Listener()
    await write(database, channel, "一")
    async with held_hub(database) as (hub, journal):
        (epoch,) = {each.epoch for each in (await Journal(database, SystemClock()).positions([channel])).values()}
        joining = asyncio.create_task(hub.subscribe(listener.connection, channel, epoch=epoch, after=1))
        await until(lambda: journal.asked, what="the position")
        entry = await write(database, channel, "二")
        if here:
            journal.tell(entry)
        else:
            hub.hint(channel, 2)
        journal.gate.set()
        joined = await joining
        assert joined.count(b'"recovered":true') == 1
        told = joined.count(b'"offset":2')
        await until(lambda: told or listener.offsets() == [2], what="the entry")


async def test_a_channel_that_is_gone_from_the_database_begins_anew(database: Database) -> None:
    """A backup from before its first entry was restored: who listens must not stand on what is lost."""
    channel = channel_name("broadcast", new_id())
    listener = Listener()
    async with hub_on(database) as (hub, journal):
        await write(database, channel, "一")
        await hub.subscribe(listener.connection, channel, epoch=None, after=None)
        async with database.transaction() as session:
            await session.execute(delete(EntryRow))
            await session.execute(delete(ChannelRow))
        await hub.look()
        assert listener.resyncs() == 1
        again = await hub.subscribe(listener.connection, channel, epoch=None, after=None)
        assert again.count(b'"head":0,') == 1
        journal.tell(await write(database, channel, "二"))
        await until(lambda: listener.offsets() == [1], what="the first entry of the new history")


async def test_after_hints_were_away_the_heads_are_looked_at_once_more(database: Database) -> None:
    """What was told in between may be lost; the next look for its own sake would be long in coming."""
    channel = channel_name("broadcast", new_id())
    listener, hints = Listener(), NoHints()
    hub = Hub(database, Deaf(database, SystemClock()), hints, FanoutLimits(tick=0.01, look_every=3600, look_every_alone=0.01))
    hub.surface("broadcast", Everybody())
    hub.start()
    await write(database, channel, "一")
    await hub.subscribe(listener.connection, channel, epoch=None, after=None)
    await until(lambda: not hub._catching_up)
    await write(database, channel, "二")
    hints.hearing.returns += 1
    await until(lambda: listener.offsets() == [2], what="the entry")
    await hub.close()


async def test_a_hub_that_is_closed_takes_no_notice_of_news(database: Database) -> None:
    """The last comments are committed after the sockets have gone; there may be gaps between them."""
    channel = channel_name("broadcast", new_id())
    async with hub_on(database) as (hub, journal):
        await write(database, channel, "一")
        await hub.subscribe(Listener().connection, channel, epoch=None, after=None)
    await write(database, channel, "二")
    journal.tell(await write(database, channel, "三"))
    hub.hint(channel, 3)


async def test_who_missed_more_than_a_connection_may_hold_gets_a_snapshot(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    async with hub_on(database) as (hub, journal):
        first = await write(database, channel, "一")
        start = await hub.subscribe(Listener().connection, channel, epoch=None, after=None)
        epoch = start.split(b'"epoch":"')[1][:36].decode()
        for _ in range(30):
            journal.tell(await write(database, channel, "长" * 4000))
        back = await hub.subscribe(Listener().connection, channel, epoch=epoch, after=first.offset)
        assert back.count(b'"recovered":false') == 1
        assert len(back) < 64 * 1024
