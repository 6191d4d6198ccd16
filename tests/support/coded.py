"""Real input for the packager: a moving picture by libx264 and a tone by libopus, as a publisher would send them."""

import array
import math
from fractions import Fraction
from functools import lru_cache

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from server.media.model import AccessUnit, OpusPacket

START = 1_780_000_000_123_457  # microseconds; deliberately on no round boundary


def split_annex_b(data: bytes) -> tuple[bytes, ...]:
    """NAL units of a byte stream (H.264 Annex B); x264 uses start codes of three and four bytes."""
    pieces = data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return tuple(piece for piece in pieces if piece)


@lru_cache(maxsize=16)
def pictures(
    count: int, *, fps: Fraction = Fraction(30), gop: int = 60, size: tuple[int, int] = (320, 180), profile: str = "baseline"
) -> tuple[tuple[tuple[bytes, ...], bool], ...]:
    """NAL units and key flag of `count` pictures of a moving gradient."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = 1 / fps
    encoder.framerate = fps
    encoder.gop_size = gop
    encoder.thread_count = 1
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": profile, "sc_threshold": "0"}
    coded: list[tuple[tuple[bytes, ...], bool]] = []
    width, height = size
    for index in range(count):
        frame = VideoFrame(width, height, "yuv420p")
        frame.pts = index
        for number, plane in enumerate(frame.planes):
            shade = bytes((index * 3 + number * 40 + column) & 0xFF for column in range(plane.line_size))
            plane.update(shade * plane.height)
        coded += [(split_annex_b(bytes(packet)), packet.is_keyframe) for packet in encoder.encode(frame)]
    return tuple(coded)


def access_units(
    count: int, *, fps: Fraction = Fraction(30), start: int = START, gop: int = 60, size: tuple[int, int] = (320, 180)
) -> list[AccessUnit]:
    """`count` pictures at an even rate, the first at media time `start`."""
    step = Fraction(1_000_000) / fps
    coded = pictures(count, fps=fps, gop=gop, size=size)
    return [AccessUnit(nals, start + round(index * step), key) for index, (nals, key) in enumerate(coded)]


@lru_cache(maxsize=8)
def _tone(count: int, beep_every: int, application: str) -> tuple[bytes, ...]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = 48_000
    encoder.layout = "stereo"
    encoder.format = "s16"
    encoder.bit_rate = 64_000
    encoder.time_base = Fraction(1, 48_000)
    encoder.options = {"application": application}
    packets: list[bytes] = []
    for index in range(count):
        samples = array.array("h")
        for position in range(index * 960, index * 960 + 960):
            sounding = beep_every == 0 or position % beep_every < 4_800
            value = int(12_000 * math.sin(2 * math.pi * 1_000 * position / 48_000)) if sounding else 0
            samples.extend((value, value))
        frame = AudioFrame(format="s16", layout="stereo", samples=960)
        frame.sample_rate = 48_000
        frame.pts = index * 960
        frame.planes[0].update(samples.tobytes())
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets)


def opus_packets(count: int, *, start: int = START, beep_every: int = 0, application: str = "audio") -> list[OpusPacket]:
    """`count` packets of 20 ms with a tone of 1 kHz, throughout or for 0.1 s every `beep_every` samples."""
    return [OpusPacket(data, start + index * 20_000) for index, data in enumerate(_tone(count, beep_every, application))]
