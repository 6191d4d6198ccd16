"""Sealed pictures and voices on the disk: opaque bytes, each in a file that only the server's account reads.

A file is on the disk before its row is in the database, and goes before its row does: a crash in between leaves a file without
a row, or a row that is doomed, and both are swept. They are never served by any other way than through the rows.
"""

import asyncio
import errno
import shutil
import time
from collections.abc import Collection
from pathlib import Path

import structlog

from ..core.errors import Unavailable
from ..core.files import sync_folder, write_atomically
from ..core.ids import is_id

log = structlog.get_logger(__name__)

FOLDER = "talk-files"  # in the data folder
_SPARE = 256 * 1024 * 1024  # bytes of the disk that stay free for the database and the recordings
_ORPHAN = 600.0  # s; by then whoever handed it in has its row, or was refused
ENDING = ".sealed"


class BlobFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, blob_id: str, content: bytes) -> None:
        """Raise Unavailable `disk_full`."""
        await asyncio.to_thread(self._keep, blob_id, content)

    async def read(self, blob_id: str) -> bytes | None:
        try:
            return await asyncio.to_thread(self._path(blob_id).read_bytes)
        except FileNotFoundError:
            return None

    async def drop(self, blob_ids: Collection[str]) -> None:
        """When this returns they are gone, also after a crash."""
        await asyncio.to_thread(self._drop, blob_ids)

    async def old(self) -> list[str]:
        """Ids of files that have been there for ten minutes."""
        return await asyncio.to_thread(self._old)

    def _path(self, blob_id: str) -> Path:
        return self._folder / f"{blob_id}{ENDING}"

    def _keep(self, blob_id: str, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(self._folder).free < _SPARE + len(content):
                raise _full()
            write_atomically(self._path(blob_id), content, mode=0o600)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _full() from error
            raise

    def _drop(self, blob_ids: Collection[str]) -> None:
        for each in blob_ids:
            self._path(each).unlink(missing_ok=True)
        if blob_ids and self._folder.is_dir():
            sync_folder(self._folder)

    def _old(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        before = time.time() - _ORPHAN
        for part in self._folder.glob(".*.part"):  # of a process that was killed while it wrote
            if part.stat().st_mtime < before:
                part.unlink(missing_ok=True)
        found = (each for each in self._folder.glob(f"*{ENDING}") if each.stat().st_mtime < before)
        return [each.stem for each in found if is_id(each.stem)]


def _full() -> Unavailable:
    log.error("talk_files_disk_full", alarm=True)
    return Unavailable("disk_full", "服务器空间不足，请联系管理员", retry_after=600)
