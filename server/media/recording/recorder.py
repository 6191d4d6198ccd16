"""Records a stream, off the event loop: the live segments, as they are, made durable one by one.

Disk trouble stops the recording and never the stream: the fault is kept, an alarm is logged, and whatever was whole stays
playable. Segments wait in memory while the disk is slow, but not more than a minute of them.
"""

import asyncio
import errno
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import structlog

from ..hls.window import Finished
from ..model import RecordingInfo
from .journal import RecordingJournal
from .manifest import Manifest
from .tail import Tail, read_tail

log = structlog.get_logger(__name__)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LONGEST_QUEUE = 30  # segments
_LOW = 0.1  # share of free space at which an operator should hear of it


class Recorder:
    """One stream's recording. Call everything from the event loop."""

    def __init__(self, folder: Path, stream_id: str, executor: Executor) -> None:
        self.fault: str | None = None
        self._folder = folder
        self._stream_id = stream_id
        self._executor = executor
        self._journal: RecordingJournal | None = None
        self._jobs: deque[Callable[[], None]] = deque()
        self._running: asyncio.Future[None] | None = None
        self._info: RecordingInfo | None = None
        self._sealed = False
        self._low = False

    async def open(self, *, window: float, gap: float) -> tuple[Manifest, Tail] | None:
        """Open or make the recording; gives what there is of it. A fault is kept, not raised."""

        def work() -> tuple[Manifest, Tail] | None:
            self._journal = RecordingJournal(self._folder)
            manifest = self._journal.manifest
            if manifest is None:
                return None
            self._info = manifest.info()
            return manifest, read_tail(self._folder, manifest, length=window, gap=gap)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except OSError as error:
            self._stop(error)
            return None

    @property
    def active(self) -> bool:
        """Whether what comes is being recorded."""
        return self._journal is not None and self.fault is None and not self._sealed

    @property
    def busy(self) -> bool:
        """Whether the recording's files are open here, so that nobody else may touch them."""
        return self._journal is not None or self._running is not None

    @property
    def info(self) -> RecordingInfo | None:
        """What is durable so far; None as long as nothing is."""
        return self._info

    def opened(self, msn: int, *, origin: int, folder: str) -> None:
        """A segment has begun. The first one begins the recording."""
        self._submit(lambda journal: self._write_opened(journal, msn, origin, folder))

    def append(self, finished: Finished) -> None:
        self._submit(lambda journal: self._write(journal, finished))

    async def seal(self) -> None:
        """Wait for what is pending and close the recording for good."""
        self._submit(self._write_seal)
        await self._settled()
        self._sealed = True
        await self._close()

    async def close(self) -> None:
        """Wait for what is pending; the recording can be opened again."""
        await self._settled()
        await self._close()

    def _submit(self, work: Callable[[RecordingJournal], None]) -> None:
        journal = self._journal
        if journal is None or not self.active:
            return
        if len(self._jobs) >= 2 * _LONGEST_QUEUE:
            self._stop(OSError(errno.EIO, "the disk does not keep up"))
            return
        self._jobs.append(lambda: work(journal))
        if self._running is None:
            self._next()

    def _next(self) -> None:
        jobs = list(self._jobs)
        self._jobs.clear()
        self._running = asyncio.get_running_loop().run_in_executor(self._executor, _run_all, jobs)
        self._running.add_done_callback(self._done)

    def _done(self, job: "asyncio.Future[None]") -> None:
        self._running = None
        error = None if job.cancelled() else job.exception()
        if error is not None:
            self._stop(error)
        elif self.fault is not None:
            self._give_up()
        elif self._jobs:
            self._next()

    def _stop(self, error: BaseException) -> None:
        """The recording ends here; the stream goes on."""
        number = error.errno if isinstance(error, OSError) else None
        self.fault = "disk_full" if number in _FULL else "folder_unwritable"
        self._jobs.clear()
        unforeseen = None if isinstance(error, OSError) else error
        log.error(
            "recording_stopped", alarm=True, stream=self._stream_id, fault=self.fault, reason=str(error), exc_info=unforeseen
        )
        if self._running is None:
            self._give_up()

    def _give_up(self) -> None:
        journal, self._journal = self._journal, None
        if journal is not None:
            self._executor.submit(journal.give_up)

    async def _settled(self) -> None:
        while self._running is not None:
            await asyncio.wait([self._running])
            await asyncio.sleep(0)  # lets _done start what came meanwhile

    async def _close(self) -> None:
        journal, self._journal = self._journal, None
        if journal is not None:
            await asyncio.get_running_loop().run_in_executor(self._executor, journal.close)

    def _write_opened(self, journal: RecordingJournal, msn: int, origin: int, folder: str) -> None:
        if journal.manifest is None:
            journal.begin(self._stream_id, origin, folder)
        journal.opened(msn)

    def _write(self, journal: RecordingJournal, finished: Finished) -> None:
        journal.append(finished)
        self._remember(journal)
        self._watch_space()

    def _write_seal(self, journal: RecordingJournal) -> None:
        if journal.manifest is not None and not journal.manifest.sealed:
            journal.seal()
            self._remember(journal)

    def _watch_space(self) -> None:
        """Warn once, while there is still time to make room."""
        state = os.statvfs(self._folder)
        low = state.f_bavail < _LOW * state.f_blocks
        if low and not self._low:
            free = state.f_bavail * state.f_frsize
            log.warning("recording_disk_low", alarm=True, stream=self._stream_id, free_bytes=free)
        self._low = low

    def _remember(self, journal: RecordingJournal) -> None:
        if journal.manifest is not None:
            self._info = journal.manifest.info()


def _run_all(jobs: list[Callable[[], None]]) -> None:
    for job in jobs:
        job()
