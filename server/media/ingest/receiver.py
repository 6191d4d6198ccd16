"""Receiving RTP without decoding it.

`EncodedReceiver` stands where aiortc's receiver was: its receiver reports, bandwidth estimate (REMB) and feedback packets
remain aiortc's, its decoder thread never starts. `RtpInput` takes every RTP packet of a session, still encrypted when it comes
straight from the socket, and spreads them over the tracks by payload type. It runs a few hundred times a second and stream, so
it parses just what it needs and makes no objects on the way.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Any

import pylibsrtp
import structlog
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver, StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

from .hooks import (
    incoming_srtp,
    is_started,
    learn_ssrc,
    mark_started,
    report_ssrc,
    reported_streams,
    run_now,
    start_without_decoder,
)

log = structlog.get_logger(__name__)

OnPacket = Callable[[int, int, bool, bytes], None]
"""sequence number, RTP timestamp, marker bit, payload (maybe empty)"""

_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
_MAX_SOURCES = 16  # SSRCs one track may have in its life; honest publishers need one, and each costs memory and report space
_MAX_NACKED = 200  # sequence numbers in one NACK; who has lost more needs a key frame, not retransmissions


class EncodedReceiver(RTCRtpReceiver):
    """One track's RTCP half: receiver reports go out by themselves, sender reports come in through `on_report`."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.ssrc: int | None = None
        self.on_report: Callable[[int, int], None] | None = None
        self.on_ready: Callable[[], None] | None = None

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Called by aiortc when DTLS is done."""
        if is_started(self):
            return
        mark_started(self, asyncio.ensure_future(start_without_decoder(self, parameters)))
        if self.on_ready is not None:
            self.on_ready()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Never reached: `RtpInput` takes RTP before it is routed."""

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == self.ssrc and self.on_report is not None:
            self.on_report(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)
        await super()._handle_rtcp_packet(packet)

    def follow(self, ssrc: int) -> None:
        """Take sender reports of this SSRC from now on."""
        self.ssrc = ssrc
        learn_ssrc(self.transport, ssrc, self)

    def statistics(self, ssrc: int, clock_rate: int) -> StreamStatistics:
        """What aiortc's receiver reports say of an SSRC; made on first sight."""
        return reported_streams(self).setdefault(ssrc, StreamStatistics(clock_rate))

    def ask_key_frame(self) -> None:
        """Send a PLI (RFC 4585 section 6.3.1) for the SSRC in sight."""
        if self.ssrc is not None:
            self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=report_ssrc(self), media_ssrc=self.ssrc))

    def ask_again(self, missing: list[int]) -> None:
        """Send a NACK (RFC 4585 section 6.2.1) for these sequence numbers, ascending."""
        if self.ssrc is not None and missing:
            wanted = missing[:_MAX_NACKED]
            self._send(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=report_ssrc(self), media_ssrc=self.ssrc, lost=wanted))

    def tell_bandwidth(self, estimate: tuple[int, list[int]]) -> None:
        """Send a REMB: bits per second, and the SSRCs that share them."""
        self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=report_ssrc(self), media_ssrc=0, fci=pack_remb_fci(*estimate)))

    def _send(self, packet: AnyRtcpPacket) -> None:
        run_now(self._send_rtcp(packet))


class _Header:
    """The two fields of a packet that aiortc's statistics read. One object is used again and again."""

    __slots__ = ("sequence_number", "timestamp")

    def __init__(self) -> None:
        self.sequence_number = 0
        self.timestamp = 0


class TrackInput:
    """One track: its receiver, payload types, and where its packets go."""

    def __init__(
        self, receiver: EncodedReceiver, clock_rate: int, on_packet: OnPacket, on_new_source: Callable[[], None]
    ) -> None:
        self.receiver = receiver
        self.clock_rate = clock_rate
        self.on_packet = on_packet
        self.on_new_source = on_new_source
        self.statistics: StreamStatistics | None = None
        self.retransmissions: StreamStatistics | None = None
        self._rtx_ssrc: int | None = None
        self._sources: set[int] = set()

    def switch(self, ssrc: int) -> StreamStatistics | None:
        """Another SSRC carries the track from now on; None when there have been too many."""
        if not self._admit(ssrc):
            return None
        if self.receiver.ssrc is not None:
            self.on_new_source()
        self.receiver.follow(ssrc)
        self.statistics = self.receiver.statistics(ssrc, self.clock_rate)
        return self.statistics

    def rtx_statistics(self, ssrc: int) -> StreamStatistics | None:
        if self._rtx_ssrc != ssrc or self.retransmissions is None:
            if not self._admit(ssrc):
                return None
            self._rtx_ssrc = ssrc
            self.retransmissions = self.receiver.statistics(ssrc, self.clock_rate)
        return self.retransmissions

    def _admit(self, ssrc: int) -> bool:
        if len(self._sources) < _MAX_SOURCES:
            self._sources.add(ssrc)
        return ssrc in self._sources


