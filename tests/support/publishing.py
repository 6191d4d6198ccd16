"""A real publisher: aiortc sending a short clip over loopback, spoken to by WHIP; and what tests put behind the server."""

import asyncio
import contextlib
import fractions
import functools
import re
import struct
import time
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass, field

import av
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from server.core.errors import Conflict, NotFound, Unauthenticated
from server.media import AccessUnit, MediaSettings, OpusPacket, PublishGrant, PublishingEvent, Tracks
from server.media.ingest.hooks import connection_of, tolerate_closing
from server.media.ingest.ice import gather_with
from tests.support.wait import until

Client = TestClient[web.Request, web.Application]
Speaks = Client | ClientSession  # whoever can POST to the server by a path alone

LOOPBACK = ("127.0.0.1",)
FRAME_RATE = 25
KEY_EVERY = 10  # frames
CLIP = 50  # frames; it is sent round and round


@functools.cache
def clip(width: int = 320, height: int = 180) -> tuple[bytes, ...]:
    """Encoded pictures in Annex B, a key frame every `KEY_EVERY`."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = fractions.Fraction(1, FRAME_RATE)
    encoder.framerate = fractions.Fraction(FRAME_RATE, 1)
    encoder.gop_size = KEY_EVERY
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1", "sc_threshold": "0"}
    encoder.profile = "Baseline"
    pictures: list[bytes] = []
    for number in range(CLIP):
        frame = av.VideoFrame(width, height, "yuv420p")
        for index, plane in enumerate(frame.planes):
            plane.update(bytes([(number * 5 + index * 40) % 256]) * plane.buffer_size)
        frame.pts = number
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    pictures += [bytes(packet) for packet in encoder.encode(None)]
    return tuple(pictures)


@functools.cache
def silence() -> tuple[bytes, ...]:
    """One second of Opus, 20 ms a packet."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.time_base = fractions.Fraction(1, 48_000)
    packets: list[bytes] = []
    for number in range(50):
        frame = av.AudioFrame("s16", "mono", 960)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts = 48_000, number * 960
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets[:50])


class ClipTrack(MediaStreamTrack):
    """Gives encoded units in real time. `muted` holds them back, as a stalled publisher would."""

    def __init__(self, kind: str, units: tuple[bytes, ...], seconds_each: float) -> None:
        self.kind = kind
        super().__init__()
        self.muted = False
        self._units, self._each = units, seconds_each
        self._next, self._began = 0, time.monotonic()

    async def recv(self) -> av.Packet:  # type: ignore[type-arg]  # aiortc sends packets as they are
        number, self._next = self._next, self._next + 1
        await asyncio.sleep(max(0.0, self._began + number * self._each - time.monotonic()))
        while self.muted:  # noqa: ASYNC110  # the test flips it
            await asyncio.sleep(0.01)
        packet = av.Packet(self._units[number % len(self._units)])
        rate = 90_000 if self.kind == "video" else 48_000
        packet.pts, packet.time_base = round(number * self._each * rate), fractions.Fraction(1, rate)
        return packet


class Publisher:
    """One peer connection. `offer` gathers and writes it, `publish` sends it, `close` ends without a word to HTTP."""

    def __init__(self, *, video: bool = True, audio: bool = True, size: tuple[int, int] = (320, 180)) -> None:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.peer = RTCPeerConnection(configuration)
        self.tracks: list[ClipTrack] = []
        if audio:
            self._add(ClipTrack("audio", silence(), 0.02))
        if video:
            transceiver = self._add(ClipTrack("video", clip(*size), 1 / FRAME_RATE))
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in codecs if c.mimeType in ("video/H264", "video/rtx")])
        self.location = ""
        self.etag = ""

    def _add(self, track: ClipTrack):  # type: ignore[no-untyped-def]  # aiortc's transceiver
        self.tracks.append(track)
        return self.peer.addTransceiver(track, direction="sendonly")

    async def offer(self) -> str:
        transport = self.peer.getTransceivers()[0].sender.transport
        gather_with(connection_of(transport.transport), MediaSettings(advertise=LOOPBACK))
        tolerate_closing(transport.transport)
        await self.peer.setLocalDescription()
        return self.peer.localDescription.sdp

    async def publish(self, client: Speaks, stream_id: str, token: str, *, takeover: bool = False) -> ClientResponse:
        """POST the offer; if it is taken, connect."""
        query = {"takeover": "1"} if takeover else {}
        answer = await post_offer(client, stream_id, await self.offer(), token=token, query=query)
        if answer.status == 201:
            self.location, self.etag = answer.headers["Location"], answer.headers["ETag"]
            await self.accept(await answer.text())
        return answer

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def mute(self, muted: bool) -> None:
        for track in self.tracks:
            track.muted = muted

    async def close(self) -> None:
        self.mute(False)
        await self.peer.close()


