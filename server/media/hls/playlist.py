"""Writes playlists. Synchronous and without state: the same input gives the same text.

Child URIs end in a NUL until the very end, where the caller's own query parameters (a token, say) take its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..cmaf.timeline import TICKS, micros_at
from .segments import InitSection, Segment, Variant, part_name, segment_name

_QUERY = "\0"


@dataclass(frozen=True, slots=True)
class Timing:
    """What a stream's playlists promise, in seconds. It stays the same for the life of the stream."""

    part_target: float
    target_duration: int

    @property
    def part_hold_back(self) -> float:
        return 3 * self.part_target

    @property
    def hold_back(self) -> float:
        return 3 * float(self.target_duration)

    @property
    def skip_until(self) -> float:
        return 6 * float(self.target_duration)


@dataclass(frozen=True, slots=True)
class Report:
    """EXT-X-RENDITION-REPORT of the other variant."""

    variant: Variant
    last_msn: int
    last_part: int | None


@dataclass(frozen=True, slots=True)
class LivePlaylist:
    """All that one rendering needs. `segments` are in order; the last one may be open."""

    variant: Variant
    timing: Timing
    folder: str
    segments: Sequence[Segment]
    discontinuity_sequence: int
    ended: bool
    hint: tuple[int, int] | None  # MSN and part that come next
    report: Report | None


def programme_date(origin: int, ticks: int) -> str:
    """EXT-X-PROGRAM-DATE-TIME of a decode time, in milliseconds."""
    moment = micros_at(origin, ticks) + 500
    seconds, micros = divmod(moment, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros // 1000:03d}Z"


def render_live(playlist: LivePlaylist, *, skip: bool = False, skip_dates: bool = False, query: str = "") -> str:
    """A media playlist, whole or as a delta update (section 6.2.5.1). `query` begins with `?` or is empty."""
    timing = playlist.timing
    total = sum(segment.length for segment in playlist.segments)
    skipped = _skippable(playlist, total) if skip and not playlist.ended else 0
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{10 if skipped and skip_dates else 9}",
        f"#EXT-X-TARGETDURATION:{timing.target_duration}",
        f"#EXT-X-SERVER-CONTROL:{_control(timing)}",
        f"#EXT-X-PART-INF:PART-TARGET={timing.part_target:.3f}",
        f"#EXT-X-MEDIA-SEQUENCE:{playlist.segments[0].msn if playlist.segments else 0}",
    ]
    if playlist.discontinuity_sequence:
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.discontinuity_sequence}")
    if skipped:
        removed = ',RECENTLY-REMOVED-DATERANGES=""' if skip_dates else ""
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}{removed}")
    _write_segments(lines, playlist, skipped, total)
    if playlist.ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        _write_outlook(lines, playlist)
    return ("\n".join(lines) + "\n").replace(_QUERY, query)


def _control(timing: Timing) -> str:
    holds = f"HOLD-BACK={timing.hold_back:.1f},PART-HOLD-BACK={timing.part_hold_back:.3f}"
    return f"CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={timing.skip_until:.1f},{holds}"


def _skippable(playlist: LivePlaylist, total: int) -> int:
    """How many segments lie wholly beyond the skip boundary."""
    boundary = round(playlist.timing.skip_until * TICKS)
    left = total
    for count, segment in enumerate(playlist.segments):
        left -= segment.length
        if left < boundary:
            return count
    return len(playlist.segments)


def _write_segments(lines: list[str], playlist: LivePlaylist, skipped: int, total: int) -> None:
    letter = playlist.variant
    init: InitSection | None = None
    remaining = total
    with_parts = round(3 * playlist.timing.target_duration * TICKS)
    for index, segment in enumerate(playlist.segments):
        remaining -= segment.length
        if index < skipped:
            init = segment.init
            continue
        if segment.discontinuity:
            lines.append("#EXT-X-DISCONTINUITY")
        if init is None or segment.init.name != init.name:
            lines.append(f'#EXT-X-MAP:URI="{playlist.folder}/{segment.init.name}{_QUERY}"')
            init = segment.init
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{segment.date}")
        if remaining < with_parts:
            for number, part in enumerate(segment.parts):
                independent = ",INDEPENDENT=YES" if part.independent else ""
                uri = f"{playlist.folder}/{part_name(letter, segment.msn, number)}{_QUERY}"
                lines.append(f'#EXT-X-PART:DURATION={part.duration / TICKS:.5f},URI="{uri}"{independent}')
        if segment.duration is not None:
            if segment.gap:
                lines.append("#EXT-X-GAP")
            lines.append(f"#EXTINF:{segment.duration / TICKS:.5f},")
            lines.append(f"{playlist.folder}/{segment_name(letter, segment.msn)}{_QUERY}")


def _write_outlook(lines: list[str], playlist: LivePlaylist) -> None:
    if playlist.hint is not None:
        uri = f"{playlist.folder}/{part_name(playlist.variant, *playlist.hint)}{_QUERY}"
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{uri}"')
    report = playlist.report
    if report is not None:
        part = "" if report.last_part is None else f",LAST-PART={report.last_part}"
        lines.append(f'#EXT-X-RENDITION-REPORT:URI="{report.variant.value}.m3u8{_QUERY}",LAST-MSN={report.last_msn}{part}')


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One EXT-X-STREAM-INF; rates in bits per second."""

    uri: str
    codecs: str
    peak_rate: int
    average_rate: int
    size: tuple[int, int] | None
    frame_rate: float | None


def render_multivariant(variants: Sequence[VariantLine], *, query: str = "") -> str:
    """The multivariant playlist. A segment cut at the limit may lack a key frame: EXT-X-INDEPENDENT-SEGMENTS is not claimed."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:9"]
    for variant in variants:
        size = f",RESOLUTION={variant.size[0]}x{variant.size[1]}" if variant.size else ""
        rate = f",FRAME-RATE={variant.frame_rate:.3f}" if variant.frame_rate else ""
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.peak_rate},AVERAGE-BANDWIDTH={variant.average_rate},"
            f'CODECS="{variant.codecs}"{size}{rate}'
        )
        lines.append(f"{variant.uri}{query}")
    return "\n".join(lines) + "\n"
