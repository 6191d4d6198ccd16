"""The ledger under parallel hands and under `kill -9`, on both databases; the long run is tests/soak/test_ledger.py."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.core.clock import SystemClock
from server.points import Cause
from tests.support.ledger.checker import faults_of
from tests.support.ledger.killing import Ordeal, undergo
from tests.support.ledger.town import town


async def test_a_hundred_identical_causes_at_once_are_one_row(database_url: str) -> None:
    clock = SystemClock()
    async with town(database_url, clock, people=3) as here:
        cause = Cause(here.members[0], "profile.confirmed", "1", clock.now())
        made = await asyncio.gather(*(here.award(cause) for _ in range(100)))
        assert len({row for [row] in made}) == 1
        await asyncio.gather(*(here.reverse(str(made[0][0])) for _ in range(20)))
        assert await faults_of(here.database, [(cause.member_id, cause.key)]) == []


async def test_many_at_once_never_pass_a_cap(database_url: str) -> None:
    clock = SystemClock()
    async with town(database_url, clock, people=3) as here:
        kinds = [("suggestion.adopted", {}), ("task.commended", {}), ("award.approved", {"level": "district_plus"})]
        causes = [
            Cause(here.members[0], event, str(number), clock.now(), traits=traits)
            for event, traits in kinds
            for number in range(40)
        ]
        await asyncio.gather(*(here.award(*causes[start::12]) for start in range(12)))
        assert await faults_of(here.database) == []
        async with here.database.reading() as session:
            awarded = await session.scalar(text("SELECT awarded FROM point_balances WHERE aspect = 'ji'"))
    assert awarded == 80


async def test_the_database_itself_refuses_to_change_or_delete_a_row(database_url: str) -> None:
    clock = SystemClock()
    async with town(database_url, clock, people=3) as here:
        [row] = await here.award(Cause(here.members[0], "profile.confirmed", "1", clock.now()))
        await here.sealer.seal()
        for deed in ("UPDATE ledger SET amount = 50", "UPDATE ledger SET number = 7", "DELETE FROM ledger"):
            with pytest.raises(DBAPIError, match="append-only"):
                async with here.database.transaction() as session:
                    await session.execute(text(deed))
        assert await faults_of(here.database, [(here.members[0], "profile.confirmed/1")]) == []
    assert row is not None


@pytest.mark.timeout(240)
async def test_killed_writers_lose_nothing_and_count_nothing_twice(database_url: str, tmp_path: Path) -> None:
    writers = 2 if database_url.startswith("postgresql") else 1
    outcome = await undergo(database_url, tmp_path, Ordeal(operations=150, kills=2 * writers, writers=writers))
    assert outcome.faults == []
    assert outcome.acknowledged > 150
