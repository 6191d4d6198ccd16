"""Writers that are killed again and again, and what the checker finds afterwards."""

import asyncio
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.core.clock import SystemClock
from server.core.db import Database
from server.points.sealing import examine
from tests.support import forked
from tests.support.ledger.checker import faults_of
from tests.support.ledger.town import town
from tests.support.wait import until


@dataclass(frozen=True)
class Ordeal:
    """`operations`: how many each writer would do if it were left alone; a killed one is followed by another, until so many
    kills are over and the last ones have come to their end. `writers`: at the same time; SQLite takes one."""

    operations: int
    kills: int
    writers: int = 1
    people: int = 40


@dataclass(frozen=True)
class Outcome:
    acknowledged: int
    rows: int
    faults: list[str]


async def undergo(url: str, folder: Path, ordeal: Ordeal, *, seed: int = 1) -> Outcome:
    async with town(url, SystemClock(), people=ordeal.people) as here:
        (folder / "members").write_text("\n".join(here.members))
    log, chance = folder / "acknowledged", random.Random(seed)
    log.touch()
    seeds = iter(range(seed, 100_000))
    for _ in range(-(-ordeal.kills // ordeal.writers)):
        running = [await _start(url, next(seeds), folder, ordeal.operations) for _ in range(ordeal.writers)]
        said = log.stat().st_size
        await until(partial(_grown, log, said), timeout=60, what="something to lose")
        await asyncio.sleep(chance.random() * 0.7)
        for each in running:
            each.kill()
            await each.wait()
    last = [await _start(url, next(seeds), folder, ordeal.operations) for _ in range(ordeal.writers)]
    ended = [await each.wait() for each in last]
    acknowledged = {(member, source) for member, source in (line.split(" ", 1) for line in log.read_text().splitlines())}
    database = Database(url)
    try:
        faults = await faults_of(database, acknowledged)
        faults += [each async for each in examine(database, SystemClock())]
        faults += [f"a writer ended with {code}" for code in ended if code]
        async with database.reading() as session:
            rows = (await (await session.connection()).exec_driver_sql("SELECT count(*) FROM ledger")).scalar_one()
    finally:
        await database.close()
    return Outcome(len(acknowledged), rows, faults)


def _grown(log: Path, size: int) -> bool:
    return log.stat().st_size > size


async def _start(url: str, seed: int, folder: Path, operations: int) -> forked.Program:
    module = "tests.support.ledger.writer"
    arguments = [url, str(seed), str(folder / "members"), str(folder / "acknowledged"), str(operations)]
    return await forked.start(module, *arguments)
