"""Looks at the talks that are not over once a second and ends those whose time has come. Every process that serves sockets does
so; each end happens once, whoever comes first."""

from ..core.tasks import Tasks
from .service import Talks

EVERY = 1.0  # s


class TalkTicker:
    def __init__(self, talks: Talks, *, every: float = EVERY) -> None:
        self._talks, self._every = talks, every
        self._tasks = Tasks("talks")

    def start(self) -> None:
        self._tasks.every(self._every, self._talks.look, "look")

    async def close(self) -> None:
        await self._tasks.aclose()
