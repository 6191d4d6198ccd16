"""All recordings of one recordings folder, by stream id.

Nobody writes to a recording but the stream's output. One that was left open by a crash and whose stream does not come back is
sealed by whoever asks for it here. Reading never waits for writing: the manifest says what is whole.
"""

import asyncio
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

from ...core.files import sync_folder
from ..hls.segments import Variant
from ..model import RecordingInfo
from .downloads import Download, Downloads
from .journal import RecordingJournal
from .manifest import DATA, MANIFEST, Manifest, extent_of, read_extent, read_manifest
from .numbers import forget_numbers
from .replay import Replay, load_replay

Result = TypeVar("Result")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_MOST_REPLAYS = 64  # kept in memory, with their playlists


class Recordings:
    def __init__(self, folder: Path, *, disk: Executor, remux: Executor) -> None:
        self._folder = folder
        self._disk = disk
        self._downloads = Downloads(remux)
        self._replays: OrderedDict[str, tuple[int, Replay]] = OrderedDict()

    def path(self, stream_id: str) -> Path:
        """Where a stream is recorded. Raise ValueError for an id that is no file name."""
        if not _NAME.match(stream_id):
            raise ValueError("not a stream id")
        return self._folder / stream_id

    async def info(self, stream_id: str, *, in_use: bool) -> RecordingInfo | None:
        """What is recorded; None if nothing is. With nobody using it the recording is sealed. Raise OSError if that fails."""
        return await self._in_thread(lambda: _look(self.path(stream_id), in_use=in_use))

    async def replay(self, stream_id: str) -> Replay | None:
        """The replay of a sealed recording."""
        if not _NAME.match(stream_id):
            return None
        return await self._in_thread(lambda: self._replay(stream_id))

    async def read(self, replay: Replay, name: str) -> bytes | None:
        return await self._in_thread(lambda: replay.read(name))

    async def start_download(self, stream_id: str) -> Download:
        """See that the recording is being made into an MP4; a second call joins the first."""
        path = self.path(stream_id)
        found = await self._in_thread(lambda: self._downloads.look(path))
        if found.state in ("none", "failed"):
            self._downloads.start(path)
            return Download("preparing")
        return found

    async def download(self, stream_id: str) -> Download:
        path = self.path(stream_id)
        return await self._in_thread(lambda: self._downloads.look(path))

    async def discard(self, stream_id: str) -> None:
        """Remove a recording that nobody writes to, with all that was made of it. Raises OSError; one that is gone is fine."""
        path = self.path(stream_id)
        await self._downloads.abandon(path)
        self._replays.pop(stream_id, None)
        await self._in_thread(lambda: remove(path))

    async def close(self) -> None:
        await self._downloads.close()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    def _replay(self, stream_id: str) -> Replay | None:
        path = self.path(stream_id)
        try:
            changed = (path / MANIFEST).stat().st_mtime_ns
        except FileNotFoundError:
            return None
        known = self._replays.get(stream_id)
        if known is not None and known[0] == changed:
            return known[1]
        replay = load_replay(path)
        if replay is None or not replay.manifest.sealed:
            return None
        self._replays[stream_id] = (changed, replay)
        while len(self._replays) > _MOST_REPLAYS:
            self._replays.popitem(last=False)
        return replay


def _look(path: Path, *, in_use: bool) -> RecordingInfo | None:
    manifest = read_manifest(path)
    info = manifest.info() if manifest is not None else None
    if info is None or info.sealed or in_use:
        return info
    return seal(path)


def seal(path: Path) -> RecordingInfo | None:
    """Repair and seal a recording that a crash has left open. Blocks. Raises OSError."""
    journal = RecordingJournal(path)
    try:
        if journal.manifest is not None and journal.manifest.segments:
            journal.seal()
            forget_numbers(path)
        return journal.manifest.info() if journal.manifest is not None else None
    finally:
        journal.close()


def remove(path: Path) -> None:
    """Blocks. Raises OSError. The manifest goes first: what a crash leaves is then no recording, and no damaged one either."""
    try:
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def examine_recordings(folder: Path) -> Iterator[tuple[bool, str]]:
    """For the doctor: each recording, whether it is at fault, and the words. Reads every byte; changes nothing.

    A server may go on writing and throwing away meanwhile: neither is a fault. Raises OSError if the folder cannot be listed.
    """
    for path in sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []:
        try:
            finding = _examined(path)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not (path / MANIFEST).exists():
                continue  # thrown away while we read
            finding = True, f"{path.name}: {error.strerror}"
        if finding is not None:
            yield finding


def _examined(path: Path) -> tuple[bool, str] | None:
    manifest = read_manifest(path)
    if manifest is None:
        if not path.joinpath(MANIFEST).exists() or not path.joinpath(MANIFEST).stat().st_size:
            return None
        return True, f"{path.name}: the first line of its manifest makes no sense, or is a later version's"
    damaged = list(_damaged(path, manifest))
    still_written = (path / MANIFEST).stat().st_size != manifest.found
    torn = 0 if still_written else manifest.found - manifest.size
    words = f"{path.name}: {len(manifest.segments)} segments, {'sealed' if manifest.sealed else 'open'}"
    if damaged:
        return True, f"{words}; damaged: {', '.join(damaged)}"
    if torn:
        return True, f"{words}; {torn} bytes at the end of the manifest make no sense (repaired when it is opened)"
    return False, words


def _damaged(path: Path, manifest: Manifest) -> Iterator[str]:
    for variant in Variant:
        with (path / DATA[variant]).open("rb") as file:
            pieces = [(extent, f"init section {name}") for (of, name), (extent, _) in manifest.inits.items() if of is variant]
            pieces += [(each.variants[variant].where, f"segment {each.msn}") for each in manifest.segments]
            for where, name in pieces:
                if extent_of(read_extent(file.fileno(), where), where.offset) != where:
                    yield f"{DATA[variant]} {name}"
