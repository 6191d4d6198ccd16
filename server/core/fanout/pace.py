"""When each level of the rooms is told: a round after it was last told, evenly spread.

A round takes a tick, or what telling takes lately and half as much again, so that others are answered meanwhile. Its rests
stand between the levels, not at its end: listeners are reached in an even stream, and a round that happened to cost more rests
less, since a late listener waits for the longest rounds (docs/decisions/0304-levels.md).
"""

import asyncio
import time

_REST = 0.57  # of what telling takes, at least
_LATELY = 0.2  # how much the newest round says of what telling takes
_FINEST = 0.002  # s; the loop's timers are no finer than half of it


class Pace:
    """`tick`: the least of a round, s."""

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._usual = 0.0  # s that telling takes
        self._turns, self._turn, self._cost = 1, 0, 0.0
        self._began = self._at = time.perf_counter()

    def begin(self, turns: int) -> None:
        """A round of so many levels begins now."""
        self._turns, self._turn, self._cost = max(1, turns), 0, 0.0
        self._began = self._at = time.perf_counter()

    async def turn(self) -> None:
        """A level has been told; come back when the next is due. Others have their turn in any case."""
        now = self._count()
        self._turn += 1
        due = self._began + self._usual * (1 + _REST) * self._turn / self._turns
        await asyncio.sleep(due - now if due - now >= _FINEST else 0)
        self._at = time.perf_counter()

    async def end(self, least: float) -> None:
        """Everybody has been told; come back when the next round is due, after `least` seconds or more."""
        now = self._count()
        self._usual += (self._cost - self._usual) * _LATELY
        await asyncio.sleep(max(self._began + max(self._tick, self._usual * (1 + _REST)) - now, least))

    def _count(self) -> float:
        now = time.perf_counter()
        self._cost += now - self._at
        return now
