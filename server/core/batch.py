"""Lookups that come together are made together: while one query is under way, those who come meanwhile wait for the next.

A lookup alone waits for nobody. A query always begins after everybody it serves has asked, so none is given what was read
before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")


class Batch(Generic[Key, Found]):
    """`load` gives what there is of at most `most` keys. Its error is everybody's who waited for that query."""

    def __init__(self, load: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]], *, most: int) -> None:
        self._load, self._most = load, most
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._running: asyncio.Task[Any] | None = None

    async def find(self, key: Key) -> Found | None:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(future)  # a caller who goes away takes nothing from the others

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken = dict(list(self._waiting.items())[: self._most])
                for key in taken:
                    del self._waiting[key]
                await self._serve(taken)
        finally:
            self._running = None

    async def _serve(self, taken: Mapping[Key, asyncio.Future[Found | None]]) -> None:
        try:
            found = await self._load(list(taken))
        except BaseException as error:
            for future in taken.values():
                if isinstance(error, asyncio.CancelledError):
                    future.cancel()
                elif not future.done():
                    future.set_exception(error)
                    future.exception()  # with nobody left to hear it, it is not "never retrieved"
            if not isinstance(error, Exception):
                raise
            return
        for key, future in taken.items():
            if not future.done():
                future.set_result(found.get(key))
