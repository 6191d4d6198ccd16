"""Hints between two processes: they come through, survive an outage, say when they go one way only, and are never needed for
anything to arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import Unavailable
from server.core.fanout import FanoutLimits, Hub
from server.core.hints import Hints, NotifyHints, StreamHints
from server.core.ids import new_id
from server.core.journal import Draft, Journal, channel_name
from server.core.sockets import Connection
from server.migrations import upgrade
from tests.support.redis import RedisServer, running_redis
from tests.support.wait import until

Heard = dict[str, int]


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


@asynccontextmanager
async def listening(hints: Hints) -> AsyncIterator[Heard]:
    heard: Heard = {}
    hints.start(heard.__setitem__)
    try:
        await until(lambda: hints.healthy, what="the connection")
        yield heard
    finally:
        await hints.close()


async def test_streams_carry_the_last_head_of_each_channel(redis_server: RedisServer) -> None:
    one, two = StreamHints(redis_server.url), StreamHints(redis_server.url)
    async with listening(one), listening(two) as heard:
        for head in range(1, 200):
            one.tell("broadcast:a", head)
        one.tell("broadcast:b", 7)
        await until(lambda: heard == {"broadcast:a": 199, "broadcast:b": 7}, what="both hints")


async def test_what_was_told_while_redis_was_away_is_heard_when_it_is_back(redis_server: RedisServer) -> None:
    one, two = StreamHints(redis_server.url), StreamHints(redis_server.url)
    async with listening(one), listening(two) as heard:
        await asyncio.to_thread(redis_server.stop)
        await until(lambda: not (one.healthy or two.healthy), what="the outage to be noticed")
        with pytest.raises(Unavailable, match="hints_unheard"):
            await one.check()
        one.tell("broadcast:a", 3)
        await asyncio.to_thread(redis_server.start)
        await until(lambda: heard == {"broadcast:a": 3}, timeout=20, what="the hint after the outage")
        await until(lambda: one.healthy and two.healthy, timeout=20, what="health")
        await one.check()


TROUBLES = {
    "a right was taken away": ("ACL SETUSER default -xadd", "ACL SETUSER default +xadd"),
    "memory is full": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    "a replica takes no writes": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
}


@pytest.mark.parametrize(("begin", "end"), TROUBLES.values(), ids=TROUBLES.keys())
async def test_who_can_hear_and_not_tell_finds_out_though_there_is_nothing_to_tell(
    redis_server: RedisServer, begin: str, end: str
) -> None:
    one, two = StreamHints(redis_server.url), StreamHints(redis_server.url)
    async with listening(one), listening(two) as heard:
        await asyncio.to_thread(redis_server.command, *begin.split())
        await until(lambda: one.hearing.works and not (one.telling.works or one.healthy), what="the trouble to be noticed")
        with pytest.raises(Unavailable, match="hints_untold"):
            await one.check()
        one.tell("broadcast:a", 3)
        await asyncio.to_thread(redis_server.command, *end.split())
        await until(lambda: heard == {"broadcast:a": 3}, timeout=20, what="the hint after the trouble")
        await until(lambda: one.healthy and two.healthy, timeout=20, what="health")
        await one.check()


async def test_who_can_tell_and_not_hear_finds_out(redis_server: RedisServer) -> None:
    one, two = StreamHints(redis_server.url), StreamHints(redis_server.url)
    async with listening(one) as heard, listening(two):
        await asyncio.to_thread(redis_server.command, *["ACL", "SETUSER", "default", "-xread"])
        await until(lambda: one.telling.works and not one.hearing.works, what="the trouble to be noticed")
        with pytest.raises(Unavailable, match="hints_unheard"):
            await one.check()
        two.tell("broadcast:a", 3)
        await asyncio.to_thread(redis_server.command, *["ACL", "SETUSER", "default", "+xread"])
        await until(lambda: heard == {"broadcast:a": 3}, timeout=20, what="what was told meanwhile")
        await until(lambda: one.healthy, timeout=20, what="health")


async def test_an_emptied_redis_whose_clock_is_behind_is_heard_all_the_same(redis_server: RedisServer) -> None:
    one, two = StreamHints(redis_server.url), StreamHints(redis_server.url)
    async with listening(one), listening(two) as heard:
        hint = ("hongbo:hints", "99999999999999-0", "channel", "broadcast:a", "head", "1")
        await asyncio.to_thread(redis_server.command, "XADD", *hint)
        await until(lambda: heard == {"broadcast:a": 1}, what="a hint of days to come")
        returns = two.hearing.returns
        await asyncio.to_thread(redis_server.command, "DEL", "hongbo:hints")
        await asyncio.to_thread(redis_server.command, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await until(lambda: two.hearing.returns > returns, timeout=20, what="its return")
        one.tell("broadcast:a", 2)
        await until(lambda: heard == {"broadcast:a": 2}, timeout=20, what="a hint of today")


@pytest.mark.postgres
async def test_who_may_listen_and_not_notify_finds_out_though_there_is_nothing_to_tell(postgres_url: str) -> None:
    role = f"hinter_{new_id().replace('-', '')}"
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f"CREATE ROLE {role} LOGIN")
    one, two = NotifyHints(postgres_url.replace("hongbo@", f"{role}@")), NotifyHints(postgres_url)
    async with listening(one), listening(two) as heard:
        await admin.execute("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC")
        await until(lambda: one.hearing.works and not one.telling.works, what="the trouble to be noticed")
        assert two.healthy  # who owns the database needs nobody's leave
        one.tell("broadcast:a", 3)
        await admin.execute("GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC")
        await until(lambda: heard == {"broadcast:a": 3}, timeout=20, what="the hint after the trouble")
        await until(lambda: one.healthy, timeout=20, what="health")
    await admin.execute(f"DROP ROLE {role}")
    await admin.close()


@pytest.mark.postgres
async def test_notify_carries_hints_and_comes_back_after_its_connection_was_cut(postgres_url: str) -> None:
    one, two = NotifyHints(postgres_url), NotifyHints(postgres_url)
    database = Database(postgres_url)
    async with listening(one), listening(two) as heard:
        for number in range(120):
            one.tell(f"broadcast:{new_id()}", number)
        await until(lambda: len(heard) == 120, what="all hints, though they exceed one payload")
        async with database.transaction() as session:
            connection = await session.connection()
            others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            await connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")

        async def again() -> bool:
            one.tell("broadcast:again", 1)
            return heard.get("broadcast:again") == 1

        await until(again, timeout=20, every=0.2, what="hints after the cut")
    await database.close()


class _Everybody:
    async def rule(self, key: str) -> object:
        return lambda who: True


class _Silent:
    """A connection's session that only remembers what it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed = False
        self.keeps_up = True

    def send(self, packet: bytes) -> None:
        self.sent.append(packet.decode())

    def tell(self, news: object) -> bool:
        self.sent.append(news.packet.decode())  # type: ignore[attr-defined]  # a Shared
        return True


