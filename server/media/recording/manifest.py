"""The manifest of a recording: which bytes are which segment, and what they hash to.

A line is written and synced after the bytes it speaks of, so a manifest never promises what is not on disk. A crash leaves at
most a torn line or bytes without a line; both are cut off when the recording is opened again. Readers stop at the first line
that makes no sense or points beyond its file.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..cmaf.timeline import TICKS, micros_at
from ..hls.segments import InitSection, Segment, Variant
from ..model import RecordingInfo

MANIFEST = "manifest.jsonl"
FORMAT = 1
DATA = {Variant.LIVE: "live.m4s", Variant.SOUND: "audio.m4s"}


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes in a data file, with their SHA-256 in hex."""

    offset: int
    length: int
    sha256: str

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class RecordedSegment:
    """A segment of one variant; start and duration in ticks from the origin."""

    where: Extent
    start: int
    duration: int
    init: str  # its name


@dataclass(frozen=True, slots=True)
class Recorded:
    """A segment in both variants. `resumes`: it does not continue the one recorded before it, though it may have continued what
    was shown: something between them was not recorded."""

    msn: int
    date: str
    discontinuity: bool
    resumes: bool
    variants: dict[Variant, RecordedSegment]

    @property
    def live(self) -> RecordedSegment:
        return self.variants[Variant.LIVE]


@dataclass(slots=True)
class Manifest:
    """What was read, or written so far."""

    stream: str
    origin: int
    folder: str  # the unguessable part of its URIs
    inits: dict[tuple[Variant, str], tuple[Extent, dict[str, Any]]] = field(default_factory=dict)
    segments: list[Recorded] = field(default_factory=list)
    sealed: bool = False
    opened: int = -1  # the newest segment that players may have seen parts of; earlier versions wrote that here
    size: int = 0  # bytes of the manifest file up to the last good line
    found: int = 0  # bytes of it that there were to read
    last_line: int = 0  # where the line of the newest segment begins

    def data_size(self, variant: Variant) -> int:
        """Where the last good byte of a data file ends."""
        inits = [extent.end for (of, _), (extent, _) in self.inits.items() if of is variant]
        newest = [self.segments[-1].variants[variant].where.end] if self.segments else []
        return max(inits + newest, default=0)

    @property
    def newest(self) -> int:
        """The newest number that is known from here; -1 for none. Players may know later ones (`numbers`)."""
        return max(self.segments[-1].msn if self.segments else -1, self.opened)

    @property
    def end(self) -> int:
        """Where the newest segment ends, in ticks from the origin."""
        return self.segments[-1].live.start + self.segments[-1].live.duration if self.segments else 0

    def add(self, line: dict[str, Any], sizes: dict[Variant, int]) -> None:
        """Take one line in; `sizes` are of the data files. Raise ValueError, KeyError or TypeError if it makes no sense."""
        kind = line["kind"]
        if kind == "init":
            variant = Variant(line["variant"])
            described = {key: line[key] for key in ("codecs", "width", "height")}
            self.inits[variant, str(line["name"])] = (_where(line, sizes[variant]), described)
        elif kind == "opened":
            self.opened = max(self.opened, int(line["msn"]))
        elif kind == "segment":
            self.segments.append(_segment(self, line, sizes))
            self.sealed = False
        elif kind == "sealed":
            self.sealed = True
        else:
            raise ValueError(f"unknown kind {kind!r}")

    def info(self) -> RecordingInfo | None:
        """None as long as nothing is recorded."""
        if not self.segments:
            return None
        return RecordingInfo(
            started_at=micros_at(self.origin, self.segments[0].live.start),
            duration=sum(segment.live.duration for segment in self.segments) / TICKS,
            size=self.data_size(Variant.LIVE),
            sealed=self.sealed,
            has_video=any(described["width"] for (of, _), (_, described) in self.inits.items() if of is Variant.LIVE),
        )


def read_manifest(folder: Path, *, upto: int | None = None) -> Manifest | None:
    """None where there is no recording. Raises OSError when it cannot be read. `upto` leaves out the file from that byte on."""
    try:
        data = (folder / MANIFEST).read_bytes()[:upto]
    except FileNotFoundError:
        return None
    manifest: Manifest | None = None
    sizes = {variant: _size(folder / name) for variant, name in DATA.items()}
    for line, end in _lines(data):
        try:
            if manifest is None:
                manifest = _header(json.loads(line))
            else:
                known = len(manifest.segments)
                manifest.add(json.loads(line), sizes)
                if len(manifest.segments) > known:
                    manifest.last_line = manifest.size
        except (ValueError, KeyError, TypeError):
            break
        manifest.size = end
    if manifest is not None:
        manifest.found = len(data)
    return manifest


def header_line(stream: str, origin: int, folder: str) -> dict[str, Any]:
    return {"kind": "recording", "format": FORMAT, "stream": stream, "origin": origin, "folder": folder}


def init_line(variant: Variant, init: InitSection, where: Extent) -> dict[str, Any]:
    width, height = init.size or (0, 0)
    described = {"name": init.name, "codecs": init.codecs, "width": width, "height": height}
    return {"kind": "init", "variant": variant.value, **_extent(where), **described}


def segment_line(segments: dict[Variant, tuple[Segment, Extent]]) -> dict[str, Any]:
    live = segments[Variant.LIVE][0]
    line: dict[str, Any] = {
        "kind": "segment",
        "msn": live.msn,
        "date": live.date,
        "discontinuity": live.discontinuity,
    }
    for variant, (segment, where) in segments.items():
        timed = {"start": segment.start, "duration": segment.duration, "init": segment.init.name}
        line[variant.value] = {**_extent(where), **timed}
    return line


def encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def extent_of(data: bytes, offset: int) -> Extent:
    return Extent(offset, len(data), hashlib.sha256(data).hexdigest())


def read_extent(file: int, where: Extent) -> bytes:
    """The bytes of an extent from an open data file, fewer if the file is shorter."""
    return os.pread(file, where.length, where.offset)


def _header(line: dict[str, Any]) -> Manifest:
    if line["kind"] != "recording" or line["format"] != FORMAT:
        raise ValueError("not a recording of ours")
    return Manifest(str(line["stream"]), int(line["origin"]), str(line["folder"]))


def _segment(manifest: Manifest, line: dict[str, Any], sizes: dict[Variant, int]) -> Recorded:
    variants: dict[Variant, RecordedSegment] = {}
    for variant in Variant:
        part = line[variant.value]
        if (variant, part["init"]) not in manifest.inits:
            raise ValueError("an unknown init section")
        where = _where(part, sizes[variant])
        variants[variant] = RecordedSegment(where, int(part["start"]), int(part["duration"]), str(part["init"]))
    msn = int(line["msn"])
    before = manifest.segments[-1].msn if manifest.segments else msn - 1
    if msn <= before:
        raise ValueError("segment numbers do not grow")
    discontinuity = bool(line["discontinuity"])
    return Recorded(msn, str(line["date"]), discontinuity, discontinuity or msn > before + 1, variants)


def _where(line: dict[str, Any], file_size: int) -> Extent:
    where = Extent(int(line["offset"]), int(line["length"]), str(line["sha256"]))
    if where.offset < 0 or where.length <= 0 or where.end > file_size:
        raise ValueError("beyond the file")
    return where


def _extent(where: Extent) -> dict[str, Any]:
    return {"offset": where.offset, "length": where.length, "sha256": where.sha256}


def _lines(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Whole lines, and where each ends."""
    start = 0
    while (newline := data.find(b"\n", start)) >= 0:
        yield data[start:newline], newline + 1
        start = newline + 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
