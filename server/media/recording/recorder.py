"""Records a stream, off the event loop: the live segments, as they are, made durable one by one.

Disk trouble stops the recording and never the stream: the fault is kept, an alarm is logged, and whatever was whole stays
playable. Every minute the disk is tried again; the fault is over when a segment is durable, and the replay leaves out what is
missing. Segments wait in memory while the disk is slow, but not more than a minute of them.
"""

import asyncio
import contextlib
import errno
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import structlog

from ...core.clock import Clock
from ..hls.window import Finished
from ..model import MICROS, RecordingInfo
from .journal import RecordingJournal, trusted
from .manifest import MANIFEST, Manifest
from .numbers import Numbers, forget_numbers, next_number, read_numbers
from .tail import Tail, read_tail

log = structlog.get_logger(__name__)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LONGEST_QUEUE = 30  # segments
_LOW = 0.1  # share of free space at which an operator should hear of it
_AGAIN = 60.0  # seconds until a disk that refused is tried again


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is of a recording already: where the stream goes on."""

    manifest: Manifest
    tail: Tail
    next_msn: int


@dataclass(frozen=True, slots=True)
class _Opened:
    """The newest segment that players may have seen parts of, and the clock and names it belongs to."""

    msn: int
    at: int  # in microseconds of the wall clock
    origin: int
    folder: str


class Recorder:
    """One stream's recording. Call everything from the event loop; one job at a time runs in a thread."""

    def __init__(self, folder: Path, stream_id: str, executor: Executor, clock: Clock) -> None:
        self.fault: str | None = None
        self._folder = folder
        self._stream_id = stream_id
        self._executor = executor
        self._clock = clock
        self._journal: RecordingJournal | None = None  # None before the first and while the disk refuses
        self._numbers: Numbers | None = None  # kept through a fault
        self._newest: _Opened | None = None
        self._before = -1  # the newest number an earlier run may have used
        self._jobs: deque[Callable[[], None]] = deque()
        self._running: asyncio.Future[None] | None = None
        self._spoilt = False  # the journal is to be given up as soon as its job ends
        self._proven = False  # a segment became durable since the journal was opened
        self._again_at: float | None = None
        self._info: RecordingInfo | None = None
        self._over = self._sealed = False
        self._low = False

    async def open(self, *, window: float, gap: float, shortest: float) -> Kept | None:
        """Open or make the recording; gives what there is of it. A fault is kept, not raised: what can still be read of a
        recording that cannot be written is given all the same, for players have seen it."""

        def work() -> tuple[Kept | None, OSError | None]:
            fault: OSError | None = None
            manifest: Manifest | None = None
            try:
                self._journal = RecordingJournal(self._folder)
                self._numbers = Numbers(self._folder)
                manifest = self._journal.manifest
            except OSError as error:
                fault = error
                with contextlib.suppress(OSError):
                    manifest = trusted(self._folder)
            if manifest is None:
                return None, fault
            try:
                return self._look_back(manifest, window, gap, shortest), fault
            except OSError as error:
                return None, fault or error

        kept, fault = await asyncio.get_running_loop().run_in_executor(self._executor, work)
        if fault is not None:
            self._stop(fault)
        return kept

    def _look_back(self, manifest: Manifest, window: float, gap: float, shortest: float) -> Kept:
        self._info = manifest.info()
        next_msn = next_number(manifest.newest, read_numbers(self._folder), self._now(), shortest)
        self._before = next_msn - 1
        return Kept(manifest, read_tail(self._folder, manifest, next_msn, length=window, gap=gap), next_msn)

    def _now(self) -> int:
        return round(self._clock.now().timestamp() * MICROS)

    @property
    def active(self) -> bool:
        """Whether what comes is being recorded, as far as is known."""
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
        """A segment has begun. The first one begins the recording. The number is kept even while nothing can be recorded."""
        opened = self._newest = _Opened(msn, self._now(), origin, folder)
        if self._numbers is not None:
            self._submit(lambda: self._write_opened(opened))

    def append(self, finished: Finished) -> None:
        if self._journal is not None:
            self._submit(lambda: self._write(finished))

    def look(self, now: float) -> None:
        """Time has passed, `now` in seconds of the monotonic clock: a disk that refused is tried again every minute."""
        if self.fault is None or self._over or self.busy:
            return
        if self._again_at is None:
            self._again_at = now + _AGAIN
        elif now >= self._again_at:
            self._again_at = None
            self._start(self._take_up)

    async def seal(self) -> None:
        """Wait for what is pending and close the recording for good."""
        self._over = True
        if self._journal is not None:
            self._submit(self._write_seal)
        await self._settled()
        self._sealed = True
        await self._close()

    async def close(self) -> None:
        """Wait for what is pending; the recording can be opened again."""
        self._over = True
        await self._settled()
        await self._close()

    def _submit(self, work: Callable[[], None]) -> None:
        if self._sealed or self._spoilt:
            return
        if len(self._jobs) >= 2 * _LONGEST_QUEUE:
            self._stop(OSError(errno.EIO, "the disk does not keep up"))
            return
        self._jobs.append(work)
        if self._running is None:
            self._next()

    def _next(self) -> None:
        jobs = list(self._jobs)
        self._jobs.clear()
        self._start(lambda: _run_all(jobs))

    def _start(self, work: Callable[[], None]) -> None:
        self._running = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._running.add_done_callback(self._done)

    def _done(self, job: "asyncio.Future[None]") -> None:
        self._running = None
        error = None if job.cancelled() else job.exception()
        if error is not None:
            self._stop(error)
        elif self._spoilt:
            self._give_up()
        else:
            if self.fault is not None and self._proven:
                self.fault = None
                log.info("recording_resumed", stream=self._stream_id)
            if self._jobs:
                self._next()

    def _stop(self, error: BaseException) -> None:
        """The recording ends here, for now; the stream goes on."""
        again = self.fault is not None
        number = error.errno if isinstance(error, OSError) else None
        self.fault = "disk_full" if number in _FULL else "folder_unwritable"
        self._jobs.clear()
        unforeseen = None if isinstance(error, OSError) else error
        about = {"stream": self._stream_id, "fault": self.fault, "reason": str(error)}
        if again:
            log.warning("recording_not_resumed", **about, exc_info=unforeseen)
        else:
            log.error("recording_stopped", alarm=True, **about, exc_info=unforeseen)
        if self._running is None:
            self._give_up()
        else:
            self._spoilt = True

    def _give_up(self) -> None:
        self._spoilt = self._proven = False
        journal, self._journal = self._journal, None
        if journal is not None:
            newest = self._newest

            def work() -> None:
                journal.give_up()
                if newest is not None:
                    self._write_opened(newest)

            self._start(work)

    def _take_up(self) -> None:
        """Open the recording again, in the middle of the stream."""
        journal = RecordingJournal(self._folder)
        try:
            if self._numbers is None:
                self._numbers = Numbers(self._folder)
            if self._newest is not None:
                self._enter(journal, self._newest)
        except OSError:
            journal.close()
            raise
        self._journal = journal

    async def _settled(self) -> None:
        while self._running is not None:
            await asyncio.wait([self._running])
            await asyncio.sleep(0)  # lets _done start what came meanwhile

    async def _close(self) -> None:
        journal, self._journal = self._journal, None
        numbers, self._numbers = self._numbers, None
        if journal is not None or numbers is not None:
            await asyncio.get_running_loop().run_in_executor(self._executor, lambda: self._let_go(journal, numbers))

    def _let_go(self, journal: RecordingJournal | None, numbers: Numbers | None) -> None:
        begun = journal.manifest is not None if journal is not None else (self._folder / MANIFEST).exists()
        if numbers is not None:
            with contextlib.suppress(OSError):
                numbers.settle(max(self._before, self._newest.msn if self._newest is not None else -1))
            numbers.close()
        if not begun or (journal is not None and self._sealed):
            forget_numbers(self._folder)
        if journal is not None:
            journal.close()
        elif not begun:
            with contextlib.suppress(OSError):
                self._folder.rmdir()

    def _write_opened(self, opened: _Opened) -> None:
        journal, numbers = self._journal, self._numbers
        if journal is not None:
            self._enter(journal, opened)
        elif numbers is not None:
            with contextlib.suppress(OSError):  # a disk that takes nothing at all: the line grows old
                numbers.note(opened.msn, opened.at)

    def _enter(self, journal: RecordingJournal, opened: _Opened) -> None:
        """Let the recording be that of this stream, and know of the segment."""
        began = journal.manifest is None
        if journal.manifest is None:
            journal.begin(self._stream_id, opened.origin, opened.folder)
        elif journal.manifest.folder != opened.folder:
            # It could not even be read when the stream was opened, which has another clock and other names since.
            raise FileExistsError(errno.EEXIST, "the recording of an earlier run", str(self._folder))
        if self._numbers is not None:
            self._numbers.note(opened.msn, opened.at, sync=began)

    def _write(self, finished: Finished) -> None:
        journal, numbers, newest = self._journal, self._numbers, self._newest
        if journal is None or numbers is None or newest is None:
            return
        journal.append(finished)
        # The next segment is known before anybody sees it: the line about it would not outlive a loss of power.
        numbers.note(finished.live.msn + 1, newest.at, sync=True)
        self._proven = True
        self._remember(journal)
        self._watch_space()

    def _write_seal(self) -> None:
        journal = self._journal
        if journal is not None and journal.manifest is not None and not journal.manifest.sealed:
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
