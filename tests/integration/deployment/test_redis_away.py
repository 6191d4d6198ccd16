"""Two processes of the web on PostgreSQL, and the Redis between them away: heads are polled, nothing is lost, `/readyz` tells
the truth."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import State
from server.broadcasts.registry import Registry
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.journal import Journal
from tests.integration.deployment.site import PLAN, call
from tests.support.redis import RedisServer, running_redis
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.wait import until

HOST, VIEWER = "10000000006", "10000000010"
OUTAGE = 15.0  # s


@dataclass
class Conversation:
    """Two people who speak in turns, each through a process of their own."""

    broadcast: str
    people: tuple[Visit, Visit]
    said: dict[int, str] = field(default_factory=dict)  # what was acknowledged, by its offset

    async def say(self, who: Visit, text: str) -> None:
        answer = await who.say(self.broadcast, text)
        assert answer["ok"], answer
        self.said[answer["offset"]] = text

    async def heard_by_all(self, within: float) -> None:
        what = f"{len(self.said)} comments at both"
        await until(lambda: all(len(each.texts()) >= len(self.said) for each in self.people), timeout=within, what=what)

    async def go_on(self, *, within: float) -> None:
        """One comment from each side, at once; both hear both."""
        number = len(self.said)
        await asyncio.gather(*(self.say(who, f"{number}-{side}") for side, who in enumerate(self.people)))
        await self.heard_by_all(within)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with running_redis(folder) as server:
        yield server


@pytest.fixture
async def processes(tmp_path: Path, postgres_url: str, redis_server: RedisServer) -> AsyncIterator[tuple[Serving, Serving]]:
    data = tmp_path / "data"
    data.mkdir()
    environment = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url}
    one, two = (Serving(data, environment=environment, part="web") for _ in range(2))
    await one.command("migrate")
    async with AsyncExitStack() as stack:
        for each in (one, two):
            await each.start()
            stack.push_async_callback(each.stop)
            if each is one:
                await one.set_up()
        yield one, two


async def checks(serving: Serving) -> dict[str, str]:
    """What `/readyz` says of each part. The process itself works and stays in service, whatever becomes of the hints."""
    async with serving.client() as http:
        assert (await call(http, "GET", "/healthz"))["status"] == "ok"
        answer = await call(http, "GET", "/readyz")
    assert answer["ready"] is True
    assert answer["checks"]["database"] == "ok"
    found: dict[str, str] = answer["checks"]
    return found


async def hints_are(processes: tuple[Serving, Serving], *wanted: str) -> None:
    for serving in processes:

        async def told(serving: Serving = serving) -> bool:
            return (await checks(serving))["hints"] in wanted

        await until(told, timeout=20, every=0.1, what=f"hints: {wanted} at {serving.url}")


async def on_air(postgres_url: str, broadcast: str) -> None:
    """As far as the database knows; no process here takes media in."""
    database = Database(postgres_url)
    registry = Registry(database, Journal(database, SystemClock()))
    now = datetime.now(UTC)
    assert await registry.change(broadcast, lambda each: replace(each, state=State.LIVE, live_at=now)) is not None
    await database.close()


async def enter(stack: AsyncExitStack, serving: Serving, mobile: str, broadcast: str) -> Visit:
    http = await stack.enter_async_context(await serving.signed_in(mobile))
    csrf = (await call(http, "GET", "/api/v1/me"))["csrf"]
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in http.cookie_jar)
    visit = await stack.enter_async_context(visiting(serving.url, cookies, csrf, "websocket"))
    assert (await visit.subscribe(broadcast))["ok"]
    return visit


@pytest.mark.postgres
@pytest.mark.timeout(240)  # the outage, and before it two processes that are set up by real commands
async def test_pitfall_11_redis_away_for_15_s_loses_nothing_and_readyz_tells_the_truth(
    processes: tuple[Serving, Serving], redis_server: RedisServer, postgres_url: str
) -> None:
    """At first Redis only falls silent, then its connections break, then it comes back."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(await processes[0].signed_in(HOST))
        broadcast: Any = (await call(host, "POST", "/api/v1/broadcasts", json=PLAN))["id"]
        await on_air(postgres_url, broadcast)
        people = (
            await enter(stack, processes[0], HOST, broadcast),
            await enter(stack, processes[1], VIEWER, broadcast),
        )
        conversation = Conversation(broadcast, people)
        await hints_are(processes, "ok")
        await conversation.go_on(within=5)

        redis_server.freeze()
        began = loop.time()
        await conversation.go_on(within=20)  # the heads, though nobody knows yet that no hint will come
        await hints_are(processes, "hints_unheard", "hints_untold")
        redis_server.kill()
        while loop.time() - began < OUTAGE:
            await conversation.go_on(within=5)  # the heads are looked at every second now
            await hints_are(processes, "hints_unheard", "hints_untold")

        await asyncio.to_thread(redis_server.start)
        await hints_are(processes, "ok")
        await conversation.go_on(within=5)
        said = [text for _, text in sorted(conversation.said.items())]
        for visit in people:
            assert visit.texts() == said, "each once, in the order of the offsets"
            assert visit.resyncs == []
        kept = await call(host, "GET", f"/api/v1/broadcasts/{broadcast}/comments?limit=200")
        assert [(each["offset"], each["data"]["text"]) for each in kept["items"]] == sorted(conversation.said.items())
    for serving in processes:
        assert not [line for line in serving.output if '"level": "error"' in line or "Traceback" in line]
