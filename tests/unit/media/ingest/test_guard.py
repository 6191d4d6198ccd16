"""What the guard lets through to aioice, datagram by datagram; aioice's own objects, no network."""

import asyncio
from types import SimpleNamespace

import pytest
from aioice import Candidate
from aioice.ice import CandidatePair, Connection
from aioice.stun import Class, Message, Method

from server.media.ingest.guard import GuardedSocket
from server.media.limits import MAX_CANDIDATE_PAIRS, MAX_REMOTE_CANDIDATES

PEER = ("192.0.2.1", 5000)
STRANGER = ("198.51.100.9", 6666)
CLIENT_HELLO = bytes.fromhex("16feff0000000000000000002c010000200000000000000020fefd")
RTP = bytes.fromhex("80600001000000000000000a") + b"payload"
RTCP = bytes.fromhex("80c80006000000010000000000000000")
STUN = bytes.fromhex("000100002112a442") + bytes(12)


class Guarded:
    """A guarded socket and what passed it."""

    def __init__(self) -> None:
        self.connection = Connection(ice_controlling=False)
        self.socket = GuardedSocket(self.connection)
        self.socket.local_candidate = Candidate("1", 1, "udp", 1, "192.0.2.200", 4000, "host")
        self.socket.transport = SimpleNamespace(sendto=lambda data, addr: self.sent.append(addr))  # type: ignore[assignment]
        self.sent: list[object] = []

    def pair(self, address: tuple[str, int], state: CandidatePair.State = CandidatePair.State.SUCCEEDED) -> None:
        pair = CandidatePair(self.socket, Candidate("2", 1, "udp", 1, *address, "host"))
        pair.state = state
        self.connection._check_list.append(pair)

    def connect(self) -> None:
        """As after `Connection.connect`: checks are taken at once."""
        self.connection.remote_username, self.connection.remote_password = "them", "their-password-of-22-letters"
        self.connection._early_checks_done = True

    def check(self) -> bytes:
        """A connectivity check that the publisher alone can write."""
        message = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.connection.local_username}:them"
        message.attributes["PRIORITY"] = 1845501695
        message.attributes["ICE-CONTROLLING"] = 1
        message.add_message_integrity(self.connection.local_password.encode())
        return bytes(message)

    async def rest(self) -> None:
        """End the checks that aioice has begun."""
        tasks = [pair.task for pair in self.connection._check_list if pair.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def passed(self, datagram: bytes, address: tuple[str, int]) -> bool:
        before = self.connection._queue.qsize() + len(self.sent)
        self.socket.datagram_received(datagram, address)
        return self.connection._queue.qsize() + len(self.sent) > before


@pytest.fixture
async def guarded() -> Guarded:
    return Guarded()


@pytest.mark.parametrize("datagram", [CLIENT_HELLO, RTP, RTCP])
def test_dtls_and_media_pass_from_a_paired_address_only(guarded: Guarded, datagram: bytes) -> None:
    assert not guarded.passed(datagram, PEER)
    guarded.pair(PEER)
    assert guarded.passed(datagram, PEER)
    assert not guarded.passed(datagram, STRANGER)
    assert not guarded.passed(datagram, (PEER[0], PEER[1] + 1))
    assert guarded.socket.dropped == 3


@pytest.mark.parametrize("state", [CandidatePair.State.FROZEN, CandidatePair.State.WAITING, CandidatePair.State.FAILED])
def test_an_address_only_named_is_not_paired(guarded: Guarded, state: CandidatePair.State) -> None:
    guarded.pair(PEER, state)
    assert not guarded.passed(CLIENT_HELLO, PEER)


def test_empty_datagrams_are_dropped_whoever_sends_them(guarded: Guarded) -> None:
    guarded.pair(PEER)
    assert not guarded.passed(b"", PEER)
    assert not guarded.passed(b"", STRANGER)


@pytest.mark.parametrize("first", [4, 15, 16, 19, 64, 79, 127, 192, 255])
def test_what_rfc_7983_knows_no_use_for_is_dropped(guarded: Guarded, first: int) -> None:
    guarded.pair(PEER)
    assert not guarded.passed(bytes([first]) + bytes(30), PEER)


def test_stun_is_answered_from_anywhere(guarded: Guarded) -> None:
    """A check comes before the pair; without credentials it gets an error, and nothing else."""
    assert guarded.passed(STUN, STRANGER)
    assert guarded.connection._queue.empty()


@pytest.mark.parametrize(
    "datagram", [b"\x00", b"\x00\x01" + bytes(30), STUN[:19], STUN + b"\x00\x06\xff\xff", STUN[:2] + b"\x00\x99" + STUN[4:]]
)
def test_garbled_stun_reaches_nobody(guarded: Guarded, datagram: bytes) -> None:
    assert not guarded.passed(datagram, STRANGER)


def test_rtp_goes_straight_to_the_session_once_it_can_decrypt(guarded: Guarded) -> None:
    guarded.pair(PEER)
    straight: list[bytes] = []

    def take(datagram: bytes) -> bool:
        straight.append(datagram)
        return True

    guarded.socket.on_rtp = take
    assert not guarded.passed(RTP, PEER)
    assert straight == [RTP]
    assert guarded.passed(RTCP, PEER)  # reports are aiortc's
    guarded.socket.datagram_received(RTP, STRANGER)
    assert straight == [RTP]


def test_authentic_media_speaks_for_its_own_address_once(guarded: Guarded) -> None:
    other = (PEER[0], PEER[1] + 1)
    for address in (PEER, other):
        guarded.pair(address)
    authentic = True
    guarded.socket.on_rtp = lambda datagram: authentic
    guarded.socket.datagram_received(RTP, PEER)
    guarded.socket.datagram_received(RTP, STRANGER)
    assert guarded.socket.heard_from(PEER)
    assert not guarded.socket.heard_from(PEER)  # it has been said
    assert not guarded.socket.heard_from(other)
    assert not guarded.socket.heard_from(STRANGER)
    authentic = False
    guarded.socket.datagram_received(RTP, PEER)
    assert not guarded.socket.heard_from(PEER)


def test_a_failing_session_does_not_take_the_socket_along(guarded: Guarded) -> None:
    guarded.pair(PEER)

    def fail(datagram: bytes) -> bool:
        raise RuntimeError("broken")

    guarded.socket.on_rtp = fail
    guarded.socket.datagram_received(RTP, PEER)
    guarded.socket.on_rtp = None
    assert guarded.passed(RTP, PEER)


def test_a_flood_before_the_handshake_is_bounded(guarded: Guarded) -> None:
    guarded.pair(PEER)
    for _ in range(5000):
        guarded.socket.datagram_received(RTP, PEER)
    assert guarded.connection._queue.qsize() == 4096


@pytest.mark.parametrize("datagram", [RTCP, CLIENT_HELLO])
def test_reports_and_handshakes_come_so_often_and_no_oftener(guarded: Guarded, datagram: bytes) -> None:
    """aiortc makes a task or two of each, for whom nobody waits; media is not counted with them."""
    guarded.pair(PEER)
    assert sum(guarded.passed(datagram, PEER) for _ in range(1000)) == 500
    assert guarded.passed(RTP, PEER)
    guarded.socket.renew()
    assert sum(guarded.passed(datagram, PEER) for _ in range(1000)) == 50
    for _ in range(100):
        guarded.socket.renew()
    assert sum(guarded.passed(datagram, PEER) for _ in range(1000)) == 500


async def test_checks_from_ever_new_ports_make_so_many_candidates_and_no_more(guarded: Guarded) -> None:
    guarded.connect()
    assert guarded.passed(guarded.check(), PEER)
    for port in range(10_000, 11_000):
        guarded.socket.datagram_received(guarded.check(), (PEER[0], port))
    assert len(guarded.connection.remote_candidates) == MAX_REMOTE_CANDIDATES
    assert len(guarded.connection._check_list) == MAX_REMOTE_CANDIDATES
    assert guarded.socket.dropped == 1001 - MAX_REMOTE_CANDIDATES
    assert guarded.passed(guarded.check(), PEER)  # one that is known goes on being answered
    assert not guarded.passed(guarded.check(), STRANGER)
    await guarded.rest()


async def test_pairs_are_counted_as_well(guarded: Guarded) -> None:
    """As with many addresses of ours: each told candidate is paired with all of them."""
    guarded.connect()
    for number in range(MAX_CANDIDATE_PAIRS):
        guarded.pair((PEER[0], 10_000 + number))
    assert not guarded.passed(guarded.check(), PEER)
    guarded.connection._check_list.pop()
    assert guarded.passed(guarded.check(), PEER)
    await guarded.rest()
