"""One MP4 file of a recording, for download: the recorded samples behind a new index, nothing decoded or encoded.

Blocks for as long as it takes to copy the recording once; it belongs in a worker thread. The index comes first, so that players
start before they have the whole file. Space is reserved before anything is copied, and the file gets its name when it is whole.

A recording whose picture changed its size keeps it: each size has its own sample entry in the one picture track, as the format
allows (ISO/IEC 14496-12 section 8.5.2). Scaling would mean encoding anew.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...core.files import sync_folder
from ..cmaf.boxes import walk
from ..cmaf.fmp4 import SOUND_TRACK, VIDEO_TRACK, sound_entry
from ..cmaf.timeline import SOUND_RATE, TICKS
from ..hls.segments import Variant
from .manifest import DATA, Manifest, Recorded, read_extent, read_manifest
from .movie import Track, header
from .samples import runs_between

DOWNLOAD = "download.mp4"
_INDEXING = 0.1  # its share of the work
_BLOCK = 4 << 20


class Cancelled(Exception):
    """The process is closing."""


@dataclass(slots=True)
class _Contents:
    """What goes into the file: the tracks, and which bytes of the recording follow each other in the mdat."""

    picture: Track = field(default_factory=lambda: Track(VIDEO_TRACK, TICKS))
    sound: Track = field(default_factory=lambda: Track(SOUND_TRACK, SOUND_RATE))
    pieces: list[tuple[int, int]] = field(default_factory=list)  # offset and length in the recording
    size: int = 0

    def take(self, offset: int, length: int) -> None:
        if self.pieces and sum(self.pieces[-1]) == offset:
            offset, length = self.pieces[-1][0], self.pieces.pop()[1] + length
        self.pieces.append((offset, length))


def write_mp4(folder: Path, progress: Callable[[float], bool]) -> Path:
    """Make `download.mp4` in the folder of a recording.

    `progress` is told how far it is, 0 to 1, and answers whether to go on. Raise OSError (a full disk), ValueError (a damaged
    recording, or none) or Cancelled; nothing is left behind then.
    """
    manifest = read_manifest(folder)
    if manifest is None or not manifest.segments:
        raise ValueError("nothing was recorded")
    target = folder / DOWNLOAD
    part = target.with_name(f".{DOWNLOAD}.part")
    source = os.open(folder / DATA[Variant.LIVE], os.O_RDONLY | os.O_CLOEXEC)
    try:
        contents = _gather(source, manifest, progress)
        _write(source, part, contents, progress)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        os.close(source)
    sync_folder(folder)
    return target


def _gather(source: int, manifest: Manifest, progress: Callable[[float], bool]) -> _Contents:
    contents = _Contents()
    contents.sound.entry(sound_entry())
    first = manifest.segments[0]
    # Sound begins a little before the picture; the file begins with it.
    position = _lead(first)
    shift = position - first.live.start
    for index, recorded in enumerate(manifest.segments):
        _tell(progress, _INDEXING * index / len(manifest.segments))
        if recorded.resumes:
            shift = position - recorded.live.start
        _gather_segment(source, manifest, recorded, shift, contents)
        position = recorded.live.start + shift + recorded.live.duration
    # The last picture is shown as long as the recording lasts, whatever was written while its successor was unknown.
    picture = contents.picture
    if picture.times:
        picture.end = max(position, picture.times[-1] + 1)
    return contents


def _lead(first: Recorded) -> int:
    return max(first.live.start - first.variants[Variant.SOUND].start, 0)


def _gather_segment(source: int, manifest: Manifest, recorded: Recorded, shift: int, contents: _Contents) -> None:
    init, described = manifest.inits[Variant.LIVE, recorded.live.init]
    entry = 0
    if described["width"]:
        contents.picture.size = contents.picture.size or (described["width"], described["height"])
        entry = contents.picture.entry(_picture_entry(read_extent(source, init)))
    where = recorded.live.where
    for run in runs_between(source, where.offset, where.end):
        if run.track == VIDEO_TRACK:
            left_out = contents.picture.add(run, shift, entry, contents.size)
        else:
            left_out = contents.sound.add(run, round(shift * SOUND_RATE / TICKS), 1, contents.size)
        length = run.size - left_out
        if length:
            contents.take(run.offset + left_out, length)
            contents.size += length


def _picture_entry(init: bytes) -> bytes:
    """The `avc1` box of an init section, header and all."""
    start, end = 0, len(init)
    for wanted in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        start, end = next((begin, stop) for kind, begin, stop in walk(init, start, end) if kind == wanted)
    (size,) = struct.unpack_from(">I", init, start + 8)
    return init[start + 8 : start + 8 + size]


def _write(source: int, part: Path, contents: _Contents, progress: Callable[[float], bool]) -> None:
    tracks = [track for track in (contents.picture, contents.sound) if track.sizes]
    head = header(tracks, contents.size)
    target = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    try:
        os.posix_fallocate(target, 0, len(head) + contents.size)
        with os.fdopen(os.dup(target), "wb") as file:
            file.write(head)
        done = 0
        for offset, length in contents.pieces:
            _copy(source, target, offset, length)
            done += length
            _tell(progress, _INDEXING + (1 - _INDEXING) * done / contents.size)
        os.fsync(target)
    finally:
        os.close(target)


def _copy(source: int, target: int, offset: int, length: int) -> None:
    """Append a stretch of the recording, inside the kernel where the file system can."""
    while length:
        try:
            copied = os.copy_file_range(source, target, min(length, _BLOCK), offset_src=offset)
        except OSError:
            copied = os.write(target, os.pread(source, min(length, _BLOCK), offset))
        if copied == 0:
            raise ValueError("the recording is shorter than its manifest says")
        offset += copied
        length -= copied


def _tell(progress: Callable[[float], bool], share: float) -> None:
    if not progress(share):
        raise Cancelled
