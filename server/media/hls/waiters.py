"""Requests that are blocked until the stream has moved on: bounded, awaited together, freed when their client has gone.

A server that lets requests wait must know their number: each client has its share, and all together have theirs. aiohttp does
not cancel a handler whose client has left, so `sweep` looks at the connections; it also ends those that waited too long.
"""

import asyncio
import enum
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import TooMany


class Outcome(enum.Enum):
    MOVED = "moved"  # look again
    TOO_LONG = "too_long"
    GONE = "gone"  # nobody is there to be answered


@dataclass(frozen=True, slots=True)
class Client:
    """Whose share a waiting request is taken from, and how large it is."""

    name: str
    share: int


class WaitBudget:
    """How many requests wait in the whole process, and for whom."""

    def __init__(self, in_all: int) -> None:
        self._in_all = in_all
        self._clients: Counter[str] = Counter()
        self.waiting = 0

    def enter(self, client: Client) -> None:
        """Raise TooMany where one more would be too many."""
        if self.waiting >= self._in_all or self._clients.get(client.name, 0) >= client.share:
            raise TooMany("too_many_waiting", "等待中的请求过多，请稍后再试")
        self._clients[client.name] += 1
        self.waiting += 1

    def leave(self, client: Client) -> None:
        self.waiting -= 1
        self._clients[client.name] -= 1
        if not self._clients[client.name]:
            del self._clients[client.name]


@dataclass(slots=True, eq=False)
class _Waiter:
    future: asyncio.Future[Outcome]
    deadline: float
    gone: Callable[[], bool]


class Waiters:
    """Those who wait for one stream."""

    def __init__(self, budget: WaitBudget) -> None:
        self._budget = budget
        self._waiting: set[_Waiter] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    async def until(self, ready: Callable[[], bool], *, client: Client, deadline: float, gone: Callable[[], bool]) -> Outcome:
        """Wait until `ready()`; `deadline` is on the monotonic clock that `sweep` is given. Raise TooMany at once."""
        if ready():
            return Outcome.MOVED
        self._budget.enter(client)
        try:
            while True:
                waiter = _Waiter(asyncio.get_running_loop().create_future(), deadline, gone)
                self._waiting.add(waiter)
                try:
                    outcome = await waiter.future
                finally:
                    self._waiting.discard(waiter)
                if outcome is not Outcome.MOVED or ready():
                    return outcome
        finally:
            self._budget.leave(client)

    def moved(self) -> None:
        """Something was published, or the stream ended: everyone looks again."""
        for waiter in self._waiting:
            if not waiter.future.done():
                waiter.future.set_result(Outcome.MOVED)

    def sweep(self, now: float) -> None:
        for waiter in self._waiting:
            if waiter.future.done():
                continue
            if waiter.gone():
                waiter.future.set_result(Outcome.GONE)
            elif now >= waiter.deadline:
                waiter.future.set_result(Outcome.TOO_LONG)

    def release(self) -> None:
        """The stream is no more."""
        for waiter in self._waiting:
            if not waiter.future.done():
                waiter.future.set_result(Outcome.GONE)
