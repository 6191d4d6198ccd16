"""Writes a recording. Everything here blocks and belongs in a worker thread.

Order of writing: the bytes of both variants, synced; then the manifest's line, synced. What fails half-way is cut back to the
last whole segment as far as the disk allows; the next opening cuts the rest.
"""

import contextlib
import errno
import json
import os
from pathlib import Path
from typing import Any

from ...core.files import sync_folder
from ..hls.segments import Variant
from ..hls.window import Finished
from .manifest import (
    DATA,
    MANIFEST,
    Extent,
    Manifest,
    encoded,
    extent_of,
    header_line,
    init_line,
    read_extent,
    read_manifest,
    segment_line,
)


class RecordingJournal:
    """One recording, open for writing. Every method may raise OSError; after that only `close` may follow."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be, and cut off what a crash has torn."""
        self._folder = folder
        created = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        self.manifest = trusted(folder)
        if self.manifest is None and any(_has_bytes(folder / name) for name in DATA.values()):
            # Never begin anew over somebody's recording: a later version's, or one whose first line is spoiled.
            raise FileExistsError(errno.EEXIST, "a recording in a format that is not known", str(folder))
        self._files: dict[str, int] = {}
        try:
            sizes = {DATA[variant]: self.manifest.data_size(variant) if self.manifest else 0 for variant in Variant}
            sizes[MANIFEST] = self.manifest.size if self.manifest else 0
            for name, size in sizes.items():
                self._files[name] = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
                os.ftruncate(self._files[name], size)
                os.lseek(self._files[name], size, os.SEEK_SET)
            sync_folder(folder)
            if created:
                sync_folder(folder.parent)
        except OSError:
            self.close()
            raise

    def begin(self, stream: str, origin: int, folder: str) -> None:
        """Write the header of a new recording."""
        self._write(MANIFEST, encoded(header_line(stream, origin, folder)))
        os.fdatasync(self._files[MANIFEST])
        self.manifest = Manifest(stream, origin, folder)

    def append(self, finished: Finished) -> None:
        """Make a segment durable."""
        pieces = {
            Variant.LIVE: (finished.live, finished.live_bytes),
            Variant.SOUND: (finished.sound, finished.sound_bytes),
        }
        lines: list[dict[str, Any]] = []
        placed = {}
        for variant, (segment, data) in pieces.items():
            if (variant, segment.init.name) not in self._known.inits:
                lines.append(init_line(variant, segment.init, self._add(variant, segment.init.data)))
            placed[variant] = (segment, self._add(variant, data))
        for variant in Variant:
            os.fdatasync(self._files[DATA[variant]])
        self._append(*lines, segment_line(placed))
        os.fdatasync(self._files[MANIFEST])

    def seal(self) -> None:
        """Say that nothing more will come."""
        self._append({"kind": "sealed"})
        os.fdatasync(self._files[MANIFEST])

    def read(self, variant: Variant, where: Extent) -> bytes:
        return read_extent(self._files[DATA[variant]], where)

    def give_up(self) -> None:
        """After an error: cut back to the last whole segment. A full disk still allows that; nothing is raised."""
        for name, size in self._good_sizes().items():
            if name in self._files:
                try:
                    os.ftruncate(self._files[name], size)
                except OSError:
                    continue  # the next opening does it
        self.close()

    def close(self) -> None:
        """Safe to call twice. A recording that never began leaves nothing behind."""
        names = list(self._files)
        while self._files:
            _, file = self._files.popitem()
            os.close(file)
        if self.manifest is None and names:
            with contextlib.suppress(OSError):
                for name in names:
                    (self._folder / name).unlink()
                self._folder.rmdir()

    @property
    def _known(self) -> Manifest:
        if self.manifest is None:
            raise RuntimeError("the recording has not begun")
        return self.manifest

    def _good_sizes(self) -> dict[str, int]:
        manifest = self.manifest
        if manifest is None:
            return {MANIFEST: 0, **dict.fromkeys(DATA.values(), 0)}
        return {MANIFEST: manifest.size, **{DATA[variant]: manifest.data_size(variant) for variant in Variant}}

    def _add(self, variant: Variant, data: bytes) -> Extent:
        file = self._files[DATA[variant]]
        where = extent_of(data, os.lseek(file, 0, os.SEEK_CUR))
        self._write(DATA[variant], data)
        return where

    def _append(self, *lines: dict[str, Any]) -> None:
        """Write manifest lines in one go, and know them."""
        self._write(MANIFEST, b"".join(encoded(line) for line in lines))
        sizes = {variant: os.lseek(self._files[DATA[variant]], 0, os.SEEK_CUR) for variant in Variant}
        for line in lines:
            self._known.add(line, sizes)
        self._known.size = os.lseek(self._files[MANIFEST], 0, os.SEEK_CUR)

    def _write(self, name: str, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._files[name], view) :]


def trusted(folder: Path) -> Manifest | None:
    """What can be relied on: the manifest up to the last segment whose bytes are what they should be. Only reads.

    A crash tears the end and nothing else. Where a spoiled line has good ones behind it the disk has erred, and cutting there
    could throw hours away: OSError then, and a person decides.
    """
    manifest = read_manifest(folder)
    if manifest is not None:
        rest = (folder / MANIFEST).read_bytes()[manifest.size :].split(b"\n")
        if not _is_line(rest[0]) and any(_is_line(line) for line in rest[1:]):
            raise OSError(errno.EIO, "the manifest is damaged in its middle", str(folder))
    while manifest is not None and manifest.segments and not _intact(folder, manifest):
        manifest = read_manifest(folder, upto=manifest.last_line)
    return manifest


def _is_line(data: bytes) -> bool:
    try:
        line = json.loads(data)
    except ValueError:
        return False
    return isinstance(line, dict) and "kind" in line


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _intact(folder: Path, manifest: Manifest) -> bool:
    for variant, segment in manifest.segments[-1].variants.items():
        with (folder / DATA[variant]).open("rb") as file:
            data = read_extent(file.fileno(), segment.where)
        if extent_of(data, segment.where.offset) != segment.where:
            return False
    return True