class Raw(Publisher):
    """Connected like any other; then it sends what it is told, packet by packet, encrypted with its session's keys."""

    def __init__(self, *, video: bool = True, audio: bool = True) -> None:
        super().__init__(video=video, audio=audio)
        self.mute(True)
        self._types: dict[str, int] = {}
        self.sequence = {"H264": 1000, "opus": 2000}

    async def accept(self, answer: str) -> None:
        await super().accept(answer)
        self._types = {name: int(number) for number, name in re.findall(r"a=rtpmap:(\d+) (H264|opus)/", answer)}
        await until(lambda: self.peer.connectionState == "connected", what="the connection")

    async def send(self, codec: str, payload: bytes, *, timestamp: int, marker: bool = True) -> None:
        """One packet, with the next sequence number; `codec` is H264 or opus."""
        number = self.sequence[codec]
        self.sequence[codec] = number + 1
        kind = self._types[codec] | marker << 7
        source = 0xB0B0 + len(codec)
        head = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, timestamp & 0xFFFFFFFF, source)
        await self.peer.getTransceivers()[0].sender.transport._send_rtp(head + payload)

    async def paced(self, per_second: float, units: Iterable[Awaitable[None]]) -> None:
        """Await them one after the other, so many a second; a few at once where the loop is late. Ends with the connection."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, unit in enumerate(units, 1):  # made when it is its turn: none is left over when this is cancelled
            with contextlib.suppress(ConnectionError):
                await unit
            await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))


async def post_offer(
    client: Speaks,
    stream_id: str,
    offer: str | bytes,
    *,
    token: str | None,
    query: dict[str, str] | None = None,
    content_type: str = "application/sdp",
) -> ClientResponse:
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
    return await client.post(f"/whip/{stream_id}", data=offer, headers=headers, params=query)


@dataclass
class Collected:
    """An output that keeps what it is given."""

    stream_id: str
    recorded: bool
    begun: list[Tracks] = field(default_factory=list)
    pictures: list[AccessUnit] = field(default_factory=list)
    sounds: list[OpusPacket] = field(default_factory=list)
    pauses: int = 0
    opened: bool = False
    closed: bool = False
    discarded: bool = False
    failing: bool = False
    reached: int = -1

    @property
    def recording(self) -> bool:
        return self.recorded and bool(self.begun) and not self.closed

    @property
    def recording_fault(self) -> str | None:
        return None

    def begin(self, tracks: Tracks) -> None:
        self.begun.append(tracks)

    def video(self, unit: AccessUnit) -> None:
        if self.failing:
            raise RuntimeError("this output is broken")
        self.pictures.append(unit)

    def audio(self, packet: OpusPacket) -> None:
        self.sounds.append(packet)

    def pause(self) -> None:
        self.pauses += 1

    async def open(self) -> None:
        self.opened = True

    async def finish(self) -> None:
        self.closed = True

    async def discard(self) -> None:
        self.closed = self.discarded = True


@dataclass
class Doorkeeper:
    """A MediaAuthority with tokens in a dictionary: token -> (stream, publisher)."""

    tokens: dict[str, tuple[str, str]]
    on_air: bool = True
    busy: set[str] = field(default_factory=set)
    events: list[tuple[str, PublishingEvent]] = field(default_factory=list)
    asked: int = 0
    deaf: bool = False
    missed: int = 0

    async def publisher(self, stream_id: str, token: str) -> PublishGrant:
        self.asked += 1
        if token not in self.tokens:
            raise Unauthenticated("token_refused", "推流凭证无效或已过期")
        stream, publisher = self.tokens[token]
        if stream != stream_id:
            raise NotFound
        if stream_id in self.busy:
            raise Conflict("broadcast_over", "直播已经结束")
        return PublishGrant(publisher, self.on_air)

    async def viewer(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        return

    async def publishing_changed(self, stream_id: str, event: PublishingEvent) -> None:
        if self.deaf:
            self.missed += 1
            raise RuntimeError("not now")
        self.events.append((stream_id, event))

    def heard(self, stream_id: str) -> list[PublishingEvent]:
        return [event for stream, event in self.events if stream == stream_id]


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
