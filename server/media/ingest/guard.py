"""The datagram guard: what is neither STUN nor from an address that ICE has paired never reaches aioice or aiortc.

aioice passes on whatever is not STUN, from any source, and aiortc dies of it: one empty datagram ends the session
(`data[0]` of nothing), one forged ClientHello before the publisher's own ends the handshake. Every media socket is therefore
a `GuardedSocket`; a session refuses to go on with any other.

A check with the right password makes its source a candidate, which aioice keeps, sorts and checks in turn as long as the
session lasts. Told candidates are counted where they are read; here those are counted that only show themselves, so that a
publisher cannot have any number of them by sending from any number of ports.

First bytes are told apart as RFC 7983 section 7 says: 0…3 STUN, 20…63 DTLS, 128…191 RTP and RTCP; all else is noise.
"""

from collections.abc import Callable
from typing import Any, cast

import structlog
from aioice.ice import CandidatePair, Connection, StunProtocol
from aioice.stun import parse_message

from ..limits import MAX_CANDIDATE_PAIRS, MAX_REMOTE_CANDIDATES
from .hooks import check_list_of

log = structlog.get_logger(__name__)

_STUN_HEADER = 20
_STUN_COOKIE = b"\x21\x12\xa4\x42"  # RFC 8489 section 5
_MAX_QUEUED = 4096  # datagrams aiortc has not fetched yet; RTP passes there until the handshake is done
_MOST_CONTROL = 500  # datagrams of DTLS and RTCP that may come at once; aiortc makes a task or two of each
_CONTROL_RENEWED = 50  # with each `renew`; honest publishers send some dozens a second
_PAIRED = (CandidatePair.State.SUCCEEDED, CandidatePair.State.IN_PROGRESS)


class GuardedSocket(StunProtocol):
    """One UDP socket of one session. `dropped` counts what was kept away from it.

    `on_rtp` takes RTP packets (not RTCP) from paired addresses as soon as the session can decrypt them, and says whether one is
    authentic. It saves the way through aioice's queue and aiortc's reading task, which costs more than the decryption itself.
    """

    def __init__(self, receiver: Connection) -> None:
        super().__init__(receiver)
        self.dropped = 0
        self.on_rtp: Callable[[bytes], bool] | None = None
        self._control_left = _MOST_CONTROL
        self._paired: set[tuple[str, int]] = set()
        self._heard: set[tuple[str, int]] = set()
        self._complained = False

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        datagram = cast("bytes", data)
        if not datagram:
            self.dropped += 1
            return
        first = datagram[0]
        try:
            if 127 < first < 192 or 19 < first < 64:
                self._from_peer(datagram, first, addr)
            elif first < 4 and _is_stun(datagram) and self._is_welcome((addr[0], addr[1])):
                super().datagram_received(datagram, addr)
            else:
                self.dropped += 1
        except Exception:  # whatever a datagram does, the socket and its neighbours live on
            self.dropped += 1
            if not self._complained:  # once: a log can be flooded too
                self._complained = True
                log.exception("datagram_failed")

    def renew(self) -> None:
        """A tenth of a second has passed."""
        self._control_left = min(self._control_left + _CONTROL_RENEWED, _MOST_CONTROL)

    def heard_from(self, address: tuple[str, int]) -> bool:
        """Whether authentic media has come from there since this was last asked."""
        heard = address in self._heard
        self._heard.discard(address)
        return heard

    def _from_peer(self, datagram: bytes, first: int, addr: tuple[Any, ...]) -> None:
        peer = (addr[0], addr[1])  # IPv6 comes with flow and scope
        if peer not in self._paired:
            if not self._is_paired(peer):
                self.dropped += 1
                return
            self._paired.add(peer)
        # RTP and RTCP share the port; RFC 5761 section 4 tells them apart by the second byte.
        is_rtp = first > 127 and len(datagram) > 1 and not 191 < datagram[1] < 209
        if is_rtp and self.on_rtp is not None:
            if self.on_rtp(datagram):
                self._heard.add(peer)
        elif self._has_room(control=not is_rtp):
            self.receiver.data_received(datagram, self.local_candidate.component)
        else:
            self.dropped += 1

    def _has_room(self, *, control: bool) -> bool:
        """Whether aiortc may be given one more datagram to read."""
        if control:
            if not self._control_left:
                return False
            self._control_left -= 1
        return self.receiver._queue.qsize() < _MAX_QUEUED  # noqa: SLF001

    def _is_welcome(self, source: tuple[str, int]) -> bool:
        """Whether STUN from there may reach aioice, which makes a candidate and a pair of a source that it does not know."""
        pairs = check_list_of(self.receiver)
        if len(pairs) < MAX_CANDIDATE_PAIRS and len(self.receiver.remote_candidates) < MAX_REMOTE_CANDIDATES:
            return True
        return any(pair.protocol is self and pair.remote_addr == source for pair in pairs)

    def _is_paired(self, peer: tuple[str, int]) -> bool:
        return any(
            pair.protocol is self and pair.remote_addr == peer and pair.state in _PAIRED
            for pair in check_list_of(self.receiver)
        )


def _is_stun(datagram: bytes) -> bool:
    """aioice takes for media what it cannot read as STUN, so it is read here first."""
    if len(datagram) < _STUN_HEADER or datagram[4:8] != _STUN_COOKIE:
        return False
    try:
        parse_message(datagram)
    except Exception:  # noqa: BLE001  # whatever a stranger's bytes raise in the parser, they are not STUN
        return False
    return True
