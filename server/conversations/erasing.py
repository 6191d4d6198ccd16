"""Erasure: what was said in a conversation goes, for both, and leaves no byte behind.

The rows go in one transaction. What a database keeps of deleted rows goes right after it (`Database.scrub`), and so do the
files; both are finished after a restart if the process was killed in between, by whichever process comes first. What a large
SQLite file may still hold goes the next night.
"""

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import structlog

from ..core.clock import Clock
from ..core.db import Database, Session, after_commit
from ..core.journal import Draft, Journal
from ..core.tasks import Tasks
from . import store
from .blobs import BlobFolder
from .model import Conversation, State, channel_of

log = structlog.get_logger(__name__)

_UNSENT = timedelta(hours=1)  # that a file waits for its message
_AT_ONCE = 500
_LOOK_EVERY = 60.0  # s, for what other processes have left
_SWEEP_EVERY = 3600.0  # s
_AGAIN = 1.0  # s
_CHINA = timedelta(hours=8)
_NIGHT = (3,)  # o'clock
_SINCE_LAST_NIGHT = timedelta(days=1, hours=2)
_LONGEST_DOWN = timedelta(days=60)  # that a server is started again after, and still finishes what was left


class Eraser:
    def __init__(
        self, database: Database, journal: Journal, clock: Clock, folder: BlobFolder, *, beside: Collection[str] = ()
    ) -> None:
        self._database, self._journal, self._clock, self._folder = database, journal, clock, folder
        self._tables = (*store.SCRUBBED, *beside)
        self._tasks = Tasks("eraser")
        self._asked = asyncio.Event()
        self._unclean = False

    async def erase(self, session: Session, conversation: Conversation, told: Draft) -> None:
        """It is held; nothing was appended to its channel in this transaction."""
        await store.erase(session, conversation.id)
        gone = replace(conversation, state=State.ERASED, closed_at=self._clock.now(), key_round=0)
        await store.save(session, gone)
        await self._journal.purge(session, channel_of(conversation.id))
        await self._journal.append(session, told)
        after_commit(session, self.wake)

    def wake(self) -> None:
        """Something was deleted: finish it now."""
        self._unclean = True
        self._asked.set()

    def start(self) -> None:
        self._tasks.spawn(self._run(), "run")
        self._tasks.every(_SWEEP_EVERY, self.sweep, "sweep")
        self._tasks.every(_SWEEP_EVERY, self.at_night, "at night")

    async def close(self) -> None:
        await self._tasks.aclose()

    async def finish(self) -> None:
        """Files and what the database still holds of deleted rows."""
        unclean, self._unclean = self._unclean, False
        try:
            while gone := await self._doomed():
                await self._folder.drop(gone)
                async with self._database.transaction() as session:
                    await store.drop_blobs(session, gone)
                log.info("talk_files_erased", files=len(gone))
            if unclean:
                await self._database.scrub(*self._tables)
        except BaseException:
            self._unclean = self._unclean or unclean
            raise

    async def at_night(self) -> None:
        """When nobody waits for it: the thorough way, if anything was erased or taken back since the night before."""
        now = self._clock.now()
        if (now + _CHINA).hour not in _NIGHT or not self._database.is_sqlite:
            return
        if await self._erased(_SINCE_LAST_NIGHT):
            await self._database.scrub(*self._tables, thorough=True)
            log.info("database_scrubbed")

    async def sweep(self) -> None:
        """Files that no row knows: handed in while the process was killed."""
        old = await self._folder.old()
        for start in range(0, len(old), _AT_ONCE):
            some = old[start : start + _AT_ONCE]
            async with self._database.reading() as session:
                known = await store.known_blobs(session, some)
            await self._folder.drop([each for each in some if each not in known])

    async def _erased(self, within: timedelta) -> bool:
        async with self._database.reading() as session:
            return await store.erased_since(session, self._clock.now() - within)

    async def _doomed(self) -> list[str]:
        async with self._database.reading() as session:
            return await store.doomed(session, unsent_before=self._clock.now() - _UNSENT, limit=_AT_ONCE)

    async def _run(self) -> None:
        begun = False
        while True:
            try:
                if not begun and await self._erased(_LONGEST_DOWN):
                    self._unclean = True  # a process before this one may have been killed in between
                begun = True
                await self.finish()
            except TimeoutError:  # readers; they do not last
                await asyncio.sleep(_AGAIN)
                continue
            except Exception:
                log.exception("erasure_not_finished")
                await asyncio.sleep(_AGAIN)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._asked.wait()
            self._asked.clear()
