"""How long what was said and done in rooms is kept, and its deletion (domain.md section 10, row 5).

Everything of a broadcast's room goes together, in one transaction: the journal, and what each feature keeps beside it. The row
of the broadcast stays. By default a recording keeps its comments for as long as it lives itself; whatever has none goes
`keep_said` after the end. Until then nothing is deleted, whoever takes a comment back or throws a recording away.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from ..core.clock import Clock
from ..core.db import Session
from ..core.journal import Journal
from .limits import BroadcastSettings
from .live import channel_of
from .model import Broadcast, outlived
from .registry import Registry

log = structlog.get_logger(__name__)

Purge = Callable[[Session, str], Awaitable[None]]
"""Delete what a feature keeps of the broadcast with this id, in the caller's transaction."""


class Retention:
    def __init__(
        self, registry: Registry, journal: Journal, settings: BroadcastSettings, clock: Clock, purges: Sequence[Purge]
    ) -> None:
        self._registry, self._journal, self._settings, self._clock = registry, journal, settings, clock
        self._purges = purges

    async def purge(self) -> int:
        """Delete what has outlived its time; gives the number of rooms. What fails for one is logged and tried again."""
        purged = 0
        for broadcast in await self._registry.said_before(self._clock.now() - self._settings.keep_said):
            if not self._due(broadcast):
                continue
            try:
                purged += await self._purge(broadcast.id)
            except Exception:
                log.exception("room_not_purged", broadcast_id=broadcast.id)
        return purged

    async def _purge(self, broadcast_id: str) -> bool:
        done = False

        def decide(found: Broadcast) -> Broadcast:
            return replace(found, purged_at=self._clock.now()) if self._due(found) else found

        async def along(session: Session, _: Broadcast) -> None:
            nonlocal done
            for purge in self._purges:
                await purge(session, broadcast_id)
            await self._journal.purge(session, channel_of(broadcast_id))
            done = True

        await self._registry.change(broadcast_id, decide, along=along)
        if done:
            log.info("room_purged", broadcast_id=broadcast_id)
        return done

    def _due(self, broadcast: Broadcast) -> bool:
        settings = self._settings
        return outlived(broadcast, self._clock.now(), keep=settings.keep_said, with_replay=settings.said_lives_with_replay)
