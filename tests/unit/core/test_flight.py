"""One load for many who wait."""

import asyncio

import pytest

from server.core.flight import SingleFlight


class Source:
    def __init__(self) -> None:
        self.loads = 0
        self.gate = asyncio.Event()

    async def load(self) -> int:
        self.loads += 1
        await self.gate.wait()
        return self.loads


async def test_those_who_wait_share_a_load_and_the_next_one_loads_anew() -> None:
    flight, source = SingleFlight[int](), Source()
    waiting = [asyncio.create_task(flight.run("a", source.load)) for _ in range(50)]
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*waiting) == [1] * 50
    assert await flight.run("a", source.load) == 2


async def test_other_keys_have_loads_of_their_own() -> None:
    flight, source = SingleFlight[int](), Source()
    source.gate.set()
    await asyncio.gather(flight.run("a", source.load), flight.run("b", source.load))
    assert source.loads == 2


async def test_a_caller_who_goes_away_takes_nothing_from_the_others() -> None:
    flight, source = SingleFlight[int](), Source()
    first, second = (asyncio.create_task(flight.run("a", source.load)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.gate.set()
    assert await second == 1


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    flight: SingleFlight[int] = SingleFlight()

    async def fail() -> int:
        raise OSError("database away")

    results = await asyncio.gather(*(flight.run("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in results] == [OSError] * 3
    source = Source()
    source.gate.set()
    assert await flight.run("a", source.load) == 1
