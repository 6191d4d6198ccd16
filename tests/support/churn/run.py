"""Clients come and go, lines are cut and held up, processes are killed; and nothing acknowledged is lost."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from server.broadcasts import channel_of
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.journal import Entry, Journal
from tests.support.churn.house import House, running_house
from tests.support.churn.kept import Kept, kept
from tests.support.churn.outcome import Outcome
from tests.support.churn.server import RING
from tests.support.churn.trouble import Script, Trouble
from tests.support.node import node_program
from tests.support.weather import Weather, bad_weather

log = structlog.get_logger(__name__)
_CLIENT = Path(__file__).parent / "client.mjs"


@dataclass(frozen=True)
class Churn:
    clients: int = 60
    writers: int = 20
    comments: int = 400
    processes: int = 1  # several need a `database_url`
    redis: bool = False  # between several processes; else NOTIFY
    ends: int = 1  # of processes
    outages: int = 0  # of Redis
    pause: int = 300  # ms at most between two comments of a writer
    filler: int = 160  # characters
    others: float = 0.5  # things done beside each comment: questions, votes, reactions, removals, notices
    patience: int = 60  # s for the last entries
    seed: int = 2026


async def run(churn: Churn, folder: Path, database_url: str | None = None) -> Outcome:
    """Server processes, their clients in another process, and trouble between them as they go on."""
    chance = random.Random(churn.seed)
    async with running_house(folder, processes=churn.processes, redis=churn.redis, database_url=database_url) as house:
        async with bad_weather([server.port for server in house.servers], chance) as (weather, urls):
            outcome = Outcome(churn.clients, churn.comments, weather)
            file = folder / "plan.json"
            file.write_text(json.dumps(_plan(churn, house, urls)))
            script = Script(churn.clients, churn.comments, churn.ends, churn.outages)
            trouble = Trouble(script, house, weather, chance)
            async with trouble.going_on():
                await _listen(_clients(file), trouble, weather, outcome)
        await house.stop()
        outcome.late_commits, outcome.exits, outcome.complaints = house.late_commits(), house.exits, house.complaints()
        outcome.journal, outcome.kept = await _written(house)
    log.info("churned", **outcome.figures())
    return outcome


def _plan(churn: Churn, house: House, urls: list[str]) -> dict[str, Any]:
    return {
        "urls": urls,
        "people": house.people,
        "broadcast": house.broadcast_id,
        "channel": channel_of(house.broadcast_id),
        "clients": churn.clients,
        "writers": churn.writers,
        "comments": churn.comments,
        "pause": churn.pause,
        "filler": churn.filler,
        "others": churn.others,
        "ring": RING,
        "patience": churn.patience * 1000,
    }


async def _listen(lines: AsyncIterator[dict[str, Any]], trouble: Trouble, weather: Weather, outcome: Outcome) -> None:
    async for line in lines:
        if "client" in line:
            outcome.accounts.append(line)
        elif "written" in line:
            weather.release()
        elif "acked" in line:
            await trouble.acknowledged()


async def _clients(plan: Path) -> AsyncIterator[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        node_program(), str(_CLIENT), str(plan), stdout=asyncio.subprocess.PIPE, limit=1 << 26
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            yield json.loads(line)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _written(house: House) -> tuple[list[Entry], Kept]:
    database = Database(house.database_url)
    journal = Journal(database, SystemClock())
    written: list[Entry] = []
    while entries := await journal.read(channel_of(house.broadcast_id), after=len(written)):
        written += entries
    rest = await kept(database, house.broadcast_id)
    await database.close()
    return written, rest
