"""The replay of a sealed recording: playlists over the live bytes, and those bytes by name.

Nothing is copied or packaged again. What a crash or a full disk has lost is left out; the discontinuity that follows it says so
to players.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from ..cmaf.timeline import TICKS
from ..hls.playlist import programme_date
from ..hls.segments import Variant
from .manifest import DATA, Extent, Manifest, read_extent, read_manifest

_QUERY = "\0"


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording as players read it; names are below the same unguessable folder as when it was live."""

    path: Path
    manifest: Manifest
    playlists: dict[Variant, str]
    places: dict[str, tuple[Variant, Extent]]

    def playlist(self, variant: Variant, query: str = "") -> bytes:
        return self.playlists[variant].replace(_QUERY, query).encode()

    def read(self, name: str) -> bytes | None:
        """A segment or init section; None for an unknown name. Blocks. Raises OSError."""
        place = self.places.get(name)
        if place is None:
            return None
        variant, where = place
        file = os.open(self.path / DATA[variant], os.O_RDONLY | os.O_CLOEXEC)
        try:
            return read_extent(file, where)
        finally:
            os.close(file)


def load_replay(path: Path) -> Replay | None:
    """None if nothing was recorded. Blocks. Raises OSError."""
    manifest = read_manifest(path)
    if manifest is None or not manifest.segments:
        return None
    playlists: dict[Variant, str] = {}
    places: dict[str, tuple[Variant, Extent]] = {}
    for variant in Variant:
        playlists[variant] = _render(manifest, variant)
        for recorded in manifest.segments:
            places[_name(variant, recorded.msn)] = (variant, recorded.variants[variant].where)
    places |= {_init_name(name): (variant, where) for (variant, name), (where, _) in manifest.inits.items()}
    return Replay(path, manifest, playlists, places)


def _name(variant: Variant, msn: int) -> str:
    return f"r{variant.letter}{msn}.m4s"


def _init_name(name: str) -> str:
    return f"r{name}"


def _render(manifest: Manifest, variant: Variant) -> str:
    longest = max(recorded.variants[variant].duration for recorded in manifest.segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, (longest + TICKS // 2) // TICKS)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-MEDIA-SEQUENCE:0",
    ]
    init = ""
    for index, recorded in enumerate(manifest.segments):
        segment = recorded.variants[variant]
        if index > 0 and recorded.resumes:
            lines.append("#EXT-X-DISCONTINUITY")
        if segment.init != init:
            init = segment.init
            lines.append(f'#EXT-X-MAP:URI="{manifest.folder}/{_init_name(init)}{_QUERY}"')
        date = recorded.date if variant is Variant.LIVE else programme_date(manifest.origin, segment.start)
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date}")
        lines.append(f"#EXTINF:{segment.duration / TICKS:.5f},")
        lines.append(f"{manifest.folder}/{_name(variant, recorded.msn)}{_QUERY}")
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
