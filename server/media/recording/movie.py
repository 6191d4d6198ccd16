"""The sample tables of an MP4 file (ISO/IEC 14496-12 sections 8.5 to 8.7) made from recorded fragments.

Time: stretches that a discontinuity separates are joined without the pause between them, as in the replay, so that nobody sits
through a host's lost network. Inside a stretch every sample keeps its decode time; that holds sound and picture together.
"""

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ..cmaf.boxes import box, full_box
from ..cmaf.fmp4 import media_box, movie_header, track_header
from ..cmaf.timeline import TICKS
from .samples import Run

_FOUR_GIB = 1 << 32
_BRANDS = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")


@dataclass(slots=True)
class Track:
    """One track while it is gathered. `entries` are sample entries; a chunk names the one it is coded by."""

    number: int
    timescale: int
    size: tuple[int, int] | None = None
    entries: list[bytes] = field(default_factory=list)
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    times: "array[int]" = field(default_factory=lambda: array("q"))
    sync: "array[int]" = field(default_factory=lambda: array("I"))
    chunks: list[tuple[int, int, int]] = field(default_factory=list)  # samples, sample entry, offset in the mdat
    end: int = 0

    def entry(self, entry: bytes) -> int:
        """The number of a sample entry, counted from 1."""
        if entry not in self.entries:
            self.entries.append(entry)
        return self.entries.index(entry) + 1

    def add(self, run: Run, shift: int, entry: int, offset: int) -> int:
        """Append a run, `shift` later than it says, whose data will be at `offset`; gives how many bytes to leave out first."""
        time = run.decode_time + shift
        skipped = dropped = 0
        for size, duration, sync in zip(run.sizes, run.durations, run.sync, strict=True):
            if self.size is None and time < self.end - duration // 2:
                dropped += 1  # sound of a new stretch that would overlap the last one
                skipped += size
                time += duration
                continue
            time = max(time, self.times[-1] + 1) if self.times else time
            self.sizes.append(size)
            self.times.append(time)
            if sync:
                self.sync.append(len(self.sizes))
            time += duration
            self.end = time
        if dropped < len(run.sizes):
            self.chunks.append((len(run.sizes) - dropped, entry, offset))
        return skipped

    @property
    def start(self) -> int:
        return self.times[0] if self.times else 0

    @property
    def duration(self) -> int:
        """From the first sample to the end, in the track's timescale."""
        return self.end - self.start


def header(tracks: Sequence[Track], data_size: int) -> bytes:
    """Everything that goes before the samples: `ftyp`, `moov` and the header of `mdat`."""
    large = data_size >= _FOUR_GIB - (1 << 28)
    mdat = struct.pack(">I4sQ", 1, b"mdat", 16 + data_size) if large else struct.pack(">I4s", 8 + data_size, b"mdat")
    length = len(_BRANDS) + len(_movie(tracks, 0, large)) + len(mdat)
    return _BRANDS + _movie(tracks, length, large) + mdat


def _movie(tracks: Sequence[Track], base: int, large: bool) -> bytes:
    ends = [_in_movie(track, track.end) for track in tracks]
    traks = [_trak(track, base, large) for track in tracks]
    return box(b"moov", movie_header(TICKS, max(ends)), *traks)


def _trak(track: Track, base: int, large: bool) -> bytes:
    duration = _in_movie(track, track.duration)
    # A track that begins later than the other is preceded by an empty edit (section 8.6.6).
    delay = _in_movie(track, track.start)
    edits = [(delay, -1), (duration, 0)] if delay else [(duration, 0)]
    entries = b"".join(struct.pack(">qqI", *edit, 0x10000) for edit in edits)
    return box(
        b"trak",
        track_header(track.number, duration + delay, track.size),
        box(b"edts", full_box(b"elst", 1, 0, struct.pack(">I", len(edits)), entries)),
        media_box(track.timescale, track.duration, picture=track.size is not None, tables=_tables(track, base, large)),
    )


def _in_movie(track: Track, time: int) -> int:
    return round(time * TICKS / track.timescale)


def _tables(track: Track, base: int, large: bool) -> bytes:
    sync = [] if len(track.sync) == len(track.sizes) else [_counted(b"stss", len(track.sync), _words(track.sync))]
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", len(track.entries)), *track.entries),
        _durations(track),
        *sync,
        _chunk_lengths(track),
        full_box(b"stsz", 0, 0, struct.pack(">II", 0, len(track.sizes)), _words(track.sizes)),
        _chunk_offsets(track, base, large),
    )


def _durations(track: Track) -> bytes:
    """`stts`: how long each sample lasts is when the next one begins."""
    following = track.times[1:]
    following.append(track.end)
    deltas = [later - earlier for earlier, later in zip(track.times, following, strict=True)]
    grouped = [(len(list(group)), delta) for delta, group in groupby(deltas)]
    return _counted(b"stts", len(grouped), b"".join(struct.pack(">II", *each) for each in grouped))


def _chunk_lengths(track: Track) -> bytes:
    """`stsc`: from which chunk on a chunk has so many samples coded by such an entry."""
    rows: list[bytes] = []
    before: tuple[int, int] | None = None
    for number, (count, entry, _) in enumerate(track.chunks, start=1):
        if (count, entry) != before:
            rows.append(struct.pack(">III", number, count, entry))
            before = (count, entry)
    return _counted(b"stsc", len(rows), b"".join(rows))


def _chunk_offsets(track: Track, base: int, large: bool) -> bytes:
    offsets = [base + offset for _, _, offset in track.chunks]
    if large:
        return _counted(b"co64", len(offsets), struct.pack(f">{len(offsets)}Q", *offsets))
    return _counted(b"stco", len(offsets), struct.pack(f">{len(offsets)}I", *offsets))


def _counted(kind: bytes, count: int, rows: bytes) -> bytes:
    return full_box(kind, 0, 0, struct.pack(">I", count), rows)


def _words(values: "array[int]") -> bytes:
    if sys.byteorder == "little":
        values = values[:]
        values.byteswap()
    return values.tobytes()
