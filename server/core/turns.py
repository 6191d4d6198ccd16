"""Long rounds in short turns: whoever goes through thousands of connections lets the others in between."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")


async def in_turns(items: Iterable[Item], most: int = 256) -> AsyncIterator[list[Item]]:
    """All items as they were at the beginning, some at a time; the loop is free between two turns."""
    everything = list(items)
    for start in range(0, len(everything), most):
        if start:
            await asyncio.sleep(0)
        yield everything[start : start + most]
