"""One publishing session: a peer connection, what it receives, and its end.

The session owns its peer connection and a single task, which looks after it ten times a second: missing packets, key frames,
silence, time-outs. It ends once, for whatever reason, and then everything it had is freed: consent is revoked at once by
closing the sockets (RFC 7675 section 5.2).
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aioice import Candidate
from aioice.ice import Connection
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import RTCDtlsTransport

from ...core.clock import Clock
from ...core.ids import new_token
from ...core.tasks import Tasks
from ..limits import MAX_TRICKLED_CANDIDATES, MediaSettings
from ..model import IngestSink, Tracks
from .allowance import Allowance, Totals
from .answer import Local, offer_for_aiortc, write_answer
from .candidates import RemoteCandidate
from .codecs import parameter_sets
from .consent import Consent
from .figures import Figures, Sample
from .guard import GuardedSocket
from .hooks import HookMoved, be_dtls_server, connection_of, receive_raw, replace_receiver, sockets_of, tolerate_closing
from .ice import gather_with
from .receiver import EncodedReceiver, RtpInput, TrackInput
from .sdp import Offer, Section
from .tracks import MediaInput
from .vigil import Due, Vigil

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.1  # seconds
_FIGURES_EVERY = 5  # looks
_COMPONENT = 1


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a session belongs to. `token_digest`: only the token that opened it may touch it."""

    stream_id: str
    publisher_id: str
    token_digest: str
    address: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a session tells. `flowing(True)` with the first media and after a silence, `flowing(False)` when silence begins.

    `last_at` is asked for the stream's newest media time, -1 before the first: what the session brings begins after it.
    """

    flowing: Callable[["PublishingSession", bool], None]
    ended: Callable[["PublishingSession", str], None]
    last_at: Callable[[], int]


class PublishingSession:
    """Made with an offer; `answer` opens it, `close` ends it."""

    def __init__(
        self, owner: Owner, offer: Offer, sink: IngestSink, settings: MediaSettings, clock: Clock, hooks: Hooks
    ) -> None:
        self.id = new_token(192)
        self.etag = f'"{new_token(96)}"'  # strong, and new for each ICE session (RFC 9725 section 4.3.1)
        self.owner = owner
        self.tracks = Tracks(video=offer.section("video") is not None, audio=offer.section("audio") is not None)
        self._offer = offer
        self._settings = settings
        self._clock = clock
        self._hooks = hooks
        self._tasks = Tasks(f"publisher:{self.id[:8]}")
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        video = offer.section("video")
        known = parameter_sets(video.codec) if video is not None else ()
        self._media = MediaInput(sink, self.tracks, clock, known, hooks.last_at, self._on_media)
        self._rtp = RtpInput(video.abs_send_time if video is not None else None)
        self._video: TrackInput | None = None
        self._figures = Figures()
        self._allowance = Allowance(settings.ingest_bitrate, clock.monotonic())
        self._vigil = Vigil(
            opened=clock.monotonic(),
            silent_after=settings.silent_after,
            dtls_timeout=settings.dtls_timeout,
            gone_after=settings.gone_after,
            key_frame_every=settings.key_frame_every,
            has_video=self.tracks.video,
        )
        self.consent: Consent | None = None
        self._trickled = 0
        self._looks = 0
        self._closing: asyncio.Future[None] | None = None

    # ---- opening -------------------------------------------------------------------------------------------------------

    async def answer(self) -> str:
        """Open the session and return the SDP answer with all our candidates. Raises Unavailable when no port is free."""
        transport = self._make_transceivers()
        await self._pc.setRemoteDescription(RTCSessionDescription(offer_for_aiortc(self._offer), "offer"))
        if self._offer.setup != "passive":
            be_dtls_server(transport)
        connection = connection_of(transport.transport)
        gather_with(connection, self._settings)
        self.consent = Consent(connection, self._settings.consent_interval, lambda: self._end("consent_lost"))
        await self._pc.setLocalDescription()
        if not all(isinstance(protocol, GuardedSocket) for protocol in sockets_of(connection)):
            raise HookMoved("an unguarded media socket was opened")
        for candidate in self._offer.candidates:
            await self._add_candidate(candidate)
        self._pc.on("connectionstatechange", self._connection_changed)
        self._tasks.spawn(self._look_after(), "vigil")
        parameters = transport.transport.iceGatherer.getLocalParameters()
        fingerprints = {entry.algorithm: entry.value for entry in transport.getLocalParameters().fingerprints}
        local = Local(
            session=secrets.randbits(62),
            ufrag=parameters.usernameFragment or "",
            password=parameters.password or "",
            fingerprint=fingerprints["sha-256"],
            candidates=tuple(connection.local_candidates),
        )
        return write_answer(self._offer, local, self._settings.start_bitrate)

    def _make_transceivers(self) -> RTCDtlsTransport:
        transport: RTCDtlsTransport | None = None
        for section in self._offer.sections:
            transceiver = self._pc.addTransceiver(section.kind, direction="recvonly")
            transport = transceiver.receiver.transport
            receiver = EncodedReceiver(section.kind, transport)
            replace_receiver(transceiver, receiver)
            self._add_track(section, receiver)
        if transport is None:
            raise ValueError("an offer has at least one section")
        tolerate_closing(transport.transport)
        receive_raw(transport, self._rtp.packet)
        return transport

    def _add_track(self, section: Section, receiver: EncodedReceiver) -> None:
        media = self._media
        if section.kind == "video":
            track = TrackInput(receiver, 90_000, self._video_packet, media.new_video_source)
            receiver.on_report = media.video_report
            self._video = track
        else:
            track = TrackInput(receiver, 48_000, media.audio_packet, media.new_audio_source)
            receiver.on_report = media.audio_report
        receiver.on_ready = self._receiver_ready
        self._rtp.add_track(track, section.codec.payload_type, section.codec.rtx, estimated=section.kind == "video")

    def _receiver_ready(self) -> None:
        """DTLS is done: from now on RTP goes straight from the socket to the tracks."""
        self._vigil.connected = True
        self._rtp.open(self._pc.getTransceivers()[0].receiver.transport)
        for protocol in sockets_of(self._connection):
            if isinstance(protocol, GuardedSocket):
                protocol.on_rtp = self._rtp.encrypted

    @property
    def _connection(self) -> Connection:
        return connection_of(self._pc.getTransceivers()[0].receiver.transport.transport)

    async def _add_candidate(self, candidate: RemoteCandidate) -> None:
        await self._connection.add_remote_candidate(
            Candidate(
                foundation=candidate.foundation,
                component=_COMPONENT,
                transport="udp",
                priority=candidate.priority,
                host=candidate.address,
                port=candidate.port,
                type=candidate.type,
            )
        )

    # ---- while it lasts ------------------------------------------------------------------------------------------------

    @property
    def ufrag(self) -> str:
        """The publisher's ICE user name fragment; another one in a PATCH means an ICE restart."""
        return self._offer.ufrag

    @property
    def figures(self) -> Figures:
        return self._figures

    @property
    def media(self) -> MediaInput:
        return self._media

    @property
    def is_sending(self) -> bool:
        """Whether another publisher has to wait or take over."""
        return self._closing is None and self._vigil.is_sending(self._clock.monotonic())

    @property
    def is_flowing(self) -> bool:
        """Whether media has come within the time of a silence."""
        return self._closing is None and self._vigil.flowing

    async def trickle(self, candidates: tuple[RemoteCandidate, ...]) -> None:
        """Add candidates the publisher found later; past the limit they are dropped like any other useless one."""
        for candidate in candidates[: MAX_TRICKLED_CANDIDATES - self._trickled]:
            self._trickled += 1
            await self._add_candidate(candidate)

    def ask_key_frame(self) -> None:
        """Ask the publisher for a key frame; asked too often, it goes out a little later."""
        if self._video is not None and self._vigil.may_ask(self._clock.monotonic()):
            self._video.receiver.ask_key_frame()

    def _video_packet(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> None:
        gap = self._media.video_packet(sequence, timestamp, marker, payload)
        if self._vigil.may_ask_again(self._clock.monotonic(), gap=gap) and self._video is not None:
            self._video.receiver.ask_again(self._media.missing())

    def _on_media(self, now: float, key: bool) -> None:
        if self._vigil.media(now, key=key):
            self._hooks.flowing(self, True)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                self._look(self._clock.monotonic())
            except Exception:
                log.exception("publisher_failed", stream=self.owner.stream_id, session=self.id[:8])
                self._end("failed")

    def _look(self, now: float) -> None:
        too_much = self._allowance.exceeded(self._totals(), now)
        if too_much is not None:
            log.warning("publisher_sends_too_much", stream=self.owner.stream_id, session=self.id[:8], of=too_much)
            self._end("too_much")
            return
        for protocol in sockets_of(self._connection):
            if isinstance(protocol, GuardedSocket):
                protocol.renew()
        self._media.expire(now)
        if self._media.wants_key:
            self._vigil.key_wanted = True
        due = self._vigil.look(now)
        video = self._video
        if video is not None:
            video.receiver.ask_again(self._media.missing())
            if Due.KEY_FRAME in due:
                video.receiver.ask_key_frame()
        if Due.SILENT in due:
            self._media.pause()
            self._hooks.flowing(self, False)
        self._looks += 1
        if self._looks % _FIGURES_EVERY == 0:
            self._figures.note(self._sample(now))
        if Due.TIMED_OUT in due:
            self._end("timed_out")

    def _totals(self) -> Totals:
        media, rtp = self._media, self._rtp
        return Totals(rtp.bytes_received, rtp.packets_received, media.pictures, media.units, media.sound)

    def _sample(self, now: float) -> Sample:
        statistics = self._video.statistics if self._video is not None else None
        expected = statistics.packets_expected if statistics is not None else 0
        received = statistics.packets_received if statistics is not None else 0
        return Sample(now, self._rtp.bytes_received, expected, received, self._media.pictures)

    # ---- the end -------------------------------------------------------------------------------------------------------

    def _connection_changed(self) -> None:
        if self._pc.connectionState in ("failed", "closed"):
            self._end(f"connection_{self._pc.connectionState}")

    def fail(self) -> None:
        """Something behind the session broke; the publisher may come again."""
        self._end("failed")

    def _end(self, reason: str) -> None:
        """End from within: the closing runs as a task of its own, for a task cannot await its own end."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close(reason))

    async def close(self, reason: str) -> None:
        """End the session and wait until everything is freed. Safe to call twice."""
        self._end(reason)
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _close(self, reason: str) -> None:
        log.info("publisher_ended", stream=self.owner.stream_id, session=self.id[:8], reason=reason)
        self._rtp.close()
        try:
            self._media.pause()
        except Exception:
            log.exception("sink_failed", stream=self.owner.stream_id)
        self._hooks.ended(self, reason)
        await self._tasks.aclose()
        try:
            await self._pc.close()
        except Exception:
            log.exception("peer_close_failed", stream=self.owner.stream_id)
