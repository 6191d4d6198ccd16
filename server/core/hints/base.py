"""What every way of hinting has in common: what waits to be told is bounded by conflation, and lost connections come back."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import structlog

from ..errors import Unavailable
from ..tasks import Tasks

log = structlog.get_logger(__name__)

Hear = Callable[[str, int], None]
_PATIENCE = (0.1, 5.0)  # s before a lost connection is tried again, at first and at most


class Hints(ABC):
    """One per process. `tell` never waits and never fails; `start` begins to listen."""

    def __init__(self) -> None:
        self._hear: Hear = lambda channel, head: None
        self._tasks = Tasks("hints")
        self._untold: dict[str, int] = {}
        self._wake = asyncio.Event()
        self.healthy = False

    def start(self, hear: Hear) -> None:
        """Call `hear(channel, head)` for every hint of other processes, and perhaps of this one."""
        self._hear = hear
        self._tasks.spawn(self._keep(self._listen), "listen")
        self._tasks.spawn(self._keep(self._speak), "speak")

    async def close(self) -> None:
        await self._tasks.aclose()

    def tell(self, channel: str, head: int) -> None:
        """A channel has come so far. Only the last head of each channel is kept until it has been told."""
        self._untold[channel] = max(head, self._untold.get(channel, 0))
        self._wake.set()

    async def check(self) -> None:
        """For `/readyz`: raise Unavailable while hints do not come through."""
        if not self.healthy:
            raise Unavailable("hints_away", "进程间的通知暂时中断，消息会稍慢到达")

    async def _take(self) -> Mapping[str, int]:
        """What is to be told next; waits for something."""
        await self._wake.wait()
        self._wake.clear()
        taken, self._untold = self._untold, {}
        return taken

    async def _keep(self, work: Callable[[], object]) -> None:
        """Run `work` again whenever its connection is lost."""
        patience = _PATIENCE[0]
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()  # type: ignore[misc]  # both are coroutines of the subclass
            except Exception as error:  # noqa: BLE001  # whatever the library raises: the connection is gone
                if self.healthy:
                    log.warning("hints_lost", reason=type(error).__name__)
                self.healthy = False
            if asyncio.get_running_loop().time() - began > _PATIENCE[1]:
                patience = _PATIENCE[0]
            await asyncio.sleep(patience)
            patience = min(patience * 2, _PATIENCE[1])

    @abstractmethod
    async def _listen(self) -> None:
        """Hear until the connection is lost; set `healthy` once it stands."""

    @abstractmethod
    async def _speak(self) -> None:
        """Tell what `_take` gives until the connection is lost. What was taken and not told need not be kept."""


class NoHints(Hints):
    """One process: nobody else to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.healthy = True

    def start(self, hear: Hear) -> None:
        pass

    def tell(self, channel: str, head: int) -> None:
        pass

    async def _listen(self) -> None:
        raise NotImplementedError

    async def _speak(self) -> None:
        raise NotImplementedError
