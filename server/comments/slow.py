"""Slow mode: so many seconds between two comments of one person in one room, whatever process each of them reaches.

The moment of the last one is a row that is moved on only where enough time has passed, so of two at once one comes through.
It is written in the transaction of the comment, and in slow rooms alone.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ..core.db import Session
from ..core.errors import AppError, TooMany
from . import store


class Slow(Protocol):
    @property
    def key(self) -> tuple[str, str]: ...
    @property
    def broadcast_id(self) -> str: ...
    @property
    def author_id(self) -> str: ...
    @property
    def slow_seconds(self) -> int: ...


async def too_soon(session: Session, writes: Sequence[Slow], now: datetime) -> dict[tuple[str, str], AppError]:
    """Those that come too soon, by their keys; for the others this moment counts from now on. The rows are taken in one
    order, so that no two transactions wait for each other."""
    refused: dict[tuple[str, str], AppError] = {}
    for write in sorted(writes, key=lambda each: (each.broadcast_id, each.author_id)):
        gap = timedelta(seconds=write.slow_seconds)
        if not await store.move_on(session, write.broadcast_id, write.author_id, now, gap):
            last = await store.last_at(session, write.broadcast_id, write.author_id)
            left = gap - (now - last) if last is not None else gap
            refused[write.key] = _slow_mode(write.slow_seconds, max(1, math.ceil(left.total_seconds())))
    return refused


def _slow_mode(seconds: int, left: int) -> TooMany:
    words = f"慢速模式：每 {seconds} 秒可以发一条，请 {left} 秒后再发"
    return TooMany("slow_mode", words, retry_after=left, extra={"retry_after": left})
