"""One load for all who wait for the same thing: when something remembered expires under many requests, one of them asks."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class SingleFlight(Generic[Value]):
    """Whoever gives the key of a load under way gets its result, or its error. A caller who goes away stops nobody's load."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Value]] = {}

    async def run(self, key: Hashable, load: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(load())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    def _landed(self, key: Hashable, task: asyncio.Task[Value]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; with nobody left it is not "never retrieved"
