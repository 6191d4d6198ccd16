"""`python -m bench.ledger.publication URL MEMBERS ROWS` prints a line of JSON: how long a publication took, and in how many
steps somebody who watches saw it come on.

The rows are written in bulk, with numbers and without true hashes, which a publication does not read; half are of another year.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, cast

import uvloop
from sqlalchemy import Table, text

from server.core.audit import Audit
from server.core.bulk import insert_rows
from server.core.clock import SystemClock
from server.core.ids import new_id
from server.identity import Identity, IdentitySettings, Member, Role, Status
from server.identity.tables import BranchRow, MemberRow
from server.points import Publishing
from server.points.publication import PublicationState
from server.points.tables import ChainRow, EntryRow
from tests.support.ledger.town import Town, town

BRANCHES = 500
_AT_ONCE = 5_000
_CACHE_KB = 4_000_000
_NOW = datetime(2026, 4, 1, tzinfo=UTC)
_LEDGER, _MEMBERS = cast("Table", EntryRow.__table__), cast("Table", MemberRow.__table__)


async def publish(url: str, members: int, rows: int) -> dict[str, float]:
    clock = SystemClock()
    async with town(url, clock) as here:
        people = await _settle(here, members, rows)
        identity = Identity(here.database, IdentitySettings(), clock, b"bench")
        try:
            audit = Audit(here.database, clock)
            publishing = Publishing(here.database, identity, here.rulebook, here.sealer, audit, here.outbox, clock)
            secretary = Member(people[0], "甲", None, None, Status.FULL, frozenset({Role.COMMITTEE_SECRETARY}), "bench")
            began = time.perf_counter()
            made = await publishing.make(secretary, 2026, 1)
            work = asyncio.create_task(publishing.work())
            seen: set[int] = set()
            while not work.done():
                seen.add((await publishing.heading(secretary, made.id)).publication.prepared)
                await asyncio.sleep(0.2)
            await work
            took = time.perf_counter() - began
            (done,) = [each for each in await publishing.seen(secretary) if each.id == made.id]
        finally:
            await identity.aclose()
    if done.state is not PublicationState.OPEN or done.prepared != members:
        raise RuntimeError(f"the publication is {done.state} with {done.prepared} members")
    return {"seconds": took, "steps_seen": len(seen), "members": members, "rows": rows}


async def _settle(here: Town, members: int, rows: int) -> list[str]:
    branches = [new_id() for _ in range(BRANCHES)]
    people = [new_id() for _ in range(members)]
    async with here.database.transaction() as session:
        session.add_all(
            BranchRow(id=each, name=f"第{nth}党支部", city="广州", created_at=_NOW) for nth, each in enumerate(branches)
        )
        await session.flush()
    given = {"name": "陈志远", "status": "full", "created_at": _NOW}
    names = [column.name for column in _MEMBERS.columns]
    await _pour(here, _MEMBERS, (_row(names, given | _person(nth, each, branches)) for nth, each in enumerate(people)), members)
    chance = random.Random(7)
    places = dict.fromkeys(range(BRANCHES), 0)
    await _pour(here, _LEDGER, (_entry(people, branches, places, chance) for _ in range(rows)), rows)
    async with here.database.transaction() as session:
        session.add_all(ChainRow(branch_id=branches[nth], number=number, hash="0" * 64) for nth, number in places.items())
        await session.execute(text("ANALYZE"))  # as the database does by itself, sooner or later
    return people


def _person(nth: int, member_id: str, branches: list[str]) -> dict[str, Any]:
    return {"id": member_id, "mobile": f"1{nth:010d}", "branch_id": branches[nth % BRANCHES]}


def _entry(people: list[str], branches: list[str], places: dict[int, int], chance: random.Random) -> list[Any]:
    nth = chance.randrange(len(people))
    branch = nth % BRANCHES
    places[branch] += 1
    year = chance.choice((2025, 2026))
    values = {
        "id": new_id(),
        "member_id": people[nth],
        "branch_id": branches[branch],
        "indicator": "Q04",
        "aspect": "qin",
        "kind": "award",
        "source": f"activity.checkin.confirmed/{new_id()}",
        "year": year,
        "day": date(year, chance.randrange(1, 4), chance.randrange(1, 28)),
        "full": 5,
        "amount": 5 if chance.random() < 0.2 else 0,
        "at": _NOW,
        "recorded_at": _NOW,
        "title": "主题党日",
        "link": "",
        "reason": "",
        "number": places[branch],
        "hash": "0" * 64,
    }
    return _row([column.name for column in _LEDGER.columns], values)


def _row(names: list[str], values: dict[str, Any]) -> list[Any]:
    return [values.get(name) for name in names]


async def _pour(here: Town, table: Table, rows: Iterator[list[Any]], count: int) -> None:
    """In one transaction, with SQLite's cache large enough for all of it: each page is written once, not with each batch."""
    async with here.database.transaction() as session:
        if here.database.is_sqlite:
            await session.execute(text(f"PRAGMA cache_size=-{_CACHE_KB}"))
        for _ in range(0, count, _AT_ONCE):
            await insert_rows(session, table, [row for _, row in zip(range(_AT_ONCE), rows, strict=False)])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(publish(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
