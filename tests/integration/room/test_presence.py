"""The number of people is the truth soon after everything has come to rest, whatever people, phones and processes do."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import BROADCASTS, State
from server.core.db import Database
from server.room import ROOM
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, put
from tests.integration.room.test_reactions import credentials
from tests.support.churn.house import PLAIN, running_house
from tests.support.fans import Fan, Fans, fans_of, sees
from tests.support.wait import until

QUIET = 10.0  # s


def truth(fans: Fans) -> int:
    """Different people who have a living connection."""
    living = [fan for fan in fans.everybody if fan.is_here]
    known = {fan.person["cookie"] for fan in living if fan.person is not None}
    return len(known) + sum(fan.person is None for fan in living)


async def churn(fans: Fans, people: list[dict[str, str] | None], steps: int, *spared: Fan) -> None:
    """They come with one phone or several, close pages, lose connections, and some phones die."""
    for _ in range(steps):
        living = [fan for fan in fans.everybody if fan.is_here and fan not in spared]
        what = fans.chance.random()
        if what < 0.5 or not living:
            await fans.fan(fans.chance.choice(people)).come()
        elif what < 0.7:
            await fans.chance.choice(living).leave()
        elif what < 0.85:
            await fans.chance.choice(living).cut()
        else:
            fans.chance.choice(living).vanish()


async def test_viewers_are_right_ten_seconds_after_the_last_change(site: Site) -> None:
    chance = random.Random(20260703)
    host = await site.host()
    broadcast = await on_air(site, host, visibility="public")
    path = f"/api/v1/broadcasts/{broadcast}"
    people: list[dict[str, str] | None] = [await credentials(await site.person()) for _ in range(15)]
    async with fans_of([site.base], broadcast, chance) as fans:
        watching = fans.fan(await credentials(host))
        await watching.come()
        await sees(watching, 5, viewers=1)
        await churn(fans, [*people, *people, None], 120, watching)
        right = truth(fans)
        assert any(fan.vanished for fan in fans.everybody)
        await sees(watching, QUIET, viewers=right)
        assert (await host.get(path)).body["viewers"] == right
        assert (await host.get(f"{path}/status")).body["viewers"] == right
        asleep = next(fan for fan in fans.everybody if fan.is_here and fan is not watching)
        alone = sum(fan.is_here and fan.person == asleep.person for fan in fans.everybody) == 1
        asleep.vanish()
        await sees(watching, QUIET, viewers=truth(fans))
        await asleep.wake()
        await sees(watching, QUIET, viewers=truth(fans))
        assert truth(fans) == right or not alone
    peak = (await site.service.find(None, broadcast)).peak_viewers
    assert peak >= right, "kept while on air"
    await put(site, broadcast, state=State.ENDED, ended_at=site.service.now())
    over = site.server.app[BROADCASTS].viewers(broadcast)
    assert (await host.get(path)).body["viewers"] == 0 or over == 0

    async def sampled() -> Any:
        return await site.server.app[ROOM].samples.over_time(broadcast)

    samples = await until(sampled, timeout=15, what="what is kept for the report")
    assert max(sample.most for sample in samples) == peak
    assert [sample.at for sample in samples] == sorted({sample.at for sample in samples})


@pytest.mark.postgres
async def test_several_processes_see_one_truth_also_after_one_was_killed(tmp_path: Path, postgres_url: str) -> None:
    chance = random.Random(20260704)
    async with running_house(tmp_path, processes=2, redis=False, database_url=postgres_url, people=12, module=PLAIN) as house:
        urls = [server.url for server in house.servers]
        async with fans_of(urls, house.broadcast_id, chance) as fans:
            watching = [fans.fan(house.people[0]), fans.fan(house.people[0])]
            for fan, url in zip(watching, urls, strict=True):
                await fan.come(url)
            await churn(fans, list(house.people), 60, *watching)
            await both_see(watching, truth(fans))
            await house.servers[0].kill()
            for fan in fans.everybody:
                if fan.url == urls[0]:
                    await fan.cut()
            moved = next(person for person in house.people[1:])
            await fans.fan(moved).come(urls[1])  # whoever reconnects elsewhere counts once
            await sees(watching[1], QUIET, viewers=truth(fans))
            await house.servers[0].start()
            await watching[0].come(urls[0])
            await both_see(watching, truth(fans))
            right = truth(fans)
    database = Database(postgres_url)
    async with database.reading() as session:
        from server.broadcasts import store

        kept = await store.load(session, house.broadcast_id)
    await database.close()
    assert kept is not None
    assert kept.peak_viewers >= right


async def both_see(watching: list[Fan], right: int) -> None:
    await asyncio.gather(*(sees(fan, QUIET, viewers=right) for fan in watching))
