"""Group commit: hot writes that arrive within a few milliseconds share a transaction.

Each `submit` returns after the commit. The first try may presume what is nearly always so (that nothing is written a second
time) and leave the rest to the database's constraints; a shared transaction that fails is tried once more with care, and then
every write of it in a transaction of its own, so that a bad one costs nobody else. If the database itself cannot be reached,
all of them are refused at once. What waits is bounded: past the bound a write is refused, not delayed for ever.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import Database
from ..errors import AppError, Unavailable
from ..tasks import Tasks

log = structlog.get_logger(__name__)

Op = TypeVar("Op")
Result = TypeVar("Result")

_Batch = Sequence[tuple[Op, asyncio.Future[Result]]]

_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)


class GroupCommit(Generic[Op, Result]):
    """`write(session, ops, careful)` gives one answer for each op, in order: a result, or an AppError that refuses that op
    alone. `careful` is false at the first try of a batch."""

    def __init__(
        self,
        database: Database,
        write: Callable[[AsyncSession, Sequence[Op], bool], Awaitable[Sequence[Result | AppError]]],
        *,
        name: str,
        linger: float = 0.002,  # s; a batch that is smaller than the last waits so long for company
        pace: float = 0.0,  # s from one batch to the next, for writes that can wait and must not crowd out others
        most: int = 256,  # ops in one transaction
        at_once: bool = False,  # `write` waits for nothing but its session and touches nothing of the loop's, see `Database`
        waiting: int = 20_000,  # ops
    ) -> None:
        self._database, self._write = database, write
        self._at_once = at_once
        self._linger, self._pace, self._most, self._waiting = linger, pace, most, waiting
        self._next = 0.0  # when the next batch may begin, by the loop's clock
        self._queue: deque[tuple[Op, asyncio.Future[Result]]] = deque()
        self._wake = asyncio.Event()
        self._company = asyncio.Event()
        self._expected = 1  # as many as last time
        self._tasks = Tasks(name)
        self._closing = False
        self._running: asyncio.Task[None] | None = None

    async def submit(self, op: Op) -> Result:
        """The answer to `op`, once it is durable. Raise Unavailable `busy` or `storage_away`, or what `write` refused with."""
        if self._closing:
            raise Unavailable("stopping", "服务正在重启，请稍后再试")
        if len(self._queue) >= self._waiting:
            raise Unavailable("busy", "现在人太多了，请稍后再试")
        if self._running is None:
            # In a context of its own: it outlives the request that came first, and must not write in that one's name.
            self._running = Context().run(self._tasks.spawn, self._run(), "commit")
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((op, answer))
        self._wake.set()
        if len(self._queue) >= self._expected:
            self._company.set()
        # A caller that goes away takes nothing back: the write waits here without it, or is under way with others.
        return await answer

    async def aclose(self) -> None:
        """Write what was accepted, then stop."""
        self._closing = True
        self._wake.set()
        self._company.set()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        await self._tasks.aclose()

    async def _run(self) -> None:
        while not (self._closing and not self._queue):
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._gather_company()
                batch = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
                self._expected = len(batch)
                await self._commit(batch)

    async def _gather_company(self) -> None:
        """Wait for as many as came last time: who has just been answered often has more to write."""
        loop = asyncio.get_running_loop()
        if not self._closing and len(self._queue) < self._most and (early := self._next - loop.time()) > 0:
            await asyncio.sleep(early)
        self._next = loop.time() + self._pace
        if self._pace or self._closing or len(self._queue) >= self._expected:
            return
        self._company.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._linger):
                await self._company.wait()

    async def _commit(self, batch: _Batch[Op, Result], *, careful: bool = False) -> None:
        try:
            await self._transaction(batch, careful)
        except Exception as error:
            if _is_away(error):
                log.error("group_commit_away", writes=len(batch), reason=type(error).__name__)
                _answer(batch, [Unavailable("storage_away", "暂时无法保存，请稍后再试") for _ in batch])
            elif not careful:
                log.info("group_commit_again", writes=len(batch), reason=type(error).__name__)
                await self._commit(batch, careful=True)
            elif len(batch) == 1:
                _answer(batch, [error])
            else:
                log.warning("group_commit_failed", writes=len(batch), exc_info=error)
                for each in batch:
                    await self._commit([each], careful=True)

    async def _transaction(self, batch: _Batch[Op, Result], careful: bool) -> None:
        ops = [op for op, _ in batch]

        async def written(session: AsyncSession) -> Sequence[Result | Exception]:
            answers = await self._write(session, ops, careful)
            if len(answers) != len(ops):
                raise RuntimeError("a write must answer every op")
            return answers

        if self._at_once:
            await self._database.at_once(written, lambda answers: _answer(batch, answers))
            return
        async with self._database.transaction() as session:
            answers = await written(session)
        _answer(batch, answers)


def _answer(batch: _Batch[Op, Result], answers: Sequence[Result | Exception]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
            future.exception()  # looked at, should the caller be gone
        else:
            future.set_result(answer)


def _is_away(error: Exception) -> bool:
    """Whether the database could not be reached or broke off, so that trying each write alone would help nobody."""
    return isinstance(error, _AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)
