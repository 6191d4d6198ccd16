"""How late the event loop comes to what is due, while something is being done to it."""

import asyncio
from types import TracebackType

EVERY = 0.01  # seconds


class LoopLag:
    """`async with LoopLag() as lag:` and then `lag.worst`, in seconds."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "LoopLag":
        self._look_later()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.sleep(0)  # what is late by now is seen
        if self._timer is not None:
            self._note()
            self._timer.cancel()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + EVERY
        self._timer = loop.call_later(EVERY, self._look)

    def _look(self) -> None:
        self._note()
        self._look_later()

    def _note(self) -> None:
        self.worst = max(self.worst, asyncio.get_running_loop().time() - self._due)
