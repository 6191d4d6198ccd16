"""Lookups that come together are made together."""

import asyncio
from collections.abc import Sequence

import pytest

from server.core.batch import Batch


class Source:
    """Knows the lengths of words; answers when its gate is open."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def load(self, keys: Sequence[str]) -> dict[str, int]:
        self.asked.append(list(keys))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return {key: len(key) for key in keys if key}


async def begun(batch: Batch[str, int], *keys: str) -> list[asyncio.Task[int | None]]:
    tasks = [asyncio.create_task(batch.find(key)) for key in keys]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_who_comes_while_a_query_is_under_way_shares_the_next() -> None:
    source = Source()
    batch = Batch(source.load, most=10)
    first = await begun(batch, "a")
    later = await begun(batch, "a", "bb", "", "bb")
    source.gate.set()
    assert await asyncio.gather(*first, *later) == [1, 1, 2, None, 2]
    assert source.asked == [["a"], ["a", "bb", ""]]  # and nobody was given what was read before it asked


async def test_too_many_at_once_come_in_several_queries() -> None:
    source = Source()
    source.gate.set()
    batch = Batch(source.load, most=2)
    assert await asyncio.gather(*await begun(batch, "a", "bb", "ccc")) == [1, 2, 3]
    assert [len(keys) for keys in source.asked] == [2, 1]


async def test_an_error_is_told_to_those_who_waited_for_it_and_to_nobody_else() -> None:
    source = Source()
    batch = Batch(source.load, most=10)
    source.error = OSError("away")
    failing = await begun(batch, "a", "bb")
    source.gate.set()
    for each in failing:
        with pytest.raises(OSError, match="away"):
            await each
    source.error = None
    assert await batch.find("a") == 1


async def test_a_caller_who_goes_away_takes_nothing_from_the_others() -> None:
    source = Source()
    batch = Batch(source.load, most=10)
    one, other = await begun(batch, "a", "a")
    one.cancel()
    source.gate.set()
    assert await other == 1
