"""RTP packets byte by byte, into a real receiver that is not connected."""

import struct

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.media.ingest.hooks import reported_streams
from server.media.ingest.receiver import EncodedReceiver, RtpInput, TrackInput

VIDEO, RTX, AUDIO = 107, 108, 111
EXTENSION = 2


def rtp(
    payload: bytes = b"x",
    *,
    kind: int = VIDEO,
    sequence: int = 1,
    timestamp: int = 90,
    ssrc: int = 5,
    marker: bool = False,
    csrc: int = 0,
    extension: bytes = b"",
    padding: int = 0,
) -> bytes:
    flags = 0x80 | csrc | (0x10 if extension else 0) | (0x20 if padding else 0)
    head = struct.pack("!BBHII", flags, kind | (0x80 if marker else 0), sequence, timestamp, ssrc) + bytes(4 * csrc)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return head + extension + payload + tail


def sent_at(value: int) -> bytes:
    """A one-byte header extension block: padding, another element, then abs-send-time (RFC 8285 section 4.2)."""
    elements = b"\x00" + bytes([1 << 4 | 0]) + b"\x11" + bytes([EXTENSION << 4 | 2]) + value.to_bytes(3, "big") + b"\x00"
    return struct.pack("!HH", 0xBEDE, len(elements) // 4) + elements


class Input:
    """An RtpInput with both tracks, and what reached them."""

    def __init__(self) -> None:
        gatherer = RTCIceGatherer(iceServers=[])
        self.transport = RTCDtlsTransport(RTCIceTransport(gatherer), [RTCCertificate.generateCertificate()])
        self.rtp = RtpInput(EXTENSION)
        self.got: list[tuple[str, int, int, bool, bytes]] = []
        self.new_sources = 0
        for name, kind, rtx in (("video", VIDEO, RTX), ("audio", AUDIO, None)):
            receiver = EncodedReceiver(name, self.transport)
            receiver._set_rtcp_ssrc(1)

            def take(sequence: int, timestamp: int, marker: bool, payload: bytes, name: str = name) -> None:
                self.got.append((name, sequence, timestamp, marker, payload))

            track = TrackInput(receiver, 90_000, take, self._new_source)
            self.rtp.add_track(track, kind, rtx, estimated=name == "video")
            if name == "video":
                self.video = track

    def _new_source(self) -> None:
        self.new_sources += 1


@pytest.fixture
async def into() -> Input:
    return Input()


def test_packets_go_to_their_tracks(into: Input) -> None:
    into.rtp.packet(rtp(b"picture", sequence=7, timestamp=900, marker=True))
    into.rtp.packet(rtp(b"sound", kind=AUDIO, ssrc=6))
    into.rtp.packet(rtp(b"nobody's", kind=96))
    assert into.got == [("video", 7, 900, True, b"picture"), ("audio", 1, 90, False, b"sound")]


def test_every_packet_that_could_be_decrypted_is_counted(into: Input) -> None:
    for packet in (rtp(b"picture"), rtp(b"sound", kind=AUDIO, ssrc=6), rtp(b"nobody's", kind=96), b"short"):
        into.rtp.packet(packet)
    assert into.rtp.packets_received == 4


def test_sources_extensions_and_padding_are_taken_off(into: Input) -> None:
    into.rtp.packet(rtp(b"picture", csrc=2, extension=sent_at(1000), padding=9))
    into.rtp.packet(rtp(b"", padding=200, sequence=2))
    assert [payload for *_, payload in into.got] == [b"picture", b""]


def test_a_retransmission_counts_as_its_original(into: Input) -> None:
    into.rtp.packet(rtp(b"first", sequence=10))
    into.rtp.packet(rtp(struct.pack("!H", 9) + b"again", kind=RTX, ssrc=77, sequence=500, marker=True))
    into.rtp.packet(rtp(b"", kind=RTX, ssrc=77, sequence=501, padding=200))
    assert into.got[1:] == [("video", 9, 90, True, b"again")]
    statistics = reported_streams(into.video.receiver)
    assert statistics[5].packets_received == 1
    assert statistics[77].packets_received == 2


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x80",
        rtp()[:11],
        b"\x40" + rtp()[1:],
        rtp(csrc=15)[:20],
        rtp(extension=b"\xbe\xde\x00\xff"),
        rtp(padding=1)[:-1] + b"\xff",
    ],
)
def test_what_is_no_rtp_is_refused(into: Input, packet: bytes) -> None:
    into.rtp.packet(packet)
    assert into.got == []
    assert into.rtp.refused == 1


def test_another_source_is_noticed(into: Input) -> None:
    for ssrc in (5, 5, 8, 8, 5):
        into.rtp.packet(rtp(ssrc=ssrc))
    assert into.new_sources == 2
    assert len(into.got) == 5


def test_sources_without_end_are_refused(into: Input) -> None:
    for ssrc in range(1000, 1100):
        into.rtp.packet(rtp(ssrc=ssrc))
        into.rtp.packet(rtp(b"\x00\x01x", kind=RTX, ssrc=ssrc + 5000))
    assert len(reported_streams(into.video.receiver)) <= 16
    assert into.rtp.refused > 150


def test_after_the_end_nothing_passes(into: Input) -> None:
    into.rtp.close()
    assert not into.rtp.encrypted(rtp())
    into.rtp.packet(rtp())
    assert into.got == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=80), kind=st.sampled_from([VIDEO, RTX, AUDIO]), flags=st.integers(0x80, 0xBF))
def test_no_packet_upsets_it(into: Input, noise: bytes, kind: int, flags: int) -> None:
    into.rtp.packet(noise)
    into.rtp.packet(bytes([flags, kind]) + noise)
