"""What the doctor finds in a ledger that somebody with the database's key has worked on."""

from pathlib import Path

import pytest
from sqlalchemy import text

from server.core.clock import SystemClock
from server.core.db import Database
from server.identity import Role
from server.points import Cause
from server.points.sealing import examine
from tests.integration.points.test_publications import IN_MARCH, LAST_YEAR, _member, publishing_in
from tests.support.clock import ManualClock
from tests.support.ledger.town import Town, town

_END_AGAIN = "UPDATE ledger_chains SET number = 0, hash = printf('%064d', 0)"


async def _forge(database: Database, *deeds: str) -> None:
    async with database.transaction() as session:
        for statement in ("DROP TRIGGER ledger_stays", "DROP TRIGGER ledger_keeps", *deeds):
            await session.execute(text(statement))


async def _sealed(here: Town) -> None:
    await here.award(*(Cause(here.members[0], "suggestion.adopted", str(number), IN_MARCH) for number in range(3)))
    await here.sealer.seal()
    assert [each async for each in examine(here.database, SystemClock())] == []


@pytest.mark.parametrize(
    ("deeds", "found"),
    [
        (
            (
                "UPDATE ledger SET amount = 50 WHERE number = 1",
                "UPDATE point_balances SET awarded = awarded + 40",
                "DELETE FROM ledger_chains",
            ),
            "the end of the chain",
        ),
        (("UPDATE ledger SET year = year + 1", "UPDATE point_balances SET year = year + 1"), "in another year"),
    ],
    ids=["a chain without its end", "another year"],
)
async def test_forged_rows_are_found(tmp_path: Path, deeds: tuple[str, ...], found: str) -> None:
    async with town(f"sqlite:///{tmp_path}/ledger.db", SystemClock(), people=3) as here:
        await _sealed(here)
        await _forge(here.database, *deeds)
        assert any(found in each for each in [each async for each in examine(here.database, SystemClock())])


async def test_a_history_that_was_published_cannot_be_written_anew(tmp_path: Path) -> None:
    clock = ManualClock()
    async with town(f"sqlite:///{tmp_path}/ledger.db", clock, people=4) as here, publishing_in(here, clock) as (publishing, _):
        await _sealed(here)
        await publishing.make(_member(here.members[1], Role.COMMITTEE_SECRETARY), LAST_YEAR, 1)
        await publishing.work()
        await _forge(here.database, "DELETE FROM ledger", "UPDATE point_balances SET awarded = 0", _END_AGAIN)
        assert any("was published" in each for each in [each async for each in examine(here.database, clock)])


@pytest.mark.postgres
async def test_repetitions_are_found_in_any_order_of_characters(postgres_url: str) -> None:
    """As in a database that was made with the usual locale of a country, which sorts signs before digits."""
    async with town(postgres_url, SystemClock(), people=2) as here:
        async with here.database.transaction() as session:
            await session.execute(text("DROP TRIGGER ledger_stays ON ledger"))
            await session.execute(text('ALTER TABLE ledger ALTER COLUMN source TYPE varchar(120) COLLATE "en-US-x-icu"'))
        cause = Cause(here.members[0], "qa.answer.adopted", "an answer", IN_MARCH)
        for _ in range(2):
            async with here.database.transaction() as session:
                await here.ledger.renew(session, cause)
            async with here.database.transaction() as session:
                assert await here.ledger.revoke(session, cause, by="somebody", reason="不再采纳") is not None
        async with here.database.reading() as session:
            assert (await session.execute(text("SELECT sum(amount) FROM ledger"))).scalar_one() == 0
