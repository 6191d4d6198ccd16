"""Reactions are counted exactly: whatever is sent again, cut off, killed or sent to another process."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.broadcasts import State
from server.core.db import Database, Session
from server.core.ids import new_id
from server.room import ROOM, store
from server.room.tables import ReactionBatchRow, ReactionCountRow, ReactionTotalRow
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.support.churn.house import running_house
from tests.support.fans import fans_of, sees, tapping
from tests.support.room import Visit, visiting
from tests.support.wait import until

KINDS = ("like", "applause", "flower", "heart")


async def sums(database: Database, broadcast_id: str) -> Sequence[dict[str, int]]:
    """By kind: of the batches that are remembered, of the ten-second steps, and of the totals."""
    found = []
    async with database.reading() as session:
        for row in (ReactionBatchRow, ReactionCountRow, ReactionTotalRow):
            query = select(row.kind, func.sum(row.count)).where(row.broadcast_id == broadcast_id).group_by(row.kind)
            found.append({kind: int(number) for kind, number in await session.execute(query)})
    return found


async def credentials(person: Person) -> dict[str, str]:
    csrf = (await person.get("/api/v1/me")).body["csrf"]
    return {"cookie": "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar), "csrf": csrf}


async def react(who: Visit, broadcast: str, kind: str = "like", count: int = 1, client_id: str | None = None) -> Any:
    payload = {"broadcast": broadcast, "kind": kind, "count": count, "client_id": client_id or new_id()}
    answer = await who.call("react", payload)
    return True if answer["ok"] else answer["error"]["code"]


async def hears(who: Visit, totals: dict[str, int]) -> None:
    def latest() -> Any:
        return next((each["reactions"] for each in reversed(who.signals) if "reactions" in each), None)

    await until(lambda: latest() == totals, what=f"{totals} as the latest")


async def test_taps_reach_everybody_as_totals_and_count_once(site: Site) -> None:
    host = await site.host()
    broadcast = (await host.schedule(visibility="public"))["id"]
    async with await visit(site, host) as one, visiting(site.base, "", None) as visitor:
        again = new_id()
        assert await react(one, broadcast, "like", 3, again) == "reactions_closed"
        await put(site, broadcast, state=State.LIVE, live_at=site.service.now())
        for each in (one, visitor):
            await each.subscribe(broadcast)
        assert await react(one, broadcast, "like", 3, again) is True
        assert await react(one, broadcast, "like", 3, again) is True
        assert await react(one, broadcast, "like", 4, again) == "client_id_reused"
        assert await react(visitor, broadcast, "heart", 50, again) is True, "a visitor's client_ids are no member's"
        assert await react(visitor, broadcast, "heart", 50, again) is True
        for each in (one, visitor):
            await hears(each, {"heart": 50, "like": 3})
        async with await visit(site, await site.person()) as late:
            await late.subscribe(broadcast)
            await hears(late, {"heart": 50, "like": 3})
        await put(site, broadcast, state=State.ENDED, ended_at=site.service.now())
        assert await react(one, broadcast, "like", 3, again) is True, "the answer to what was counted before the end"
        assert await react(one, broadcast, "like", 3) == "reactions_closed"
    assert await sums(site.database, broadcast) == [{"heart": 50, "like": 3}] * 3
    steps = await site.server.app[ROOM].reactions.over_time(broadcast)
    assert sum(step.count for step in steps) == 53


async def test_taps_that_are_counted_while_the_totals_are_first_read_are_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are committed after the reading and before what was read is known."""
    host = await site.host()
    read, counted = asyncio.Event(), asyncio.Event()
    totals = store.totals

    async def slow(session: Session, broadcast_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        found = await totals(session, broadcast_ids)
        read.set()
        await counted.wait()
        return found

    async with await visit(site, host) as one:
        monkeypatch.setattr(store, "totals", slow)
        broadcast = await on_air(site, host)
        await one.subscribe(broadcast)
        await read.wait()
        for kind in ("like", "heart"):
            assert await react(one, broadcast, kind, 3) is True
        counted.set()
        await hears(one, {"heart": 3, "like": 3})


async def test_who_taps_too_fast_is_told_when_to_go_on(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, host) as two:
        answers = [await react(each, broadcast, count=50) for each in (one, two, one, two)]
        assert answers == [True, True, True, "too_fast"], "by person, not by connection"
        for wrong in (0, 51, 2.5, "3"):
            payload = {"broadcast": broadcast, "kind": "like", "count": wrong, "client_id": new_id()}
            assert (await one.call("react", payload))["error"]["code"] == "payload_invalid"
    assert (await sums(site.database, broadcast))[2] == {"like": 150}


async def test_sixty_people_with_bad_connections_are_counted_exactly(site: Site) -> None:
    chance = random.Random(20260701)
    broadcast = await on_air(site, await site.host())
    people = [await credentials(await site.person()) for _ in range(60)]
    async with fans_of([site.base], broadcast, chance) as fans:
        everybody = [fans.fan(person) for person in people]
        watching = fans.fan(people[0])
        await watching.come()
        truth = await tapping(everybody, 100, chance, KINDS)
        assert sum(truth.values()) == 6000
        await sees(watching, 5, reactions=truth)
        assert sum(fan.repeats for fan in everybody) > 20, "nothing was ever sent again"
    assert await sums(site.database, broadcast) == [truth] * 3


@pytest.mark.postgres
async def test_two_processes_count_as_one_also_when_one_is_killed(tmp_path: Path, postgres_url: str) -> None:
    """Commits are late now and then: whoever is cut off or killed meanwhile sends again, perhaps to the other process."""
    chance = random.Random(20260702)
    async with running_house(tmp_path, processes=2, redis=False, database_url=postgres_url, people=16) as house:
        urls = [server.url for server in house.servers]
        async with fans_of(urls, house.broadcast_id, chance) as fans:
            everybody = [fans.fan(person) for person in house.people]
            watching = [fans.fan(house.people[0]), fans.fan(house.people[1])]
            await watching[0].come(urls[0])
            first = await tapping(everybody, 100, chance, KINDS)
            await sees(watching[0], 5, reactions=first)
            again = new_id()
            for fan, url in zip(everybody[:1] * 2, urls, strict=True):  # the same to both, and nobody waits for the answer
                await fan.come(url)
                await fan.send_and_break("like", 7, again)
            first["like"] = first.get("like", 0) + 7
            await sees(watching[0], 5, reactions=first)
            tasks = tapping(everybody, 150, chance, KINDS)
            await house.servers[0].kill()
            second = await tasks
            truth = {kind: first.get(kind, 0) + second.get(kind, 0) for kind in sorted({*first, *second})}
            await watching[1].come(urls[1])
            await sees(watching[1], 5, reactions=truth)
        await house.servers[0].start()
        await house.stop()
        assert house.complaints() == []
    database = Database(postgres_url)
    assert await sums(database, house.broadcast_id) == [truth] * 3
    await database.close()
