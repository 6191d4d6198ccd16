"""How long what was said lies sealed on the server after a talk has ended (`HONGBO_TALK_DAYS`); then it goes as if erased."""

from datetime import timedelta

from ..core.clock import Clock
from .service import Talks


class TalkRetention:
    def __init__(self, talks: Talks, clock: Clock, keep: timedelta) -> None:
        self._talks, self._clock, self._keep = talks, clock, keep

    async def purge(self) -> int:
        """Gives how many were erased."""
        erased = 0
        while some := await self._talks.erase_old(self._clock.now() - self._keep):
            erased += some
        return erased
