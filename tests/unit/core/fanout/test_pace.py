"""Levels are told at even distances, and a dear round rests less. The clock is the test's; what telling costs is said by it."""

import asyncio

import pytest

from server.core.fanout.pace import _REST, Pace

LEVELS = 10


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.yields = 0

    def perf_counter(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.yields += 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr("server.core.fanout.pace.time.perf_counter", clock.perf_counter)
    monkeypatch.setattr("server.core.fanout.pace.asyncio.sleep", clock.sleep)
    return clock


def _round(of: Pace, clock: _Clock, cost: float) -> list[float]:
    """When each level was told, in a round in which each cost so much."""

    async def go() -> list[float]:
        told = []
        of.begin(LEVELS)
        for _ in range(LEVELS):
            told.append(clock.now)
            clock.now += cost
            await of.turn()
        await of.end(0.001)
        return told

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(go())
    finally:
        loop.close()


def test_a_large_room_is_told_at_even_distances_and_leaves_time_for_others(clock: _Clock) -> None:
    of = Pace(tick=0.05)
    for _ in range(40):
        last = _round(of, clock, 0.006)
    following = _round(of, clock, 0.006)
    apart = [after - before for before, after in zip(last, [*last[1:], following[0]], strict=True)]
    assert max(apart) - min(apart) < 0.002
    took = following[0] - last[0]
    assert took == pytest.approx(0.06 * (1 + _REST), rel=0.02), "sixty ms of telling, and its rest"


def test_a_round_that_costs_more_rests_less(clock: _Clock) -> None:
    of = Pace(tick=0.05)
    for _ in range(40):
        _round(of, clock, 0.006)
    dear = _round(of, clock, 0.009)
    following = _round(of, clock, 0.006)
    assert following[0] - dear[0] < 0.06 * (1 + _REST) * 1.2, "not half as much again, though telling took that"


def test_a_small_room_is_told_at_once_and_rests_for_the_tick(clock: _Clock) -> None:
    of = Pace(tick=0.05)
    for _ in range(5):
        last = _round(of, clock, 0.0001)
    assert last[-1] - last[0] < 0.002
    assert _round(of, clock, 0.0001)[0] - last[0] == pytest.approx(0.05)


def test_others_have_a_turn_after_each_level_however_late_it_is(clock: _Clock) -> None:
    of = Pace(tick=0.0)
    before = clock.yields
    _round(of, clock, 0.05)
    assert clock.yields - before == LEVELS + 1
