"""What has to be looked at once a second is looked at only while there is something: one question to the database asks for all.

A feature says in SQL what it wants to know, and what to do when the answer says so. The database stays the one that knows, so
this is right over several processes and after a restart; an idle server asks one short question a second instead of one for
each of them (docs/decisions/0309-pulse.md). Works do not wait for one another: one that takes longer than a beat is left to
end, and is not begun a second time meanwhile.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, literal, select

from .db import Database
from .tasks import Tasks

log = structlog.get_logger(__name__)

EVERY = 1.0  # s

Work = Callable[[], Awaitable[object]]


@dataclass(slots=True, eq=False)
class _Joined:
    name: str
    asked: ColumnElement[Any]
    due: Callable[[Any], bool]
    work: Work
    every: float
    begun_at: float = 0.0
    busy: bool = False


class Pulse:
    def __init__(self, database: Database, *, every: float = EVERY) -> None:
        self._database, self._every = database, every
        self._joined: list[_Joined] = []
        self._question: Select[Any] = select(literal(True))
        self._tasks = Tasks("pulse")

    def add(
        self, name: str, asked: ColumnElement[Any], work: Work, *, due: Callable[[Any], bool] = bool, every: float = 0.0
    ) -> None:
        """Do `work` at each beat at which `due` holds of what the database answers to `asked`; not again before `every` seconds
        have passed, and not before that after the start. To be called before `start`."""
        self._joined.append(_Joined(name, asked, due, work, every))

    def start(self) -> None:
        if not self._joined:
            return
        self._question = select(*(each.asked.label(f"w{at}") for at, each in enumerate(self._joined)))
        for each in self._joined:
            each.begun_at = time.monotonic()
        self._tasks.every(self._every, self.beat, "beat")

    async def close(self) -> None:
        await self._tasks.aclose()

    async def beat(self) -> None:
        async with self._database.reading() as session:
            answers = (await session.execute(self._question)).one()
        now = time.monotonic()
        for each, answer in zip(self._joined, answers, strict=True):
            if not each.busy and now - each.begun_at >= each.every and each.due(answer):
                each.busy, each.begun_at = True, now
                self._tasks.spawn(self._do(each), each.name)

    async def _do(self, joined: _Joined) -> None:
        try:
            await joined.work()
        except Exception:
            log.exception("round_failed", owner="pulse", task=joined.name)
        finally:
            joined.busy = False
