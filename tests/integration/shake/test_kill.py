"""Killed at every commit between a shake and a talk, one by one, alone and beside another process.

Never one member twice, never two talks for one person, never a lost draw, and every acknowledged shake is on its round's list.
"""

import asyncio
import json
import random
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.core.db import Database
from server.shake import draw_store
from server.shake.ticket_store import Kept
from tests.support import forked
from tests.support.shaken import faults_of, hall

_LIVES = 120  # far more than there are commits: a life that gets nothing done would go on for ever
_PATIENCE = 60.0  # s, for one life


async def prepared(url: str, folder: Path) -> str:
    async with hall(url, folder, members=5) as here:
        shake = await here.announced(favour=2)
        (folder / "clock").write_text(str(here.clock.now().timestamp()))
    (folder / "shake").write_text(shake.id)
    return shake.id


async def lived(url: str, folder: Path, point: str, rounds: int) -> int:
    program = await forked.start("tests.support.shaken.life", url, str(folder), point, str(rounds))
    async with asyncio.timeout(_PATIENCE):
        said = await program.stdout.read()
        status = await program.wait()
    assert status in (0, -signal.SIGKILL), said.decode()
    return status


async def check(url: str, folder: Path, shake_id: str) -> None:
    told = [json.loads(line) for line in (folder / "told").read_text().splitlines()]
    tickets = [_ticket(data) for what, data in told if what == "ticket"]
    talks = {data["draw"]: data["talk"] for what, data in told if what == "talk"}
    database = Database(url)
    try:
        assert await faults_of(database, shake_id, tickets) == []
        async with database.reading() as session:
            draws = {each.id: each for each in await draw_store.of_shake(session, shake_id)}
            connection = await session.connection()
            begun = (await connection.exec_driver_sql("SELECT id, secretary_id, member_id FROM talks")).all()
    finally:
        await database.close()
    assert {each: draws[each].talk_id for each in talks} == talks, "a talk that somebody was told of is lost"
    accepted = [each for each in draws.values() if each.talk_id is not None]
    assert len(tickets) >= 5, "there was something to lose"
    assert accepted, "somebody accepted"
    assert sorted(each.id for each in begun) == sorted(str(each.talk_id) for each in accepted), "a talk for each acceptance"


def _ticket(data: dict[str, Any]) -> Kept:
    return Kept(**{**data, "at": datetime.fromtimestamp(data["at"], UTC)})


async def test_killed_at_every_commit_one_by_one(tmp_path: Path, sqlite_url: str) -> None:
    """Each life gets as far as the first commit of what is left: one loses it, the next is gone right after it."""
    shake_id = await prepared(sqlite_url, tmp_path)
    lives = 0
    while await lived(sqlite_url, tmp_path, f"1 {'after' if lives % 2 else 'before'}", 1) != 0:
        lives += 1
        assert lives < _LIVES, "nothing gets done"
    assert lives >= 2 * 13, "prepared, opened, shaken, stopped, three parts, closed, revealed, lapsed, declined, accepted, over"
    await check(sqlite_url, tmp_path, shake_id)


@pytest.mark.postgres
async def test_killed_side_by_side(tmp_path: Path, postgres_url: str) -> None:
    shake_id = await prepared(postgres_url, tmp_path)
    chance, lives, ended = random.Random(1), 0, [1, 1]
    while any(ended):
        lives += 1
        assert lives < _LIVES, "nothing gets done"
        points = [f"{chance.randrange(1, 5)} {chance.choice(('before', 'after'))}" for _ in range(2)]
        ended = await asyncio.gather(*(lived(postgres_url, tmp_path, each, 2) for each in points))
    await check(postgres_url, tmp_path, shake_id)
