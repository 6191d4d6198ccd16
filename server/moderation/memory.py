"""What every process remembers: the compiled word lists and the mutes that hold. Looking at them costs no trip to the database.

A change raises a version in its transaction. The process that made it reads anew before it answers; the others look at the
versions at each beat of the pulse. If the database is away they go on with what they know.
"""

import asyncio
from collections.abc import Iterable

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.pulse import Pulse
from . import store_mutes, store_words
from .lexicon import Lexicon
from .model import Mute
from .store_words import MUTES, WORDS

log = structlog.get_logger(__name__)


class Memory:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self.lexicon = Lexicon()
        self._mutes: dict[str, list[Mute]] = {}
        self._known: dict[str, int] = {}
        self._reading = asyncio.Lock()

    async def start(self, pulse: Pulse) -> None:
        """Nobody may write before the lists are known."""
        await self.refresh()
        pulse.add("words and mutes", store_words.changes(), self.refresh, due=lambda found: found != sum(self._known.values()))

    async def refresh(self) -> None:
        """Whatever was committed before this was called is known when it returns."""
        async with self._reading:
            async with self._database.snapshot() as session:
                versions = await store_words.versions(session)
                lists = mutes = None
                if versions.get(WORDS) != self._known.get(WORDS):
                    lists = await store_words.everything(session)
                if versions.get(MUTES) != self._known.get(MUTES):
                    mutes = await store_mutes.holding(session, self._clock.now())
            if lists is not None:
                self.lexicon = await asyncio.to_thread(Lexicon, lists)  # tens of thousands of words take a while
                log.info("word_lists_loaded", lists=len(lists), words=self.lexicon.size)
            if mutes is not None:
                self._mutes = _by_member(mutes)
            self._known = versions

    def mute_of(self, member_id: str, scope: str) -> Mute | None:
        """The one that keeps the member longest from writing in a room."""
        if not (known := self._mutes.get(member_id)):
            return None
        now = self._clock.now()
        holding = [mute for mute in known if mute.scope in (None, scope) and mute.holds(now)]
        return max(holding, key=lambda mute: (mute.until is None, mute.until or now), default=None)


def _by_member(mutes: Iterable[Mute]) -> dict[str, list[Mute]]:
    found: dict[str, list[Mute]] = {}
    for mute in mutes:
        found.setdefault(mute.member_id, []).append(mute)
    return found
