"""MP4 files made on demand, one at a time in a thread of low priority, so that nobody's live stream notices."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from .manifest import MANIFEST
from .mp4 import DOWNLOAD, Cancelled, write_mp4

log = structlog.get_logger(__name__)

Progress = Callable[[float], bool]
DownloadState = Literal["none", "preparing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Download:
    """How far the MP4 of a recording is. `fault` is disk_full or recording_damaged when it failed."""

    state: DownloadState
    progress: float = 0.0
    path: Path | None = None
    fault: str | None = None


class Downloads:
    """The jobs of one process. A finished file is found again after a restart; a failed one may be asked for again."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._progress: dict[Path, float] = {}
        self._faults: dict[Path, str] = {}
        self._jobs: dict[Path, tuple[Future[Path], asyncio.Future[Path]]] = {}  # in its thread, and as the loop sees it
        self._abandoned: set[Path] = set()
        self._closed = False

    def start(self, folder: Path) -> None:
        """See that the file is made; does nothing where it is being made. Call `look` to know whether it is needed."""
        if folder in self._progress or folder in self._abandoned or self._closed:
            return
        self._progress[folder] = 0.0
        self._faults.pop(folder, None)
        running = self._executor.submit(write_mp4, folder, self._reporter(folder))
        job = asyncio.wrap_future(running)
        self._jobs[folder] = running, job
        job.add_done_callback(lambda done: self._done(folder, done))

    def look(self, folder: Path) -> Download:
        """Blocks for a moment: it looks at the disk."""
        progress = self._progress.get(folder)
        if progress is not None:
            return Download("preparing", progress)
        path = folder / DOWNLOAD
        if _is_current(path, folder / MANIFEST):
            return Download("ready", 1.0, path)
        fault = self._faults.get(folder)
        return Download("none") if fault is None else Download("failed", fault=fault)

    async def abandon(self, folder: Path) -> None:
        """Never again make a file of this recording, and wait until nobody does."""
        self._abandoned.add(folder)
        self._faults.pop(folder, None)
        if folder in self._jobs:
            running, job = self._jobs[folder]
            if not running.cancel():  # it has begun, and soon asks whether to go on
                await asyncio.wait([job])

    async def close(self) -> None:
        """Abandon what is under way; it leaves nothing behind."""
        self._closed = True
        if self._jobs:
            await asyncio.wait([job for _, job in self._jobs.values()])

    def _reporter(self, folder: Path) -> Progress:
        def report(share: float) -> bool:
            self._progress[folder] = share
            return not self._closed and folder not in self._abandoned

        return report

    def _done(self, folder: Path, job: "asyncio.Future[Path]") -> None:
        self._jobs.pop(folder, None)
        self._progress.pop(folder, None)
        error = None if job.cancelled() else job.exception()
        if error is None or isinstance(error, Cancelled):
            return
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        self._faults[folder] = "disk_full" if full else "recording_damaged"
        unforeseen = None if isinstance(error, OSError | ValueError) else error
        log.error(
            "download_failed",
            alarm=True,
            stream=folder.name,
            fault=self._faults[folder],
            reason=str(error),
            exc_info=unforeseen,
        )


def _is_current(path: Path, manifest: Path) -> bool:
    """A file older than the manifest lacks what was recorded since. What cannot be looked at cannot be downloaded either."""
    try:
        return path.stat().st_mtime_ns >= manifest.stat().st_mtime_ns
    except OSError:
        return False
