"""Waiting for a condition instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

Found = TypeVar("Found")


@overload
async def until(
    look: Callable[[], Awaitable[Found]], *, timeout: float = ..., every: float = ..., what: str = ...
) -> Found: ...
@overload
async def until(look: Callable[[], Found], *, timeout: float = ..., every: float = ..., what: str = ...) -> Found: ...
async def until(look: Callable[[], Any], *, timeout: float = 10.0, every: float = 0.02, what: str = "condition") -> Any:
    """Look again and again until the answer is truthy; fail with `what` after `timeout` seconds."""
    last: object = None
    try:
        async with asyncio.timeout(timeout):
            while True:
                answer = look()
                found = await answer if isinstance(answer, Awaitable) else answer
                if found:
                    return found
                last = found
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"{what} did not come true within {timeout} s (last seen: {last!r})") from None
