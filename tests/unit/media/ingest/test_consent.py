"""Consent to send, on aioice's own connection with a socket that goes nowhere."""

from types import SimpleNamespace
from typing import Any

import pytest
from aioice import Candidate
from aioice.ice import CandidatePair, Connection
from aioice.stun import Class, Message, Method, parse_message

from server.media.ingest.consent import MISSES, Consent
from server.media.ingest.guard import GuardedSocket

PEER = ("192.0.2.1", 5000)
RTP = bytes.fromhex("80600001000000000000000a") + b"payload"
KEY = "remote-password-of-22c"


class Checked:
    """A nominated pair. `on_check` is called for every check that goes out, instead of the network."""

    def __init__(self) -> None:
        self.connection = Connection(ice_controlling=False)
        self.connection.remote_username, self.connection.remote_password = "them", KEY
        self.socket = GuardedSocket(self.connection)
        self.socket.local_candidate = Candidate("1", 1, "udp", 1, "192.0.2.200", 4000, "host")
        self.socket.transport = SimpleNamespace(sendto=self._sent)  # type: ignore[assignment]
        self.socket.on_rtp = lambda datagram: True
        pair = CandidatePair(self.socket, Candidate("2", 1, "udp", 1, *PEER, "host"))
        pair.state = CandidatePair.State.SUCCEEDED
        self.connection._check_list.append(pair)
        self.connection._nominated[1] = pair
        self.lost = 0
        self.checks = 0
        self.media_until = self.answers_until = 0
        self.answer_key = KEY
        self.media_from = PEER
        self.consent = Consent(self.connection, 0.004, self._lose)

    def _lose(self) -> None:
        self.lost += 1

    def _sent(self, datagram: bytes, address: tuple[str, int]) -> None:
        self.checks += 1
        if self.checks <= self.media_until:
            self.socket.datagram_received(RTP, self.media_from)
        if self.checks <= self.answers_until:
            request = parse_message(datagram)
            answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
            answer.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.200", 4000)
            answer.add_message_integrity(self.answer_key.encode())
            self.socket.datagram_received(bytes(answer), address)


@pytest.fixture
async def checked() -> Checked:
    return Checked()


async def keep(checked: Checked) -> None:
    """As aioice starts it when ICE is done; ends when consent is lost."""
    run: Any = checked.connection.query_consent
    await run()
    assert checked.lost == 1


async def test_nobody_there_is_found_out_after_six_checks(checked: Checked) -> None:
    await keep(checked)
    assert checked.checks == MISSES


@pytest.mark.parametrize("proof", ["answers_until", "media_until"])
async def test_an_answer_and_media_are_as_good_as_each_other(checked: Checked, proof: str) -> None:
    setattr(checked, proof, 20)
    await keep(checked)
    assert checked.checks == 20 + MISSES
    assert (checked.consent.unanswered == checked.checks) == (proof == "media_until")


async def test_media_from_elsewhere_is_no_proof(checked: Checked) -> None:
    """Paired, but not nominated: nothing is sent there."""
    elsewhere = (PEER[0], PEER[1] + 1)
    pair = CandidatePair(checked.socket, Candidate("3", 1, "udp", 1, *elsewhere, "host"))
    pair.state = CandidatePair.State.SUCCEEDED
    checked.connection._check_list.append(pair)
    checked.media_until, checked.media_from = 100, elsewhere
    await keep(checked)
    assert checked.checks == MISSES


async def test_what_does_not_decrypt_is_no_proof(checked: Checked) -> None:
    checked.media_until = 100
    checked.socket.on_rtp = lambda datagram: False
    await keep(checked)
    assert checked.checks == MISSES


async def test_an_answer_signed_by_another_is_no_proof(checked: Checked) -> None:
    checked.answers_until, checked.answer_key = 100, "password-of-somebody-0"
    await keep(checked)
    assert checked.checks == MISSES
