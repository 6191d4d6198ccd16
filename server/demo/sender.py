"""Sends the film through aiortc's own RTP sender, without its encoder.

aiortc asks its sender for the next encoded frame; here that question is answered with payloads cut long ago, when they are due.
Everything else stays aiortc's: sequence numbers, header extensions, the history that answers NACK by RTX, sender reports, BYE.
Only for the demo's own process and for tests; the pinned version of aiortc is guarded by the tests of this file.
"""

import asyncio
import math
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RtcpSrPacket

from server.core.clock import Clock

from .film import OPUS_PER_SECOND, Film
from .schedule import Schedule, ScheduleLost

_VIDEO_CLOCK = 90_000
_OPUS_CLOCK = 48_000
_MADE_EVERY = 0.02


class Reel:
    """The two tracks of one session. Both begin at the key frame that comes next."""

    def __init__(self, film: Film, clock: Clock) -> None:
        spec = film.spec
        self._clock = clock
        self._cycle = spec.key_frame_every
        self._begin: int | None = None
        self.lost: ScheduleLost | None = None
        pictures = Schedule(spec.per_second, len(film.pictures), _VIDEO_CLOCK // spec.per_second)
        sounds = Schedule(OPUS_PER_SECOND, len(film.sounds), _OPUS_CLOCK // OPUS_PER_SECOND)
        self._video = _Feed(self, pictures, film.pictures)
        self._audio = _Feed(self, sounds, [[sound] for sound in film.sounds])

    def attach(self, peer: RTCPeerConnection) -> None:
        """Add both tracks to a peer connection that has not made its offer yet."""
        for feed, kind in ((self._video, "video"), (self._audio, "audio")):
            track = _Placeholder(kind)
            transceiver = peer.addTransceiver(track, direction="sendonly")
            if kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in codecs if c.mimeType in ("video/H264", "video/rtx")])
            _feed_sender(transceiver.sender, feed)

    def now(self) -> float:
        """Unix seconds."""
        return self._clock.now().timestamp()

    def begin(self) -> int:
        """When both tracks begin, in Unix seconds: at the next key frame, decided by the track that asks first."""
        if self._begin is None:
            self._begin = math.ceil(self.now() / self._cycle) * self._cycle
        return self._begin


class _Feed:
    """One track: waits until the next unit is due and gives it as an encoded frame."""

    def __init__(self, reel: Reel, schedule: Schedule, units: list[list[bytes]]) -> None:
        self._reel = reel
        self._schedule = schedule
        self._units = units
        self._next: int | None = None

    async def next_encoded_frame(self, codec: RTCRtpCodecParameters) -> RTCEncodedFrame:
        if self._next is None:
            self._next = self._reel.begin() * self._schedule.rate
        unit = self._next
        try:
            # A timer may fire a little early by the wall clock; a frame is never sent before it is due.
            while pause := self._schedule.wait(unit, self._reel.now()):  # noqa: ASYNC110  # time itself is awaited
                await asyncio.sleep(pause)
        except ScheduleLost as lost:
            self._reel.lost = lost
            raise ConnectionError(str(lost)) from lost  # ends aiortc's sending task quietly
        index = self._schedule.index(unit)
        while not self._units[index]:  # noqa: ASYNC110  # a film in the making; the thread that makes it sets no event
            await asyncio.sleep(_MADE_EVERY)
        self._next = unit + 1
        payloads, timestamp = self._units[index], self._schedule.timestamp(unit)
        return RTCEncodedFrame(payloads, timestamp, None)  # type: ignore[arg-type]  # aiortc itself says None for "no level"


class _Placeholder(MediaStreamTrack):
    """aiortc sends only where there is a track; nothing is ever read from this one."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        raise NotImplementedError("the feed answers before the track is asked")


def _feed_sender(sender: RTCRtpSender, feed: _Feed) -> None:
    """Answer the sender's question for the next frame, and hold back reports made before anything was sent."""
    send = sender._send_rtcp  # noqa: SLF001  # this module exists to reach inside the sender

    async def send_rtcp(packets: list[Any]) -> None:
        if any(isinstance(packet, RtcpSrPacket) and not packet.sender_info.ntp_timestamp for packet in packets):
            return  # such a report would map the RTP clock to the year 1900
        await send(packets)

    vars(sender).update(_next_encoded_frame=feed.next_encoded_frame, _send_rtcp=send_rtcp)
