"""Several workers: one has an endpoint at a time, and another goes on when it is gone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import text, update

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.ids import new_id
from server.core.pulse import Pulse
from server.core.sealed import Box
from server.notices import Couriers, SystemLookup, WebhookSettings
from server.notices.model import Endpoint, EndpointState, new_secret
from server.notices.outbox import Source
from server.notices.store import add
from server.notices.tables import EndpointRow
from server.points import Cause, LedgerStreams
from tests.support.ledger.town import Town, town
from tests.support.receiver import Receiver, receiver
from tests.support.wait import until

BOX = Box(b"a secret of this test alone, 32+", "test")
# Attempts and leases have the time they have: on a busy machine none is to end by itself.
SETTINGS = WebhookSettings(loopback=True, look=0.05)


@asynccontextmanager
async def worker(url: str, here: Town, name: str, settings: WebhookSettings = SETTINGS) -> AsyncIterator[Couriers]:
    """A process as far as the database can tell."""
    database, clock, lookup = Database(url), SystemClock(), SystemLookup()
    sources: tuple[Source, ...] = (LedgerStreams(here.rulebook), here.outbox)
    couriers = Couriers(database, sources, BOX, lookup, clock, settings, owner=name)
    pulse = Pulse(database, every=settings.look)
    couriers.join(pulse)
    pulse.start()
    try:
        yield couriers
    finally:
        await pulse.close()
        await couriers.close()
        lookup.close()
        await database.close()


async def an_endpoint(here: Town, there: Receiver) -> str:
    now, endpoint_id = SystemClock().now(), new_id()
    events = frozenset(("points.credited", "publication.opened"))
    secret = BOX.seal(new_secret(), endpoint_id)
    made = Endpoint(endpoint_id, "甲", there.url, events, EndpointState.ACTIVE, None, now, "nobody", secret)
    async with here.database.transaction() as session:
        add(session, made)
    return endpoint_id


async def test_three_workers_deliver_everything_once_while_nobody_is_killed(postgres_url: str) -> None:
    clock = SystemClock()
    async with town(postgres_url, clock, people=8) as here, receiver() as there:
        await an_endpoint(here, there)
        async with worker(postgres_url, here, "one"), worker(postgres_url, here, "two"), worker(postgres_url, here, "three"):
            causes = [
                Cause(each, "suggestion.adopted", str(number), clock.now()) for number in range(20) for each in here.members[:7]
            ]
            for start in range(0, len(causes), 35):
                await here.award(*causes[start : start + 35])
                await here.sealer.seal()
            async with here.database.transaction() as session:
                await here.outbox.put(session, "publication_1", "publication.opened", "1", {"title": "公示"})
            await until(lambda: len(there.heard) >= 141, timeout=20)
        assert set(Counter(there.ids).values()) == {1}, "exactly once where nothing goes wrong"
        assert len(there.ids) == 141
        by_member: dict[str, list[int]] = {}
        for each in there.heard:
            if each.body["type"] == "points.credited":
                data = each.body["data"]
                by_member.setdefault(data["member"]["id"], []).append(data["chain"]["number"])
        assert all(numbers == sorted(numbers) for numbers in by_member.values()), "a member's in their order"
        assert len(by_member) == 7


async def test_another_worker_goes_on_when_the_lease_of_one_that_fell_silent_is_over(postgres_url: str) -> None:
    clock = SystemClock()
    async with town(postgres_url, clock, people=3) as here, receiver() as there:
        endpoint_id = await an_endpoint(here, there)
        async with here.database.transaction() as session:
            until_then = clock.now().replace(year=2200)
            await session.execute(update(EndpointRow).values(lease_owner="gone", lease_until=until_then))
        async with worker(postgres_url, here, "next", replace(SETTINGS, look=0.02)):
            await here.award(Cause(here.members[0], "suggestion.adopted", "1", clock.now()))
            await here.sealer.seal()
            await asyncio.sleep(0)
            async with here.database.reading() as session:
                assert await session.scalar(text("SELECT count(*) FROM webhook_deliveries")) == 0
            async with here.database.transaction() as session:
                await session.execute(update(EndpointRow).values(lease_until=clock.now()))
            await until(lambda: len(there.heard) == 1)
        async with here.database.reading() as session:
            row = await session.get(EndpointRow, endpoint_id)
            assert row is not None
            assert row.lease_owner == "", "given back in peace"
