"""`python -m bench.shake.rounds URL FOLDER SHAKERS`: a round in which so many shake, its close, and draw after draw of it.

Prints one line of JSON. FOLDER keeps `proof.json` and `list.txt`, as the server gives them, for the browser. Every ticket that
was acknowledged must be on the list, and the journal must hold by `hongbo shake verify`.
"""

import asyncio
import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import uvloop
from aiohttp import web
from sqlalchemy import Table

from bench.measure import BenchFailed, percentile
from server.app import DATABASE, build
from server.core.bulk import insert_rows
from server.core.collector import settle
from server.core.db import Database
from server.core.ids import new_id
from server.identity import Member, Role, Status
from server.identity.tables import BranchRow, MemberRow
from server.migrations import upgrade
from server.settings import load_settings
from server.shake import DRAWING, PROOFS, ROUNDS, SHAKES, SHAKING, ShakePlan, draw_store, model, store, verified
from server.shake.draw import commitment
from server.shake.model import Round, Shake
from server.shake.wire_proof import ProofOut
from tests.support.clock import ManualClock

LANES = 500  # people who shake at the same moment
DRAWS = 400
NONCE = bytes(range(32))
_MEMBERS = cast("Table", MemberRow.__table__)


async def settled(database: Database, count: int) -> list[Member]:
    """A secretary, and so many members."""
    now, branch = datetime.now(UTC), new_id()
    ids = [new_id() for _ in range(count + 1)]
    given = {"name": "陈志远", "branch_id": branch, "status": Status.FULL.value, "created_at": now}
    async with database.transaction() as session:
        session.add(BranchRow(id=branch, name="总部党支部", city="广州", created_at=now))
        await session.flush()
        for at in range(0, len(ids), 5000):
            rows = [{**given, "id": each, "mobile": f"1{at + nth:010d}"} for nth, each in enumerate(ids[at : at + 5000])]
            await insert_rows(session, _MEMBERS, [tuple(row.get(column.name) for column in _MEMBERS.columns) for row in rows])
    members = [Member(each, "陈志远", branch, "总部党支部", Status.FULL, frozenset(), each) for each in ids]
    return [replace(members[0], roles=frozenset({Role.COMMITTEE_SECRETARY})), *members[1:]]


async def measure(url: str, folder: Path, shakers: int) -> dict[str, float]:
    settings, clock = load_settings({"DATABASE_URL": url}, data_dir=folder), ManualClock(datetime.now(UTC))
    app = build(replace(settings, log_level="WARNING"), clock=clock)
    database = app[DATABASE]
    try:
        await upgrade(database)
        secretary, *members = await settled(database, shakers)
        settle()
        return await _round(app, clock, secretary, members, folder)
    finally:
        await app[SHAKING].close()
        await database.close()


async def _round(
    app: web.Application, clock: ManualClock, secretary: Member, members: list[Member], folder: Path
) -> dict[str, float]:
    now = clock.now()
    shake = await _announced(app, secretary, now)
    await app[ROUNDS].prepare(secretary, shake.id, commitment(NONCE))
    found = await app[ROUNDS].open(secretary, shake.id)
    began = time.perf_counter()
    delays, told = await _shaken(app, shake, members)
    took = time.perf_counter() - began
    clock.advance(found.closes_at.timestamp() - now.timestamp() + 4 if found.closes_at else 0)
    began = time.perf_counter()
    await app[ROUNDS].look()
    closing = time.perf_counter() - began
    await app[ROUNDS].reveal(secretary, shake.id, found.number, NONCE.hex())
    draws = await _drawn(app, clock, secretary, shake, found)
    await app[SHAKES].close(secretary, shake.id)
    await _keep(app, secretary, shake, told, folder)
    if faults := (await verified(app[DATABASE], shake.id)).faults:
        raise BenchFailed("; ".join(faults))
    return {
        "shakes_per_s": len(members) / took,
        "shake_p99_ms": percentile(delays, 0.99) * 1000,
        "close_s": closing,
        "draws": len(draws),
        "draw_median_ms": percentile(draws, 0.5) * 1000,
        "draw_p99_ms": percentile(draws, 0.99) * 1000,
    }


async def _announced(app: web.Application, secretary: Member, now: datetime) -> Shake:
    """Past the rule that who talks must be a secretary by the database: this one is by the bench."""
    plan = ShakePlan("一万人摇一摇", now, now + timedelta(days=1), (secretary.id,), favour=2)
    shakes = app[SHAKES]

    async def checked(*_: Any) -> ShakePlan:
        return plan

    shakes._checked = checked  # type: ignore[method-assign, assignment]
    return await shakes.announce(secretary, plan)


async def _shaken(app: web.Application, shake: Shake, members: list[Member]) -> tuple[list[float], set[str]]:
    """Delays, and the lines that the list must have."""
    left, delays, told = iter(members), [], set()

    async def lane() -> None:
        for member in left:
            began = time.perf_counter()
            kept = await app[SHAKING].shake(member, shake, nonce=None, client_id=new_id())
            delays.append(time.perf_counter() - began)
            told.add(f"{kept.pseudonym} {kept.nonce} {kept.weight}")

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return delays, told


async def _drawn(app: web.Application, clock: ManualClock, secretary: Member, shake: Shake, found: Round) -> list[float]:
    """The offer before is taken back each time, which nobody else may; only the draw is timed."""
    model.MOST_WITHDRAWN = DRAWS
    drawing, took = app[DRAWING], []
    for _ in range(DRAWS):
        waiting = await _offer(app, shake, secretary)
        await drawing.withdraw(secretary, waiting, go_on=False)
        clock.advance(1)
        began = time.perf_counter()
        made = await drawing.draw(secretary, shake.id, found.number, client_id=new_id())
        took.append(time.perf_counter() - began)
        if made is None:
            raise BenchFailed("nobody was drawn")
    return took


async def _offer(app: web.Application, shake: Shake, secretary: Member) -> str:
    async with app[DATABASE].reading() as session:
        found = await draw_store.offer_of(session, secretary_id=secretary.id)
    if found is None:
        raise BenchFailed("there is no offer")
    return found.id


async def _keep(app: web.Application, secretary: Member, shake: Shake, told: set[str], folder: Path) -> None:
    proof = ProofOut.of(await app[PROOFS].of(secretary, shake.id))
    async with app[DATABASE].reading() as session:
        (found,) = [each for each in await store.rounds(session, shake.id) if each.list_hash]
    _, pieces = await app[PROOFS].list(secretary, shake.id, found.number)
    text = "".join([piece async for piece in pieces])
    if set(text.splitlines()[1:]) != told:
        raise BenchFailed("the list is not what was acknowledged")
    (folder / "proof.json").write_text(proof.model_dump_json())
    (folder / "list.txt").write_text(text)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))))