class RtpInput:
    """All RTP of one session. `bytes_received` counts RTP with its headers; `refused` what could not be decrypted or read.

    `packets_received` counts what could be decrypted, of whatever use it was.
    """

    def __init__(self, abs_send_time: int | None) -> None:
        self._extension = abs_send_time
        self._primary: dict[int, TrackInput] = {}
        self._rtx: dict[int, TrackInput] = {}
        self._srtp: pylibsrtp.Session | None = None
        self._header: Any = _Header()
        self._estimator = RemoteBitrateEstimator()
        self._estimated: TrackInput | None = None
        self.bytes_received = 0
        self.packets_received = 0
        self.refused = 0

    def add_track(self, track: TrackInput, payload_type: int, rtx: int | None, *, estimated: bool) -> None:
        """`estimated`: the bandwidth estimate is made from this track, as aiortc makes it from the picture."""
        self._primary[payload_type] = track
        if rtx is not None:
            self._rtx[rtx] = track
        if estimated and self._extension is not None:
            self._estimated = track

    def open(self, transport: RTCDtlsTransport) -> None:
        """Decrypt with the keys of `transport` from now on."""
        self._srtp = incoming_srtp(transport)

    def close(self) -> None:
        self._srtp = None
        self._estimated = None
        self._primary.clear()
        self._rtx.clear()

    def encrypted(self, data: bytes) -> bool:
        """One SRTP packet, from the socket; False if it does not come from the publisher, or came before."""
        if self._srtp is None:
            return False
        try:
            packet = self._srtp.unprotect(data)
        except pylibsrtp.Error:  # replayed, late, or not of this session
            self.refused += 1
            return False
        self.packet(packet)
        return True

    def packet(self, data: bytes) -> None:
        """One RTP packet (RFC 3550 section 5.1)."""
        length = len(data)
        self.packets_received += 1
        if length < 12:
            self.refused += 1
            return
        flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        position = 12 + 4 * (flags & 0x0F)
        extended = flags & 0x10
        if extended:
            if length < position + 4:
                self.refused += 1
                return
            extension = position
            position += 4 + 4 * _EXTENSION.unpack_from(data, position)[1]
        end = length - data[-1] if flags & 0x20 else length
        if position > end or flags < 0x80:
            self.refused += 1
            return
        self.bytes_received += length
        payload_type = kind & 0x7F
        header = self._header
        header.sequence_number, header.timestamp = sequence, timestamp
        track = self._primary.get(payload_type)
        if track is not None:
            statistics = track.statistics
            if ssrc != track.receiver.ssrc or statistics is None:
                statistics = track.switch(ssrc)
                if statistics is None:
                    self.refused += 1
                    return
            statistics.add(header)
            if extended and track is self._estimated:
                self._estimate(track, data, extension, position, end, ssrc)
            track.on_packet(sequence, timestamp, kind > 0x7F, data[position:end])
        elif (track := self._rtx.get(payload_type)) is not None:
            statistics = track.rtx_statistics(ssrc)
            if statistics is None:
                self.refused += 1
                return
            statistics.add(header)
            if extended and track is self._estimated:
                self._estimate(track, data, extension, position, end, ssrc)
            if end >= position + 2 and track.receiver.ssrc is not None:  # RFC 4588 section 4: the original number comes first
                original = data[position] << 8 | data[position + 1]
                track.on_packet(original, timestamp, kind > 0x7F, data[position + 2 : end])

    def _estimate(self, track: TrackInput, data: bytes, start: int, payload: int, end: int, ssrc: int) -> None:
        """Feed the bandwidth estimate from `abs-send-time`, and tell the publisher when it has something to say."""
        sent = _abs_send_time(data, start, payload, self._extension)
        if sent is None:
            return
        remb = self._estimator.add(
            abs_send_time=sent, arrival_time_ms=int(time.monotonic() * 1000), payload_size=end - payload, ssrc=ssrc
        )
        if remb is not None:
            track.receiver.tell_bandwidth(remb)


def _abs_send_time(data: bytes, start: int, end: int, identifier: int | None) -> int | None:
    """The 24-bit value of one header extension in one-byte form (RFC 8285 section 4.2), the form browsers send."""
    if data[start] != 0xBE or data[start + 1] != 0xDE:
        return None
    position = start + 4
    while position < end:
        head = data[position]
        if head == 0:
            position += 1
            continue
        size = (head & 0x0F) + 1
        if head >> 4 == identifier and size == 3 and position + 4 <= end:
            return data[position + 1] << 16 | data[position + 2] << 8 | data[position + 3]
        position += 1 + size
    return None
