"""The rules of draft-pantos-hls-rfc8216bis for low latency, as a reader of playlists sees them.

`parse` reads a media playlist; `broken_rules` lists what a single one gets wrong, `broken_promises` what a newer one takes back
of an older one. Durations are compared with a tolerance of rounding only, unless a rule says otherwise.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

ROUNDING = 0.00002


@dataclass
class PartLine:
    duration: float
    uri: str
    independent: bool
    gap: bool


@dataclass
class SegmentLines:
    msn: int
    parts: list[PartLine] = field(default_factory=list)
    duration: float | None = None  # None while it is open
    uri: str | None = None
    date: datetime | None = None
    discontinuity: bool = False
    map: str | None = None
    gap: bool = False
    late_tags: list[str] = field(default_factory=list)  # tags that came after the first part


@dataclass
class MediaPlaylist:
    version: int = 1
    target_duration: int = 0
    part_target: float | None = None
    control: dict[str, str] = field(default_factory=dict)
    first_msn: int = 0
    discontinuity_sequence: int = 0
    skipped: int | None = None
    skip_tag: dict[str, str] = field(default_factory=dict)
    segments: list[SegmentLines] = field(default_factory=list)
    hints: list[dict[str, str]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)
    ended: bool = False

    @property
    def complete(self) -> list[SegmentLines]:
        return [segment for segment in self.segments if segment.duration is not None]

    @property
    def last_part(self) -> tuple[int, int] | None:
        """MSN and number of the newest part."""
        for segment in reversed(self.segments):
            if segment.parts:
                return segment.msn, len(segment.parts) - 1
        return None

    @property
    def length(self) -> float:
        return sum(
            sum(part.duration for part in segment.parts) if segment.duration is None else segment.duration
            for segment in self.segments
        )


def attributes(text: str) -> dict[str, str]:
    """An attribute list (section 4.2), quotes removed."""
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', text)}


def parse(text: str) -> MediaPlaylist:  # one branch for each tag
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    playlist = MediaPlaylist()
    segment = SegmentLines(msn=-1)
    duration: float | None = None
    current_map: str | None = None

    def late(tag: str) -> None:
        if segment.parts:
            segment.late_tags.append(tag)

    for line in lines[1:]:
        tag, _, value = line.partition(":")
        match tag:
            case "#EXT-X-VERSION":
                playlist.version = int(value)
            case "#EXT-X-TARGETDURATION":
                playlist.target_duration = int(value)
            case "#EXT-X-SERVER-CONTROL":
                playlist.control = attributes(value)
            case "#EXT-X-PART-INF":
                playlist.part_target = float(attributes(value)["PART-TARGET"])
            case "#EXT-X-MEDIA-SEQUENCE":
                playlist.first_msn = int(value)
            case "#EXT-X-DISCONTINUITY-SEQUENCE":
                playlist.discontinuity_sequence = int(value)
            case "#EXT-X-SKIP":
                assert playlist.skipped is None, "more than one EXT-X-SKIP"
                playlist.skip_tag = attributes(value)
                playlist.skipped = int(playlist.skip_tag["SKIPPED-SEGMENTS"])
            case "#EXT-X-DISCONTINUITY":
                late(tag)
                segment.discontinuity = True
            case "#EXT-X-MAP":
                late(tag)
                current_map = attributes(value)["URI"]
            case "#EXT-X-PROGRAM-DATE-TIME":
                late(tag)
                segment.date = datetime.fromisoformat(value)
            case "#EXT-X-PART":
                found = attributes(value)
                segment.map = segment.map or current_map
                segment.parts.append(
                    PartLine(float(found["DURATION"]), found["URI"], found.get("INDEPENDENT") == "YES", "GAP" in found)
                )
            case "#EXT-X-GAP":
                segment.gap = True
            case "#EXTINF":
                duration = float(value.rstrip(","))
            case "#EXT-X-PRELOAD-HINT":
                playlist.hints.append(attributes(value))
            case "#EXT-X-RENDITION-REPORT":
                playlist.reports.append(attributes(value))
            case "#EXT-X-ENDLIST":
                playlist.ended = True
            case "#EXT-X-PLAYLIST-TYPE" | "#EXT-X-INDEPENDENT-SEGMENTS":
                pass
            case _ if line.startswith("#") or not line:
                raise AssertionError(f"unknown tag {line!r}")
            case _:
                segment.duration, segment.uri, segment.map = duration, line, segment.map or current_map
                playlist.segments.append(segment)
                segment = SegmentLines(msn=-1)
    if segment.parts:
        playlist.segments.append(segment)
    for number, listed in enumerate(playlist.segments):
        listed.msn = playlist.first_msn + (playlist.skipped or 0) + number
    return playlist


def broken_rules(playlist: MediaPlaylist) -> list[str]:
    """What is wrong with one playlist, in words."""
    return [*_broken_header(playlist), *_broken_parts(playlist), *_broken_segments(playlist)]


def _broken_header(playlist: MediaPlaylist) -> list[str]:
    wrong: list[str] = []
    control = playlist.control
    has_parts = any(segment.parts for segment in playlist.segments)
    if has_parts and playlist.part_target is None:
        wrong.append("parts without EXT-X-PART-INF (4.4.3.7)")
    if playlist.part_target is not None:
        if "PART-HOLD-BACK" not in control:
            wrong.append("PART-TARGET without PART-HOLD-BACK (4.4.3.8)")
        elif float(control["PART-HOLD-BACK"]) < 3 * playlist.part_target - ROUNDING:
            wrong.append("PART-HOLD-BACK below three part targets")
    if "HOLD-BACK" in control and float(control["HOLD-BACK"]) < 3 * playlist.target_duration:
        wrong.append("HOLD-BACK below three target durations")
    if "CAN-SKIP-UNTIL" in control and float(control["CAN-SKIP-UNTIL"]) < 6 * playlist.target_duration:
        wrong.append("CAN-SKIP-UNTIL below six target durations")
    if playlist.ended and playlist.hints:
        wrong.append("a preload hint after the end")
    if len(playlist.hints) > 1:
        wrong.append("more than one preload hint of a type")
    if playlist.skipped is not None and playlist.version < 9:
        wrong.append("EXT-X-SKIP needs version 9")
    return wrong


def _broken_parts(playlist: MediaPlaylist) -> list[str]:
    wrong: list[str] = []
    target = playlist.part_target or 0
    for segment in playlist.segments:
        for number, part in enumerate(segment.parts):
            name = f"part {segment.msn}.{number}"
            last = segment.duration is not None and number == len(segment.parts) - 1
            before_gap = number + 1 < len(segment.parts) and segment.parts[number + 1].gap
            if part.duration > target + ROUNDING:
                wrong.append(f"{name} of {part.duration} s exceeds the part target (4.4.4.9)")
            exempt = part.independent or part.gap or before_gap or last
            newest = segment.duration is None and number == len(segment.parts) - 1  # may turn out to be the last
            if part.duration < 0.85 * target - ROUNDING and not exempt and not newest:
                wrong.append(f"{name} of {part.duration} s is below 85 % of the part target (4.4.4.9)")
            if part.duration <= 0:
                wrong.append(f"{name} has no duration")
    return wrong


def _broken_segments(playlist: MediaPlaylist) -> list[str]:
    wrong: list[str] = []
    for segment in playlist.segments:
        if segment.duration is not None and round(segment.duration) > playlist.target_duration:
            wrong.append(f"segment {segment.msn} of {segment.duration} s exceeds the target duration")
        if segment.date is None:
            wrong.append(f"segment {segment.msn} has no programme date-time")
        if segment.map is None and not playlist.skipped:
            wrong.append(f"segment {segment.msn} has no init section")
        if segment.late_tags:
            wrong.append(f"segment {segment.msn}: {segment.late_tags} after its first part (4.4.4)")
    return wrong


def broken_promises(older: MediaPlaylist, newer: MediaPlaylist) -> list[str]:
    """What two whole playlists of one stream, the second fetched later, contradict each other in."""
    wrong: list[str] = []
    if older.target_duration != newer.target_duration:
        wrong.append("the target duration changed")
    if newer.first_msn < older.first_msn:
        wrong.append("the media sequence number went back")
    if newer.first_msn > older.first_msn and newer.length < 3 * newer.target_duration - ROUNDING:
        wrong.append("a segment was removed from a playlist of less than three target durations")
    known = {segment.msn: segment for segment in newer.segments}
    for segment in older.segments:
        again = known.get(segment.msn)
        if again is None:
            if segment.msn >= newer.first_msn:
                wrong.append(f"segment {segment.msn} vanished from the middle or the end")
            continue
        if segment.duration is not None and (segment.duration, segment.uri) != (again.duration, again.uri):
            wrong.append(f"segment {segment.msn} changed")
        if segment.date != again.date or segment.discontinuity != again.discontinuity:
            wrong.append(f"the tags of segment {segment.msn} changed")
        if again.parts and segment.parts != again.parts[: len(segment.parts)]:
            wrong.append(f"the parts of segment {segment.msn} changed")
    gone = [segment for segment in older.segments if segment.msn < newer.first_msn]
    discontinuities = sum(segment.discontinuity for segment in gone)
    if newer.discontinuity_sequence != older.discontinuity_sequence + discontinuities:
        wrong.append("EXT-X-DISCONTINUITY-SEQUENCE does not count what was removed")
    return wrong + _broken_hint(older, newer)


def _broken_hint(older: MediaPlaylist, newer: MediaPlaylist) -> list[str]:
    """What was hinted comes under that name or not at all (section 4.4.5.3)."""
    if not older.hints:
        return []
    hinted = older.hints[0]["URI"]
    before = {part.uri for segment in older.segments for part in segment.parts}
    came = [part.uri for segment in newer.segments for part in segment.parts if part.uri not in before]
    return [] if not came or hinted not in came[1:] else [f"{hinted} was hinted, {came[0]} came before it"]
