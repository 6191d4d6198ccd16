"""Every private name of aiortc and aioice that the ingest leans on, in one place.

Both libraries are pinned to an exact version. `check_hooks` looks at all names and refuses to start when one has moved, so that
an upgrade fails at once and loudly, never by an unguarded socket or a silent decoder thread.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from importlib.metadata import version
from typing import Any

import aioice.ice
import aioice.stun
import aiortc.rtcpeerconnection
import pylibsrtp
from aioice.ice import Connection
from aiortc import RTCPeerConnection
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceParameters, RTCIceTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver, StreamStatistics
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

PINNED = {"aiortc": "1.16.0", "aioice": "0.13.0"}

_CONNECTION_STATE = (
    "_check_list",
    "_local_candidates",
    "_local_candidates_end",
    "_local_candidates_start",
    "_nominated",
    "_protocols",
    "_queue",
)
_RECEIVER_STATE = ("__remote_streams", "__rtcp_ssrc", "__rtcp_task", "__started", "__decoder_thread", "__lsr")


class HookMoved(RuntimeError):
    """A private name this module leans on is gone or has another shape: the pinned versions were changed."""


def connection_of(transport: RTCIceTransport) -> Connection:
    return transport._connection  # noqa: SLF001  # aiortc has no public way to its ICE agent


def replace_gathering(connection: Connection, gather: Callable[[], Awaitable[None]]) -> None:
    """Let `gather` open the sockets of this one connection instead of aioice's own way (all addresses, any port)."""
    connection.gather_candidates = gather  # type: ignore[method-assign, assignment]  # per instance, on purpose


def adopt_sockets(connection: Connection, protocols: list[aioice.ice.StunProtocol], candidates: list[aioice.Candidate]) -> None:
    """Give a connection its sockets and candidates, as its own gathering would have left them."""
    connection._protocols += protocols  # noqa: SLF001
    connection._local_candidates += candidates  # noqa: SLF001
    connection._local_candidates_start = True  # noqa: SLF001
    connection._local_candidates_end = True  # noqa: SLF001


def sockets_of(connection: Connection) -> list[aioice.ice.StunProtocol]:
    return connection._protocols  # noqa: SLF001


def check_list_of(connection: Connection) -> list[aioice.ice.CandidatePair]:
    return connection._check_list  # noqa: SLF001


def nominated_pairs(connection: Connection) -> list[aioice.ice.CandidatePair]:
    """The pairs that carry data now; one, or none before ICE is done and after the end."""
    return list(connection._nominated.values())  # noqa: SLF001


def replace_consent(connection: Connection, keep: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Let `keep` run as the task that looks after consent to send, instead of aioice's own checks."""
    connection.query_consent = keep  # type: ignore[method-assign]  # per instance, on purpose


def replace_receiver(transceiver: RTCRtpTransceiver, receiver: RTCRtpReceiver) -> None:
    """Put `receiver` where the transceiver's own one was; it must not have started."""
    receiver._set_rtcp_ssrc(transceiver.sender._ssrc)  # noqa: SLF001
    transceiver._RTCRtpTransceiver__receiver = receiver  # type: ignore[attr-defined]  # noqa: SLF001  # name-mangled


def start_without_decoder(receiver: RTCRtpReceiver, parameters: RTCRtpReceiveParameters) -> Coroutine[Any, Any, None]:
    """Do what `RTCRtpReceiver.receive` does except for its decoder thread; returns the report loop, to be run as a task."""
    receiver.transport._register_rtp_receiver(receiver, parameters)  # noqa: SLF001
    return receiver._run_rtcp()  # noqa: SLF001


def mark_started(receiver: RTCRtpReceiver, rtcp_task: Any) -> None:
    """Let `RTCRtpReceiver.stop` know that there is a report loop to end."""
    receiver._RTCRtpReceiver__rtcp_task = rtcp_task  # type: ignore[attr-defined]  # noqa: SLF001  # name-mangled
    receiver._RTCRtpReceiver__started = True  # type: ignore[attr-defined]  # noqa: SLF001  # name-mangled


def is_started(receiver: RTCRtpReceiver) -> bool:
    return bool(receiver._RTCRtpReceiver__started)  # type: ignore[attr-defined]  # noqa: SLF001  # name-mangled


def report_ssrc(receiver: RTCRtpReceiver) -> int:
    """The SSRC under which our reports and feedback go out."""
    return int(receiver._RTCRtpReceiver__rtcp_ssrc)  # type: ignore[attr-defined]  # noqa: SLF001  # name-mangled


def reported_streams(receiver: RTCRtpReceiver) -> dict[int, StreamStatistics]:
    """The statistics per SSRC from which aiortc writes its receiver reports."""
    streams: dict[int, StreamStatistics] = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]  # noqa: SLF001
    return streams


