"""Whatever happens to the ledger, in whatever order: a checker of its own finds nothing wrong with it."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import text

from server.core.errors import Conflict
from server.points import Cause
from server.points.sealing import examine
from tests.support.clock import ManualClock
from tests.support.ledger.checker import faults_of
from tests.support.ledger.town import Town, some_cause, town


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = ManualClock()
        self.loop = asyncio.Runner()
        self.told: list[Cause] = []
        self.rows: dict[tuple[str, str], str] = {}
        self.reversals: dict[str, str] = {}
        self.number = 0
        self.people: list[str] = []
        self.opened: AsyncExitStack | None = None
        self.open(people=5)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(work)

    def open(self, people: int = 0) -> None:
        async def begin() -> Town:
            self.opened = AsyncExitStack()
            return await self.opened.enter_async_context(
                town(f"sqlite:///{Path(self.folder.name)}/x.db", self.clock, people=people)
            )

        self.town: Town = self.run(begin())
        self.people = self.town.members or self.people

    @rule(seed=st.integers(0, 2**32), count=st.integers(1, 12))
    def award(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        causes = []
        for _ in range(count):
            self.number += 1
            causes.append(some_cause(chance, self.people, self.number))
        self._credit(causes)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        """Some that were told before, among new ones and twice in one call."""
        old = data.draw(st.lists(st.sampled_from(self.told), min_size=1, max_size=4))
        self.number += 1
        new = some_cause(random.Random(self.number), self.people, self.number)
        self._credit([*old, new, new])

    def _credit(self, causes: list[Cause]) -> None:
        ids = self.run(self.town.award(*causes))
        for cause, row in zip(causes, ids, strict=True):
            assert (row is None) == (cause.member_id == self.people[-1]), "members get a row, others none"
            if row is not None:
                assert self.rows.setdefault((cause.member_id, cause.key), row) == row, "the same cause is the same row"
        self.told += causes

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(sorted(self.rows.values())))
        made = self.run(self.town.reverse(row))
        assert self.reversals.setdefault(row, made) == made

    @rule()
    def seal(self) -> None:
        self.run(self.town.sealer.seal())

    @rule()
    def start_again(self) -> None:
        assert self.opened is not None
        self.run(self.opened.aclose())
        self.open()

    @rule(seconds=st.floats(0.001, 1e5))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.run(faults_of(self.town.database, self.rows.keys())) == []

    def teardown(self) -> None:
        assert self.opened is not None

        async def examined() -> list[str]:
            await self.town.sealer.seal()
            return [each async for each in examine(self.town.database, self.clock)]

        try:
            assert self.run(examined()) == []
        finally:
            self.run(self.opened.aclose())
            self.loop.close()
            self.folder.cleanup()


LedgerMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLedgerMachine = LedgerMachine.TestCase


async def test_a_reversal_is_not_reversed(clock: ManualClock, tmp_path: Path) -> None:
    async with town(f"sqlite:///{tmp_path}/x.db", clock, people=3) as one:
        [row] = await one.award(Cause(one.members[0], "dues.paid", "1", clock.now()))
        assert row is not None
        await one.reverse(row)
        async with one.database.reading() as session:
            reversal = await session.scalar(text("SELECT id FROM ledger WHERE reverses IS NOT NULL"))
        with pytest.raises(Conflict, match="更正"):
            await one.reverse(str(reversal))
