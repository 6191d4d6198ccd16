"""The ledger under parallel hands and under `kill -9`, on both databases; the long run is tests/soak/test_ledger.py."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from server.core.clock import SystemClock
from server.points import Cause, rules_store
from server.points.rulebook import as_shipped
from tests.support.ledger.checker import faults_of
from tests.support.ledger.killing import Ordeal, undergo
from tests.support.ledger.town import town
from tests.support.wait import until


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


async def test_the_sealer_goes_on_after_a_database_that_refused_it(database_url: str) -> None:
    clock = SystemClock()
    async with town(database_url, clock, people=3) as here:

        async def execute(statement: str) -> None:
            async with here.database.transaction() as session:
                await session.execute(text(statement))

        async def is_sealed() -> bool:
            async with here.database.reading() as session:
                return not await session.scalar(text("SELECT count(*) FROM ledger WHERE number IS NULL"))

        await execute("ALTER TABLE ledger_chains RENAME TO away")
        async with here.sealing():
            with capture_logs() as logs:
                await here.award(Cause(here.members[0], "profile.confirmed", "1", clock.now()))
                await until(lambda: any(each["event"] == "seal_failed" for each in logs), what="a refusal")
            await execute("ALTER TABLE away RENAME TO ledger_chains")
            await until(is_sealed, timeout=15, what="the seal")
        assert await faults_of(here.database) == []


@pytest.mark.postgres
async def test_processes_that_start_together_write_the_rules_once(postgres_url: str) -> None:
    clock = SystemClock()
    async with town(postgres_url, clock) as here:
        async with here.database.transaction() as session:
            await session.execute(text("DELETE FROM indicators"))
            await session.execute(text("DELETE FROM point_scales"))

        async def waits() -> bool:
            async with here.database.reading() as session:
                held = await session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            return bool(held)

        async with here.database.transaction() as session:
            await rules_store.plant(session, as_shipped(), clock.now())
            second = asyncio.create_task(here.rulebook.plant())
            await until(waits, what="the second process to meet the first one's rows")
        await second
        assert len((await here.rulebook.current()).versions) == 43


@pytest.mark.timeout(240)
async def test_killed_writers_lose_nothing_and_count_nothing_twice(database_url: str, tmp_path: Path) -> None:
    writers = 2 if database_url.startswith("postgresql") else 1
    outcome = await undergo(database_url, tmp_path, Ordeal(operations=150, kills=2 * writers, writers=writers))
    assert outcome.faults == []
    assert outcome.acknowledged > 150
