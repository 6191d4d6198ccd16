"""Makes a film: draws every picture and encodes it, beside the sending of what is already made.

A whole minute takes some ten seconds of one processor. Nobody waits for that: encoding begins with the picture of this very
second and goes round, several times faster than the film plays, so the demo is on air as soon as a few seconds of it are there.
"""

import itertools
import struct
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from aiortc.codecs.h264 import H264Encoder

from . import chime, picture
from .film import OPUS_PER_SECOND, Film, FilmSpec, keep, load

_OPUS_SAMPLES = chime.SAMPLE_RATE // OPUS_PER_SECOND
_WARM_UP = 5  # Opus packets that are encoded and dropped, so that the loop's first packet follows the last


class Encoding:
    """A film in the making. `film` can be sent from `first` on, up to what is `made`; `run` blocks and belongs in a thread."""

    def __init__(self, spec: FilmSpec, font: Path | None, first: int = 0) -> None:
        """`first` is where in the loop to begin: the number of a key frame."""
        self.film = Film(spec, [[] for _ in range(spec.length)], encode_sound(spec))
        self.made = 0  # pictures
        self._font, self._first = font, first
        self._stopped = threading.Event()

    @property
    def whole(self) -> bool:
        return self.made == self.film.spec.length

    def stop(self) -> None:
        """Leave it unfinished: `run` returns soon."""
        self._stopped.set()

    def run(self) -> None:
        spec = self.film.spec
        encoder = _video_encoder(spec)
        painter = picture.Painter(spec.per_second, spec.seconds, self._font)
        # Encoding lets other threads run, so the next picture is drawn beside it.
        with ThreadPoolExecutor(max_workers=1) as beside:
            pending: Future[list[list[bytes]]] | None = None
            for number in range(spec.length):
                if self._stopped.is_set():
                    return
                drawn = _video_frame(painter.frame((self._first + number) % spec.length))
                if pending is not None:
                    self._take(pending.result())
                pending = beside.submit(_encode_picture, encoder, number, drawn)
            if pending is not None:
                self._take(pending.result())
        self._take(_payloads(encoder.encode(None)))

    def _take(self, pictures: list[list[bytes]]) -> None:
        """Put what has been encoded into its places; the encoder may be some pictures behind."""
        for payloads in pictures:
            self.film.pictures[(self._first + self.made) % self.film.spec.length] = payloads
            self.made += 1


def encode(spec: FilmSpec, font: Path | None) -> Film:
    """The whole film. Blocking, for seconds."""
    encoding = Encoding(spec, font)
    encoding.run()
    return encoding.film


def load_or_encode(folder: Path, spec: FilmSpec) -> Film:
    """The film from its file in `folder`, or encoded now and kept there. Blocking, for seconds when it must encode."""
    font = picture.chinese_font()
    film = load(folder, spec, font)
    if film is None:
        film = encode(spec, font)
        keep(folder, film, font)
    return film


def _video_frame(planes: picture.Planes) -> av.VideoFrame:
    frame = av.VideoFrame(picture.WIDTH, picture.HEIGHT, "yuv420p")
    for plane, drawn in zip(frame.planes, planes, strict=True):
        plane.update(drawn.tobytes())
    return frame


def _encode_picture(encoder: av.VideoCodecContext, number: int, drawn: av.VideoFrame) -> list[list[bytes]]:
    """Hand one picture to the encoder; gives the payloads of those it has finished, none at first."""
    drawn.pts = number
    drawn.time_base = encoder.time_base
    return _payloads(encoder.encode(drawn))


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


def encode_sound(spec: FilmSpec) -> list[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)  # noqa: S101  # what the library's typing leaves open
    encoder.sample_rate, encoder.layout, encoder.format = chime.SAMPLE_RATE, "mono", "s16"
    encoder.bit_rate = spec.audio_bitrate
    encoder.time_base = Fraction(1, chime.SAMPLE_RATE)
    encoder.options = {"application": "audio", "frame_duration": "20"}
    encoder.open()
    packets: list[bytes] = []
    wanted = OPUS_PER_SECOND * spec.seconds
    for samples in _pieces(_opus_delay(encoder)):
        frame = av.AudioFrame(format="s16", layout="mono", samples=_OPUS_SAMPLES)
        frame.planes[0].update(samples)
        frame.sample_rate = chime.SAMPLE_RATE
        packets.extend(bytes(packet) for packet in encoder.encode(frame))
        if len(packets) >= _WARM_UP + wanted:
            break
    return packets[_WARM_UP : _WARM_UP + wanted]


def _pieces(ahead: int) -> Iterator[bytes]:
    """The chime in pieces of 20 ms, without end. The encoder answers with sound that is some samples old: it is fed from that
    far ahead."""
    twice = struct.pack(f"={chime.SAMPLE_RATE}h", *chime.one_second()) * 2
    for number in itertools.count(-_WARM_UP):
        begin = 2 * ((number * _OPUS_SAMPLES + ahead) % chime.SAMPLE_RATE)
        yield twice[begin : begin + 2 * _OPUS_SAMPLES]


def _opus_delay(encoder: av.AudioCodecContext) -> int:
    """Samples by which the decoded sound lags: the pre-skip of the identification header (RFC 7845 section 5.1)."""
    header = bytes(encoder.extradata or b"")
    return int.from_bytes(header[10:12], "little") if header.startswith(b"OpusHead") else 312
