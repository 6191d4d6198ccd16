"""What every way of hinting has in common: what waits to be told is bounded by conflation, and lost connections come back.

Hearing and telling fail apart: a store that is full, read-only or has taken a right away may still be read. So each has a
connection and a state of its own, and each is tried while there is nothing to hear or tell: who is idle must find out too.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from ..errors import Unavailable
from ..tasks import Tasks

log = structlog.get_logger(__name__)

Hear = Callable[[str, int], None]
_PATIENCE = (0.1, 5.0)  # s before a lost connection is tried again, at first and at most
PROBE = 2.0  # s of silence, after which it is tried whether it would work


@dataclass(slots=True)
class Way:
    """Hearing or telling; `works` is what the last attempt says, `returns` how often it began to work."""

    name: str
    works: bool = False
    returns: int = 0

    def worked(self) -> None:
        if not self.works:
            log.info("hints_found", way=self.name)
            self.returns += 1
        self.works = True

    def failed(self, error: Exception) -> None:
        if self.works:
            log.warning("hints_lost", way=self.name, reason=type(error).__name__)
        self.works = False


class Hints(ABC):
    """One per process. `tell` never waits and never fails; `start` begins to listen."""

    def __init__(self) -> None:
        self._hear: Hear = lambda channel, head: None
        self._tasks = Tasks("hints")
        self._untold: dict[str, int] = {}
        self._wake = asyncio.Event()
        self.hearing, self.telling = Way("hearing"), Way("telling")

    @property
    def healthy(self) -> bool:
        """Whether hints come through both ways, as far as this process can see."""
        return self.hearing.works and self.telling.works

    def start(self, hear: Hear) -> None:
        """Call `hear(channel, head)` for every hint of other processes, and perhaps of this one."""
        self._hear = hear
        self._tasks.spawn(self._keep(self._listen, self.hearing), "listen")
        self._tasks.spawn(self._keep(self._speak, self.telling), "speak")

    async def close(self) -> None:
        await self._tasks.aclose()

    def tell(self, channel: str, head: int) -> None:
        """A channel has come so far. Only the last head of each channel is kept until it has been told."""
        self._untold[channel] = max(head, self._untold.get(channel, 0))
        self._wake.set()

    async def check(self) -> None:
        """For `/readyz`: raise Unavailable `hints_unheard` or `hints_untold` while hints do not come through."""
        if not self.hearing.works:
            raise Unavailable("hints_unheard", "收不到其他进程的通知，消息会稍慢到达")
        if not self.telling.works:
            raise Unavailable("hints_untold", "无法通知其他进程，消息会稍慢到达")

    async def _tell_on(self, write: Callable[[Mapping[str, int]], Awaitable[None]]) -> None:
        """Write what is to be told until that fails. At first and in silence nothing is written, which must fail as anything
        else would; what was not told is told again when it works."""
        taken: Mapping[str, int] = {}
        while True:
            try:
                await write(taken)
            except Exception:
                for channel, head in taken.items():
                    self.tell(channel, head)
                raise
            self.telling.worked()
            taken = await self._take(PROBE)

    async def _take(self, patience: float) -> Mapping[str, int]:
        """What is to be told next; nothing if that has not come within `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._wake.wait()
        except TimeoutError:
            return {}
        self._wake.clear()
        taken, self._untold = self._untold, {}
        return taken

    async def _keep(self, work: Callable[[], Awaitable[None]], way: Way) -> None:
        """Run `work` again whenever its connection is lost."""
        patience = _PATIENCE[0]
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
            except Exception as error:  # noqa: BLE001  # whatever the library raises: it does not work now
                way.failed(error)
            if asyncio.get_running_loop().time() - began > _PATIENCE[1]:
                patience = _PATIENCE[0]
            await asyncio.sleep(patience)
            patience = min(patience * 2, _PATIENCE[1])

    @abstractmethod
    async def _listen(self) -> None:
        """Hear until that fails; say `hearing.worked()` each time, in silence too."""

    @abstractmethod
    async def _speak(self) -> None:
        """Open a connection and `_tell_on` over it."""


class NoHints(Hints):
    """One process: nobody else to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.hearing.works = self.telling.works = True

    def start(self, hear: Hear) -> None:
        pass

    def tell(self, channel: str, head: int) -> None:
        pass

    async def _listen(self) -> None:
        raise NotImplementedError

    async def _speak(self) -> None:
        raise NotImplementedError
