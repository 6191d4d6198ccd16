"""Hints over PostgreSQL's NOTIFY, for those who run several processes without Redis.

Each process has two connections of its own for it. A notification is lost on a process that is not listening at that moment;
that is what the look at the heads is for, once it listens again.
"""

import asyncio
from collections.abc import Mapping

import asyncpg
from pydantic_core import from_json, to_json

from .base import PROBE, Hints

_CHANNEL = "hongbo_hints"
_TIMEOUT = 5.0  # s


class NotifyHints(Hints):
    """`dsn` as asyncpg takes it (`postgresql://…`)."""

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._dsn = dsn

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=_TIMEOUT, command_timeout=_TIMEOUT)
        try:
            await connection.add_listener(_CHANNEL, self._heard)
            while True:
                await connection.execute("SELECT 1")
                self.hearing.worked()
                await asyncio.sleep(PROBE)
        finally:
            connection.terminate()

    def _heard(self, connection: object, pid: int, channel: str, payload: str) -> None:
        for name, head in from_json(payload).items():
            self._hear(name, head)

    async def _speak(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=_TIMEOUT, command_timeout=_TIMEOUT)

        async def notify(heads: Mapping[str, int]) -> None:
            news = list(heads.items())
            for start in range(0, len(news) or 1, 50):  # a payload holds less than 8000 bytes
                payload = to_json(dict(news[start : start + 50])).decode()
                await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, payload)

        try:
            await self._tell_on(notify)
        finally:
            connection.terminate()
