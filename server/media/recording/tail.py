"""The end of a recording as players need it after a restart: the newest segments, and gaps where a crash has lost some."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..cmaf.timeline import TICKS
from ..hls.playlist import programme_date
from ..hls.segments import InitSection, Segment, Variant, init_of
from ..hls.window import Finished
from .manifest import DATA, Manifest, Recorded, read_extent


@dataclass(frozen=True, slots=True)
class Tail:
    """What a window is filled with. `discontinuities` happened before the first segment."""

    segments: list[Finished]
    discontinuities: int


def read_tail(folder: Path, manifest: Manifest, *, length: float, gap: float) -> Tail:
    """The last `length` seconds. Blocks. A lost segment is given `gap` seconds, since nobody knows its length any more."""
    wanted = round(length * TICKS)
    first = len(manifest.segments)
    while first > 0 and wanted > 0:
        first -= 1
        wanted -= manifest.segments[first].live.duration
    with _open_data(folder) as files:
        finished = [_finished(manifest, files, recorded) for recorded in manifest.segments[first:]]
    discontinuities = sum(recorded.discontinuity for recorded in manifest.segments[:first])
    return Tail(list(_with_gaps(finished, manifest, round(gap * TICKS))), discontinuities)


def _finished(manifest: Manifest, files: dict[Variant, int], recorded: Recorded) -> Finished:
    segments: dict[Variant, Segment] = {}
    data: dict[Variant, bytes] = {}
    for variant, kept in recorded.variants.items():
        init = _init(manifest, files, variant, kept.init)
        date = programme_date(manifest.origin, kept.start)
        segments[variant] = Segment(
            recorded.msn, kept.start, date, init, recorded.discontinuity, duration=kept.duration, size=kept.where.length
        )
        data[variant] = read_extent(files[variant], kept.where)
    return Finished(segments[Variant.LIVE], segments[Variant.SOUND], data[Variant.LIVE], data[Variant.SOUND])


def _init(manifest: Manifest, files: dict[Variant, int], variant: Variant, name: str) -> InitSection:
    where, described = manifest.inits[variant, name]
    return init_of(name, read_extent(files[variant], where), described["codecs"], described["width"], described["height"])


def _with_gaps(finished: list[Finished], manifest: Manifest, gap: int) -> Iterator[Finished]:
    """Fill in a gap for every number that players may have seen something under."""
    before: Finished | None = None
    for each in finished:
        while before is not None and before.live.msn + 1 < each.live.msn:
            before = _gap_after(before, manifest, gap)
            yield before
        yield each
        before = each
    while before is not None and before.live.msn < manifest.opened:
        before = _gap_after(before, manifest, gap)
        yield before


def _gap_after(before: Finished, manifest: Manifest, gap: int) -> Finished:
    lost = [
        Segment(
            segment.msn + 1,
            start := segment.start + segment.length,
            programme_date(manifest.origin, start),
            segment.init,
            discontinuity=False,
            duration=gap,
            gap=True,
        )
        for segment in (before.live, before.sound)
    ]
    return Finished(lost[0], lost[1], b"", b"")


@contextmanager
def _open_data(folder: Path) -> Iterator[dict[Variant, int]]:
    files: dict[Variant, int] = {}
    try:
        for variant, name in DATA.items():
            files[variant] = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC)
        yield files
    finally:
        for file in files.values():
            os.close(file)
