"""The loop of picture and sound as what goes into RTP, and its file in the data folder.

A film is constrained-baseline H.264 without B-frames, a key frame every two seconds, already cut into RTP payloads
(RFC 6184), and Opus in packets of 20 ms (RFC 7587). The file's name carries a hash of everything that shapes it, so a changed
drawing or another font makes a new file and never reads an old one. `encoding.py` makes films.
"""

import dataclasses
import hashlib
import itertools
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import structlog

from server.core.files import write_atomically

from . import picture

log = structlog.get_logger(__name__)

OPUS_PER_SECOND = 50
_MAGIC = b"HBFILM2\n"


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """What to encode. `seconds` divides a minute or is a multiple of it, so that the loop can follow the wall clock."""

    per_second: int = 25
    seconds: int = 60
    bitrate: int = 1_200_000
    audio_bitrate: int = 40_000
    key_frame_every: int = 2  # seconds

    @property
    def length(self) -> int:
        """Pictures in the loop."""
        return self.per_second * self.seconds

    def name(self, font: Path | None) -> str:
        """The file's name: a hash of all that shapes the bytes."""
        shape = {**dataclasses.asdict(self), "revision": picture.REVISION, "font": font.name if font else None}
        return f"demo-{hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]}.film"


@dataclass(frozen=True, slots=True)
class Film:
    """A loop in RTP payloads. Every `key_frames` pictures one is a key frame, the first included.

    Of a film in the making the pictures still to come are empty lists.
    """

    spec: FilmSpec
    pictures: list[list[bytes]]
    sounds: list[bytes]

    @property
    def key_frames(self) -> int:
        return self.spec.per_second * self.spec.key_frame_every


def load(folder: Path, spec: FilmSpec, font: Path | None) -> Film | None:
    """The film from its file in `folder`; None where there is none that can be trusted. Blocking."""
    file = folder / spec.name(font)
    try:
        return _parse(spec, file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as problem:
        log.warning("demo_film_unreadable", file=file.name, problem=str(problem))
        return None


def keep(folder: Path, film: Film, font: Path | None) -> None:
    """Put a film where `load` looks for it, and remove those of older programs."""
    file = folder / film.spec.name(font)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("demo-*.film"):
        if old != file:
            old.unlink(missing_ok=True)
    write_atomically(file, _serialise(film))


def _serialise(film: Film) -> bytes:
    sizes = {"pictures": [[len(part) for part in parts] for parts in film.pictures], "sounds": [len(s) for s in film.sounds]}
    header = json.dumps(sizes, separators=(",", ":")).encode()
    return b"".join(
        (_MAGIC, struct.pack(">I", len(header)), header, *itertools.chain.from_iterable(film.pictures), *film.sounds)
    )


def _parse(spec: FilmSpec, data: bytes) -> Film:
    """The inverse of `_serialise`; ValueError for anything cut short or foreign."""
    if not data.startswith(_MAGIC) or len(data) < len(_MAGIC) + 4:
        raise ValueError("not a film")
    begin = len(_MAGIC) + 4
    at = begin + int.from_bytes(data[len(_MAGIC) : begin])
    try:
        sizes = json.loads(data[begin:at])
    except ValueError as problem:
        raise ValueError("broken header") from problem

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    film = Film(spec, [[take(size) for size in parts] for parts in sizes["pictures"]], [take(size) for size in sizes["sounds"]])
    if at != len(data) or len(film.pictures) != spec.length:
        raise ValueError("wrong length")
    return film
