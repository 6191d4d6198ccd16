"""What is under way is looked at, what is not costs nothing, and no work waits for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import exists, func, select
from structlog.testing import capture_logs

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Draft, Journal, channel_name
from server.core.journal.tables import ChannelRow
from server.core.pulse import Pulse
from tests.support.wait import until


@asynccontextmanager
async def beating(pulse: Pulse) -> AsyncIterator[None]:
    pulse.start()
    try:
        yield
    finally:
        await pulse.close()


class Count:
    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1


async def test_a_work_is_done_at_each_beat_while_there_is_something_and_not_before(database: Database) -> None:
    channel = channel_name("broadcast", new_id())
    always, sometimes, pulse = Count(), Count(), Pulse(database, every=0.01)
    pulse.add("always", exists().where(ChannelRow.name != "") | ~exists().where(ChannelRow.name != ""), always)
    pulse.add("sometimes", exists().where(ChannelRow.name == channel), sometimes)
    async with beating(pulse):
        await until(lambda: always.times >= 3, what="beats")
        assert sometimes.times == 0
        async with database.transaction() as session:  # as another process would: nobody tells the pulse
            await Journal(database, SystemClock()).append(session, Draft(channel, "comment.posted", {"text": "一"}))
        await until(lambda: sometimes.times >= 2, what="the work, again and again")


async def test_a_work_that_takes_long_is_not_begun_twice_and_one_that_fails_is_tried_again(database: Database) -> None:
    holds = exists().where(ChannelRow.name != "") | ~exists().where(ChannelRow.name != "")
    begun, beats, gate, pulse = Count(), Count(), asyncio.Event(), Pulse(database, every=0.01)

    async def long() -> None:
        await begun()
        await gate.wait()

    async def fail() -> None:
        await beats()
        raise ValueError("broken")

    pulse.add("long", holds, long)
    pulse.add("fails", holds, fail)
    with capture_logs() as logs:
        async with beating(pulse):
            await until(lambda: beats.times >= 3, what="beats beside it")
            assert begun.times == 1
            gate.set()
            await until(lambda: begun.times >= 2, what="the next round of it")
    assert {entry["event"] for entry in logs} == {"round_failed"}


async def test_a_work_may_depend_on_what_the_answer_says_and_rest_between_two_times(database: Database) -> None:
    how_many, pulse = select(func.count()).select_from(ChannelRow).scalar_subquery(), Pulse(database, every=0.01)
    beats, known, changed, seldom = Count(), [0], Count(), Count()

    async def learn() -> None:
        await changed()
        known[0] += 1

    pulse.add("changes", how_many, learn, due=lambda found: found != known[0])
    pulse.add("seldom", how_many, seldom, due=lambda found: True, every=3600)
    pulse.add("beats", how_many, beats, due=lambda found: True)
    async with beating(pulse):
        await until(lambda: beats.times >= 2, what="beats")
        assert changed.times == 0
        async with database.transaction() as session:
            await Journal(database, SystemClock()).append(
                session, Draft(channel_name("broadcast", new_id()), "comment.posted", {"text": "一"})
            )
        seen = beats.times
        await until(lambda: changed.times == 1 and beats.times >= seen + 3, what="what has changed, once")
        assert changed.times == 1
        assert seldom.times == 0, "its time counts from the start on"
