"""A hundred thousand taps of five hundred people on bad connections are counted exactly; run it with -m pytest tests/soak."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest
import structlog

from server.core.db import Database
from tests.integration.room.test_reactions import KINDS, sums
from tests.support.churn.house import running_house
from tests.support.fans import fans_of, sees, tapping

log = structlog.get_logger(__name__)
PEOPLE, TAPS = 500, 200


@pytest.mark.timeout(900)
async def test_a_hundred_thousand_taps_are_counted_exactly(tmp_path: Path, database_url: str) -> None:
    chance = random.Random(20260705)
    processes = 2 if database_url.startswith("postgresql") else 1
    async with running_house(
        tmp_path,
        processes=processes,
        redis=False,
        database_url=database_url if processes == 2 else None,
        people=PEOPLE,
    ) as house:
        urls = [server.url for server in house.servers]
        async with fans_of(urls, house.broadcast_id, chance) as fans:
            everybody = [fans.fan(person) for person in house.people]
            watching = fans.fan(house.people[0])
            await watching.come()
            began = time.monotonic()
            truth = await tapping(everybody, TAPS, chance, KINDS)
            took = time.monotonic() - began
            assert sum(truth.values()) == PEOPLE * TAPS
            await sees(watching, 10, reactions=truth)
            repeats = sum(fan.repeats for fan in everybody)
        await house.stop()
        assert house.complaints() == []
    assert repeats > PEOPLE // 2, "hardly anything was sent again"
    database = Database(house.database_url)
    counted = [Counter(each) for each in await sums(database, house.broadcast_id)]
    await database.close()
    assert counted == [Counter(truth)] * 3
    log.info("tapped", taps=PEOPLE * TAPS, repeats=repeats, seconds=round(took, 1), processes=processes)
