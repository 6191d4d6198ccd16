"""The loop of picture and sound, encoded once and kept in the data folder as what goes into RTP.

A film is constrained-baseline H.264 without B-frames, a key frame every two seconds, already cut into RTP payloads
(RFC 6184), and Opus in packets of 20 ms (RFC 7587). The file's name carries a hash of everything that shapes it, so a changed
drawing or another font makes a new file and never reads an old one. Encoding takes some seconds of one process; a start after
that only reads the file.
"""

import dataclasses
import hashlib
import itertools
import json
import struct
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import structlog
from aiortc.codecs.h264 import H264Encoder
from PIL import Image

from server.core.files import write_atomically

from . import chime, picture

log = structlog.get_logger(__name__)

OPUS_PER_SECOND = 50
_OPUS_SAMPLES = chime.SAMPLE_RATE // OPUS_PER_SECOND
_MAGIC = b"HBFILM2\n"
_WARM_UP = 5  # Opus packets that are encoded and dropped, so that the loop's first packet follows the last

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """What to encode. `seconds` divides a minute or is a multiple of it, so that the loop can follow the wall clock."""

    per_second: int = 25
    seconds: int = 60
    bitrate: int = 1_200_000
    audio_bitrate: int = 40_000
    key_frame_every: int = 2  # seconds

    def name(self, font: Path | None) -> str:
        """The file's name: a hash of all that shapes the bytes."""
        shape = {**dataclasses.asdict(self), "revision": picture.REVISION, "font": font.name if font else None}
        return f"demo-{hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]}.film"


@dataclass(frozen=True, slots=True)
class Film:
    """A loop in RTP payloads. Every `key_frames` pictures one is a key frame, the first included."""

    spec: FilmSpec
    pictures: list[list[bytes]]
    sounds: list[bytes]

    @property
    def key_frames(self) -> int:
        return self.spec.per_second * self.spec.key_frame_every


def load_or_encode(folder: Path, spec: FilmSpec, progress: Progress | None = None) -> Film:
    """The film from its cache in `folder`, or encoded now and kept there. Blocking, for seconds when it must encode."""
    font = picture.chinese_font()
    file = folder / spec.name(font)
    try:
        return _parse(spec, file.read_bytes())
    except FileNotFoundError:
        pass
    except ValueError as problem:
        log.warning("demo_film_unreadable", file=file.name, problem=str(problem))
    film = encode(spec, font, progress)
    keep(folder, film, font)
    return film


def keep(folder: Path, film: Film, font: Path | None) -> None:
    """Put a film where `load_or_encode` looks for it, and remove those of older programs."""
    file = folder / film.spec.name(font)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("demo-*.film"):
        if old != file:
            old.unlink(missing_ok=True)
    write_atomically(file, _serialise(film))


def encode(spec: FilmSpec, font: Path | None, progress: Progress | None = None) -> Film:
    """Draw and encode the whole loop."""
    return Film(spec, _encode_pictures(spec, font, progress), _encode_sound(spec))


def _encode_pictures(spec: FilmSpec, font: Path | None, progress: Progress | None) -> list[list[bytes]]:
    encoder = _video_encoder(spec)
    painter = picture.Painter(spec.per_second, spec.seconds, font)
    total = spec.per_second * spec.seconds
    pictures: list[list[bytes]] = []
    # Converting and encoding let other threads run, so the next picture is drawn beside them.
    with ThreadPoolExecutor(max_workers=1) as beside:
        pending: Future[list[list[bytes]]] | None = None
        for number in range(total):
            drawn = _video_frame(painter.frame(number))
            if pending is not None:
                pictures += pending.result()
            pending = beside.submit(_encode_picture, encoder, number, drawn)
            if progress is not None and number % spec.per_second == 0:
                progress(number / total)
        if pending is not None:
            pictures += pending.result()
    pictures += _payloads(encoder.encode(None))
    if progress is not None:
        progress(1.0)
    return pictures


def _video_frame(image: Image.Image) -> av.VideoFrame:
    frame: av.VideoFrame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
    return frame


def _encode_picture(encoder: av.VideoCodecContext, number: int, drawn: av.VideoFrame) -> list[list[bytes]]:
    """Hand one picture to the encoder; gives the payloads of those it has finished, none at first."""
    frame = drawn.reformat(format="yuv420p", src_colorspace="ITU709", dst_colorspace="ITU709")
    frame.pts = number
    frame.time_base = encoder.time_base
    return _payloads(encoder.encode(frame))


def _payloads(packets: "Iterable[av.Packet[Any]]") -> list[list[bytes]]:
    packetiser = H264Encoder()
    return [packetiser.pack(packet)[0] for packet in packets]


def _video_encoder(spec: FilmSpec) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)  # noqa: S101  # what the library's typing leaves open
    encoder.width, encoder.height, encoder.pix_fmt = picture.WIDTH, picture.HEIGHT, "yuv420p"
    encoder.framerate = Fraction(spec.per_second)
    encoder.time_base = Fraction(1, spec.per_second)
    encoder.bit_rate = spec.bitrate
    encoder.gop_size = spec.per_second * spec.key_frame_every
    encoder.max_b_frames = 0
    encoder.thread_type = "FRAME"
    encoder.profile = "Constrained Baseline"
    encoder.color_primaries = encoder.color_trc = encoder.colorspace = 1  # BT.709, as players assume of this size
    encoder.options = {
        "preset": "ultrafast",
        "level": "3.1",
        # A buffer of 0.4 s bounds a key frame to what a socket takes in one burst.
        "maxrate": str(spec.bitrate * 5 // 4),
        "bufsize": str(spec.bitrate * 2 // 5),
        "sc_threshold": "0",
        "x264-params": "repeat-headers=1:rc-lookahead=10",
    }
    return encoder


def _encode_sound(spec: FilmSpec) -> list[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)  # noqa: S101  # what the library's typing leaves open
    encoder.sample_rate, encoder.layout, encoder.format = chime.SAMPLE_RATE, "mono", "s16"
    encoder.bit_rate = spec.audio_bitrate
    encoder.time_base = Fraction(1, chime.SAMPLE_RATE)
    encoder.options = {"application": "audio", "frame_duration": "20"}
    encoder.open()
    second = chime.one_second()
    # The encoder answers with sound that is a few milliseconds old: feed it from that far ahead.
    ahead = _opus_delay(encoder)
    packets: list[bytes] = []
    wanted = OPUS_PER_SECOND * spec.seconds
    for number in itertools.count(-_WARM_UP):
        if len(packets) == _WARM_UP + wanted:
            return packets[_WARM_UP:]
        begin = number * _OPUS_SAMPLES + ahead
        samples = [second[(begin + index) % chime.SAMPLE_RATE] for index in range(_OPUS_SAMPLES)]
        frame = av.AudioFrame(format="s16", layout="mono", samples=_OPUS_SAMPLES)
        frame.planes[0].update(struct.pack(f"={_OPUS_SAMPLES}h", *samples))
        frame.sample_rate = chime.SAMPLE_RATE
        packets.extend(bytes(packet) for packet in encoder.encode(frame))
    raise AssertionError("unreachable")


def _opus_delay(encoder: av.AudioCodecContext) -> int:
    """Samples by which the decoded sound lags: the pre-skip of the identification header (RFC 7845 section 5.1)."""
    header = bytes(encoder.extradata or b"")
    return int.from_bytes(header[10:12], "little") if header.startswith(b"OpusHead") else 312


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
    if at != len(data) or len(film.pictures) != spec.per_second * spec.seconds:
        raise ValueError("wrong length")
    return film
