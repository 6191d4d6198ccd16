"""Every task has an owner and an awaited end, and its exception is always looked at.

`Tasks` belongs to one component. A task that fails is logged at once and does not touch its siblings; `aclose` cancels
what still runs and waits for all of it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

_PATIENCE = 5.0  # s; then a task is cancelled once more, for libraries lose cancellations that come with a broken connection


class Tasks:
    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` until it ends or the owner closes. The exception of a failed task is logged here."""
        if self._closed:
            work.close()
            raise RuntimeError(f"{self._owner} is closed, cannot start {name}")
        task = asyncio.create_task(work, name=f"{self._owner}:{name}")
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def every(self, seconds: float, work: Callable[[], Awaitable[Any]], name: str) -> asyncio.Task[Any]:
        """Run `work` again and again with a pause between; a failing round is logged and the next one still comes.

        The first comes at some moment of the first pause: what was started together does not ask the database together.
        """
        return self.spawn(self._repeat(seconds, work, name), name)

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[Any]], name: str) -> None:
        await asyncio.sleep(seconds * random.random())
        while True:
            try:
                await work()
            except Exception:
                log.exception("round_failed", owner=self._owner, task=name)
            await asyncio.sleep(seconds)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", owner=self._owner, task=task.get_name(), exc_info=error)

    def __len__(self) -> int:
        return len(self._running)

    async def finish(self, seconds: float) -> None:
        """Let what runs come to its end, for so long at most."""
        if self._running:
            await asyncio.wait(tuple(self._running), timeout=seconds)

    async def aclose(self) -> None:
        """Cancel and await everything. Safe to call twice."""
        self._closed = True
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(tuple(self._running), timeout=_PATIENCE)
