"""Trouble follows progress and not the clock, so that a slow machine sees as much of it.

All along lines are cut. In turn some are held up, for more comments than ring and buffers take together. The processes are
ended one after the other, most by `kill -9`, and started again while the others go on. Redis is killed, or only frozen, and
comes back after a while.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.churn.house import House
from tests.support.weather import Weather

_CUT_EVERY = 7  # acknowledgements
_SLOW, _SLOW_EVERY = 110, 130  # comments that slow readers miss, and from the first of some to the first of the next
_AWAY = 0.3  # of all comments are written in outages
_STOPS = 4  # of so many ends the last is not a kill


@dataclass(frozen=True)
class Script:
    """`ends` of processes and `outages` of Redis come at even distances; in every second outage it is only frozen."""

    clients: int
    comments: int
    ends: int
    outages: int


class Trouble:
    def __init__(self, script: Script, house: House, weather: Weather, chance: random.Random) -> None:
        self._script, self._house, self._weather, self._chance = script, house, weather, chance
        self._acked = 0
        self._progress = asyncio.Condition()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Make trouble while the block runs; what was ended or lost is back when it has been left."""
        async with asyncio.TaskGroup() as group:
            endless = [group.create_task(work) for work in (self._cuts(), self._slow_readers())]
            group.create_task(self._ends())
            group.create_task(self._outages())
            yield
            for task in endless:
                task.cancel()

    async def acknowledged(self) -> None:
        async with self._progress:
            self._acked += 1
            self._progress.notify_all()

    async def _reached(self, acked: float) -> None:
        async with self._progress:
            await self._progress.wait_for(lambda: self._acked >= acked)

    async def _cuts(self) -> None:
        for number in range(1, self._script.comments):
            await self._reached(number * _CUT_EVERY)
            self._weather.cut(self._chance.randint(1, 4))

    async def _slow_readers(self) -> None:
        for start in range(_SLOW_EVERY - _SLOW, self._script.comments, _SLOW_EVERY):
            await self._reached(start)
            self._weather.hold(self._script.clients // 8)
            await self._reached(min(start + _SLOW, self._script.comments))
            self._weather.release()

    async def _ends(self) -> None:
        for number in range(1, self._script.ends + 1):
            await self._reached(self._script.comments * number / (self._script.ends + 1))
            await self._house.restart(number % len(self._house.servers), kill=number % _STOPS != 0)

    async def _outages(self) -> None:
        redis = self._house.redis
        for number in range(self._script.outages):
            assert redis is not None
            start, freeze = self._script.comments * (number + 0.5 - _AWAY / 2) / self._script.outages, number % 2 == 1
            await self._reached(start)
            await asyncio.to_thread(redis.freeze if freeze else redis.kill)
            await self._house.notices(hints=False)
            await self._reached(start + self._script.comments * _AWAY / self._script.outages)
            await asyncio.to_thread(redis.thaw if freeze else redis.start)
            await self._house.notices(hints=True)
