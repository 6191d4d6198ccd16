"""The end of a recording as players need it after a restart: the newest segments, and gaps where a crash has lost some."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..cmaf.timeline import AAC_TICKS, TICKS
from ..hls.playlist import programme_date
from ..hls.segments import InitSection, Segment, Variant, init_of
from ..hls.window import Finished
from .manifest import DATA, Manifest, Recorded, read_extent


@dataclass(frozen=True, slots=True)
class Tail:
    """What a window is filled with. `discontinuities` happened before the first segment; `end` is in ticks from the origin."""

    segments: list[Finished]
    discontinuities: int
    end: int


def read_tail(folder: Path, manifest: Manifest, next_msn: int, *, length: float, gap: float) -> Tail:
    """The last `length` seconds before segment `next_msn`. Blocks.

    A lost segment is given `gap` seconds, since nobody knows its length any more. Of what lies before a hole as long as the
    list nothing is listed: who comes back is given the next number, and has nothing to go back to.
    """
    wanted, each = round(length * TICKS), round(gap * TICKS)
    first, following = len(manifest.segments), next_msn
    while first > 0 and wanted > 0:
        recorded = manifest.segments[first - 1]
        lost = (following - recorded.msn - 1) * each
        if lost >= wanted:
            break
        wanted -= lost + recorded.live.duration
        first, following = first - 1, recorded.msn
    with _open_data(folder) as files:
        finished = [_finished(manifest, files, recorded) for recorded in manifest.segments[first:]]
    discontinuities = sum(recorded.discontinuity for recorded in manifest.segments[:first])
    segments = list(_with_gaps(finished, manifest, next_msn, each))
    end = segments[-1].live.start + segments[-1].live.length if segments else manifest.end
    return Tail(segments, discontinuities, end)


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


def _with_gaps(finished: list[Finished], manifest: Manifest, next_msn: int, gap: int) -> Iterator[Finished]:
    """Fill in a gap for every number that players may have seen something under, as long as there is room for."""
    before: Finished | None = None
    for each in finished:
        if before is not None and (lost := each.live.msn - before.live.msn - 1):
            room = each.live.start - before.live.start - before.live.length
            for _ in range(lost):
                before = _gap_after(before, manifest, max(min(room // lost, gap), AAC_TICKS))
                yield before
        yield each
        before = each
    while before is not None and before.live.msn + 1 < next_msn:
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