@pytest.mark.postgres
async def test_without_hints_the_heads_are_looked_at_and_nothing_is_lost(postgres_url: str, redis_server: RedisServer) -> None:
    here, there = Database(postgres_url), Database(postgres_url)
    await upgrade(here)
    hints = StreamHints(redis_server.url)
    async with listening(hints):
        journal = Journal(here, SystemClock())
        hub = Hub(here, journal, hints, FanoutLimits(look_every=3600, look_every_alone=0.05, tick=0.01))
        hub.surface("broadcast", _Everybody())  # type: ignore[arg-type]  # a rule that allows all
        hub.start()
        session = _Silent()
        connection = Connection(session, None, "127.0.0.1", web.Application())  # type: ignore[arg-type]  # see _Silent
        channel = channel_name("broadcast", new_id())
        elsewhere = Journal(there, SystemClock())

        async def write(number: int) -> None:
            async with there.transaction() as transaction:
                await elsewhere.append(transaction, Draft(channel, "comment.posted", {"number": number}))

        await write(0)
        await hub.subscribe(connection, channel, epoch=None, after=None)
        await asyncio.to_thread(redis_server.stop)
        await until(lambda: not hints.healthy, what="the outage to be noticed")
        for number in range(1, 6):
            await write(number)
        await until(lambda: '"number":5' in "".join(session.sent), what="the last entry")
        text = "".join(session.sent)
        assert [text.count(f'"number":{number}}}') for number in range(1, 6)] == [1] * 5
        await hub.close()
    await here.close()
    await there.close()
