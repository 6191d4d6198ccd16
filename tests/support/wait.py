"""Waiting for a condition instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")


async def until(
    look: Callable[[], Found | Awaitable[Found]], *, timeout: float = 10.0, every: float = 0.02, what: str = "condition"
) -> Found:
    """Look again and again until the answer is truthy; fail with `what` after `timeout` seconds."""
    last: object = None
    try:
        async with asyncio.timeout(timeout):
            while True:
                answer = look()
                found: Found = await answer if isinstance(answer, Awaitable) else answer
                if found:
                    return found
                last = found
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"{what} did not come true within {timeout} s (last seen: {last!r})") from None
