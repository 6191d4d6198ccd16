"""`python -m bench.ledger.writers URL` prints a line of JSON: for each number of writers, how many rows a second came to be."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import uvloop
from sqlalchemy import text

from bench.measure import median
from server.core.clock import SystemClock
from server.core.db import Session
from server.core.ids import new_id
from server.core.journal import GroupCommit
from server.points import Cause, Credit
from tests.support.ledger.town import EVENTS, Town, town

WRITERS = (1, 16, 64)
ROUNDS, SECONDS = 3, 2.0
PEOPLE = 5_000
EVERYDAY = ("N01", "N02", "N08", "Q04", "Q06", "Q07")
_DAY = date(2026, 7, 1)
_INSERT = """
    INSERT INTO bare (id, member_id, branch_id, indicator, aspect, kind, source, year, day, "full", amount, at, recorded_at,
        title, link, reason)
    VALUES (:id, :member, '', 'Q04', 'qin', 'award', :source, 2026, :day, 5, 5, 0, 0, :title, '', '')"""


async def compare(url: str) -> dict[str, list[float]]:
    """Rows a second by kind and number of writers, of each round."""
    async with town(url, SystemClock(), people=PEOPLE) as here:
        await _make_bare_table(here)
        chance = random.Random(7)

        async def write(session: Session, causes: Sequence[Cause], careful: bool) -> Sequence[Credit]:
            return [each for each in await here.ledger.award(session, causes) if each is not None]

        commits: GroupCommit[Cause, Credit] = GroupCommit(here.database, write, name="bench")
        found: dict[str, list[float]] = {}
        kinds: dict[str, Callable[[], Awaitable[object]]] = {
            "bare": lambda: _bare(here, chance),
            "credit": lambda: commits.submit(_cause(here, chance)),
            "credit alone": lambda: here.award(_cause(here, chance)),
        }
        for writers in WRITERS:
            for turn in range(ROUNDS + 1):
                for kind, act in kinds.items():
                    rate = await _rate(writers, act)
                    if turn:  # the first is for warming
                        found.setdefault(f"{kind} {writers}", []).append(rate)
        await commits.aclose()
    return found


async def _rate(writers: int, act: Callable[[], Awaitable[object]]) -> float:
    done, ends = 0, time.perf_counter() + SECONDS

    async def writer() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await act()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(writers)))
    return done / (time.perf_counter() - began)


async def _make_bare_table(here: Town) -> None:
    async with here.database.transaction() as session:
        for statement in (
            "CREATE TABLE bare AS SELECT * FROM ledger LIMIT 0",
            "CREATE UNIQUE INDEX pk_bare ON bare (id)",
            "CREATE UNIQUE INDEX uq_bare ON bare (member_id, source)",
            "CREATE INDEX ix_bare ON bare (member_id, indicator, day)",
        ):
            await session.execute(text(statement))


async def _bare(here: Town, chance: random.Random) -> None:
    day = _DAY.isoformat() if here.database.is_sqlite else _DAY
    values = {"id": new_id(), "member": chance.choice(here.members), "source": new_id(), "day": day, "title": "一件事"}
    async with here.database.transaction() as session:
        await session.execute(text(_INSERT), values)


def _cause(here: Town, chance: random.Random) -> Cause:
    event, traits = EVENTS[chance.choice(EVERYDAY)]
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(360))
    return Cause(chance.choice(here.members[:-1]), event, new_id(), at, title="一件事", traits=traits)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        rates = loop.run(compare(sys.argv[1]))
    print(json.dumps({key: median(each) for key, each in rates.items()}))