def tolerate_closing(transport: RTCIceTransport) -> None:
    """Let a connection end while DTLS is being set up.

    aiortc's connecting task goes on to the next transceiver then, finds the transport closed and raises where nobody looks.
    """
    original = transport.start

    async def start(parameters: RTCIceParameters) -> None:
        if transport.state != "closed":
            await original(parameters)

    transport.start = start  # type: ignore[method-assign, assignment]  # per instance, on purpose


def receive_raw(transport: RTCDtlsTransport, handle: Callable[[bytes], None]) -> None:
    """Hand decrypted RTP packets of a DTLS transport to `handle` instead of parsing and routing them."""

    async def handle_rtp(data: bytes, arrival_time_ms: int) -> None:
        handle(data)

    transport._handle_rtp_data = handle_rtp  # type: ignore[method-assign]  # noqa: SLF001  # per instance, on purpose


def incoming_srtp(transport: RTCDtlsTransport) -> pylibsrtp.Session:
    return transport._rx_srtp  # noqa: SLF001


def learn_ssrc(transport: RTCDtlsTransport, ssrc: int, receiver: RTCRtpReceiver) -> None:
    """Route the sender reports of an SSRC, which aiortc would have learnt from its first RTP packet."""
    transport._rtp_router.ssrc_table[ssrc] = receiver  # noqa: SLF001


def be_dtls_server(transport: RTCDtlsTransport) -> None:
    transport._set_role("server")  # noqa: SLF001


def run_now(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits: aiortc's RTCP senders end in a plain `sendto`. Saves a task for each report."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise HookMoved("a sending coroutine of aiortc waits now")


def check_hooks() -> None:
    """Raise HookMoved unless every name above is where it was."""
    for package, wanted in PINNED.items():
        if version(package) != wanted:
            raise HookMoved(f"{package} {wanted} is needed, {version(package)} is installed")
    connection = Connection(ice_controlling=False)
    _need(connection, "aioice.Connection", *_CONNECTION_STATE, "gather_candidates", "data_received", "request_received")
    _need(connection, "aioice.Connection", "build_request", "query_consent", "remote_password")
    if "asyncio.create_task(self.query_consent())" not in inspect.getsource(Connection.connect):
        raise HookMoved("aioice.Connection.connect no longer runs query_consent")
    _need(aioice.ice.StunProtocol, "aioice.StunProtocol", "close", "request", "send_stun")
    if "datagram_received" not in vars(aioice.ice.StunProtocol):
        raise HookMoved("aioice.StunProtocol.datagram_received is gone")
    _need(aioice.ice, "aioice.ice", "get_host_addresses", "CandidatePair")
    mangled = [name.replace("__", "_RTCRtpReceiver__") for name in _RECEIVER_STATE]
    source = inspect.getsource(RTCRtpReceiver)
    for name in _RECEIVER_STATE:
        if f"self.{name}" not in source:
            raise HookMoved(f"RTCRtpReceiver.{mangled[_RECEIVER_STATE.index(name)]} is gone")
    _need(RTCRtpReceiver, "RTCRtpReceiver", "_run_rtcp", "_send_rtcp", "_send_rtcp_pli", "_send_rtcp_nack", "_set_rtcp_ssrc")
    _need(RTCDtlsTransport, "RTCDtlsTransport", "_handle_rtp_data", "_register_rtp_receiver", "_set_role", "_recv_next")
    if "await self._handle_rtp_data(data" not in inspect.getsource(RTCDtlsTransport._recv_next):  # noqa: SLF001
        raise HookMoved("RTCDtlsTransport no longer hands RTP to _handle_rtp_data")
    if "self.__receiver" not in inspect.getsource(RTCRtpTransceiver):
        raise HookMoved("RTCRtpTransceiver no longer keeps its receiver in __receiver")
    if "await iceTransport.start(" not in inspect.getsource(aiortc.rtcpeerconnection):
        raise HookMoved("RTCPeerConnection no longer awaits RTCIceTransport.start")
    if "transceiver.receiver.receive(" not in inspect.getsource(aiortc.rtcpeerconnection):
        raise HookMoved("RTCPeerConnection no longer starts receivers through their transceiver")
    if "self._connection.gather_candidates()" not in inspect.getsource(aiortc.rtcicetransport.RTCIceGatherer):
        raise HookMoved("RTCIceGatherer no longer gathers through its connection")
    _need(RTCPeerConnection, "RTCPeerConnection", "addTransceiver", "getTransceivers", "close")


def _need(thing: object, label: str, *names: str) -> None:
    for name in names:
        if not hasattr(thing, name):
            raise HookMoved(f"{label}.{name} is gone")
