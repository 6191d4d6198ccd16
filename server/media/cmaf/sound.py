"""Opus in, AAC out, once per stream. Slow enough (about 1 % of a core) to be called in a worker thread, never on the loop.

The packet's media time says where its sound belongs, not how many packets came before: what is missing becomes silence, what
overlaps is cut, and the small drift between the sender's clock and ours is mended one sample at a time. AAC frames lie on the
grid of `timeline`; the encoder's own delay is undone by its timestamps, so a frame's number says when it sounds.

Measured for one stereo stream: FFmpeg's own Opus decoder takes half the time of libopus and gives the planar floats the encoder
wants; `aac_coder=fast` takes a third of the default's time. Both keep the sound where it was to a sample.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.packet import Packet

from ..model import OpusPacket
from .timeline import AAC_SAMPLES, SOUND_RATE, sample_at

_BYTES = 4  # a sample of one channel, 32-bit float
_OPUS_DELAY = 312  # samples by which an Opus encoder's output lags its input (RFC 7845 section 4.2 calls for skipping them)
_NUDGE = SOUND_RATE // 1000  # 1 ms off: drop or repeat one sample in a packet, which nobody hears
_GAP = SOUND_RATE // 100  # 10 ms off: packets are missing or overlap
_JUMP = SOUND_RATE // 2  # 0.5 s off: begin anew there instead of encoding the silence between


class SoundTranscoder:
    """The decoder and encoder of one publishing session."""

    def __init__(self, bit_rate: int) -> None:
        self._decoder = _prepared(av.CodecContext.create("opus", "r"))
        self._bit_rate = bit_rate
        self._encoder = _encoder(bit_rate)
        self._left = bytearray()
        self._right = bytearray()
        self._end: int | None = None  # the sample, counted from the epoch, that follows the buffered ones

    def feed(self, packets: Iterable[OpusPacket]) -> list[tuple[int, bytes]]:
        """AAC frames that became complete: number on the grid, and data. Packets that are not Opus are passed over."""
        ready: list[tuple[int, bytes]] = []
        for packet in packets:
            if not packet.data:
                continue  # to a decoder nothing means the end
            try:
                pieces = self._decoder.decode(Packet(packet.data))
            except av.error.FFmpegError:
                continue
            at = sample_at(packet.at) - _OPUS_DELAY
            for piece in pieces:
                length = piece.samples * _BYTES
                self._place(at, bytes(piece.planes[0])[:length], bytes(piece.planes[1])[:length])
                at += piece.samples
            self._encode(ready)
        return ready

    def _place(self, at: int, left: bytes, right: bytes) -> None:
        if self._end is None or abs(at - self._end) > _JUMP:
            self._begin(at)
        assert self._end is not None  # noqa: S101  # set by _begin
        error = at - self._end
        if error > _GAP:
            self._append(bytes(error * _BYTES), bytes(error * _BYTES))
        elif error < -_GAP:
            left, right = left[-error * _BYTES :], right[-error * _BYTES :]
        elif error > _NUDGE:
            left, right = left + left[-_BYTES:], right + right[-_BYTES:]
        elif error < -_NUDGE:
            left, right = left[:-_BYTES], right[:-_BYTES]
        self._append(left, right)

    def _begin(self, at: int) -> None:
        """Put the first sample where it belongs inside its frame on the grid."""
        if self._end is not None and at < self._end:
            self._encoder = _encoder(self._bit_rate)  # an encoder cannot go back in time
        lead = at % AAC_SAMPLES
        self._left = bytearray(lead * _BYTES)
        self._right = bytearray(lead * _BYTES)
        self._end = at

    def _append(self, left: bytes, right: bytes) -> None:
        self._left += left
        self._right += right
        self._end = (self._end or 0) + len(left) // _BYTES

    def _encode(self, ready: list[tuple[int, bytes]]) -> None:
        size = AAC_SAMPLES * _BYTES
        while len(self._left) >= size:
            frame = AudioFrame(format="fltp", layout="stereo", samples=AAC_SAMPLES)
            frame.sample_rate = SOUND_RATE
            frame.pts = (self._end or 0) - len(self._left) // _BYTES
            frame.planes[0].update(bytes(self._left[:size]))
            frame.planes[1].update(bytes(self._right[:size]))
            del self._left[:size], self._right[:size]
            ready += [
                (packet.pts // AAC_SAMPLES, bytes(packet)) for packet in self._encoder.encode(frame) if packet.pts is not None
            ]


@lru_cache(maxsize=1)
def silent_frame() -> bytes:
    """One AAC frame of silence, to stand where no sound came."""
    encoder = _encoder(64_000)
    nothing = bytes(AAC_SAMPLES * _BYTES)
    last = b""
    for index in range(4):
        frame = AudioFrame(format="fltp", layout="stereo", samples=AAC_SAMPLES)
        frame.sample_rate = SOUND_RATE
        frame.pts = index * AAC_SAMPLES
        for plane in frame.planes:
            plane.update(nothing)
        for packet in encoder.encode(frame):
            last = bytes(packet)
    return last


def _encoder(bit_rate: int) -> AudioCodecContext:
    encoder = _prepared(av.CodecContext.create("aac", "w"))
    encoder.format = "fltp"
    encoder.bit_rate = bit_rate
    encoder.time_base = Fraction(1, SOUND_RATE)
    encoder.options = {"aac_coder": "fast"}
    encoder.open()
    return encoder


def _prepared(context: AudioCodecContext) -> AudioCodecContext:
    context.sample_rate = SOUND_RATE
    context.layout = "stereo"
    context.thread_count = 1
    return context
