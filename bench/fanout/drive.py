"""What both Python rooms do alike: comments of one size, said at one rate."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

CHANNEL = "bench:018f0000-0000-7000-8000-000000000001"
TEXT = "师傅们辛苦了，这条生产线的改造什么时候能推广到我们厂？"


def comment(number: int) -> dict[str, Any]:
    """What a comment says; with its frame around it about 330 bytes of UTF-8, each room alike."""
    return {"t": time.monotonic_ns(), "s": number, "id": "018f0000-0000-7000-8000-000000000002", "text": TEXT}


async def drive(say: Callable[[int], None], *, count: int, rate: float) -> None:
    """Call `say` with 0, 1, 2 … as they fall due; late ones follow at once."""
    began = asyncio.get_running_loop().time()
    said = 0
    while said < count:
        due = min(count, int((asyncio.get_running_loop().time() - began) * rate) + 1)
        while said < due:
            say(said)
            said += 1
        await asyncio.sleep(min(0.01, 1 / rate))
