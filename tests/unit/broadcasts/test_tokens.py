"""Publish tokens, twenty forged forms of them, and viewing tickets."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from server.broadcasts.tickets import Holder, Ticket, Tickets
from server.broadcasts.tokens import PublishToken, PublishTokens, token_expiry
from server.core.ids import new_id
from server.core.sealed import derive_key
from tests.support.broadcasts import HOST, NOW

SECRET = b"a secret of this test alone, 32+"
BROADCAST = new_id()
GENUINE = PublishToken(HOST, 3, NOW + timedelta(hours=13))
TOKEN = PublishTokens(SECRET).issue(BROADCAST, GENUINE)
_, MEMBER, VERSION, EXPIRY, SEAL = TOKEN.split(".")


TICKET_KEY = derive_key(SECRET, "viewing ticket v1")


def _sealed_with(key: bytes) -> str:
    return hmac.new(key, "\n".join((BROADCAST, MEMBER, VERSION, EXPIRY)).encode(), hashlib.sha256).hexdigest()


def _jwt(algorithm: str) -> str:
    claims = {"sub": HOST, "exp": 4_000_000_000}
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": algorithm}, claims)]
    return ".".join([*parts, ""])


FORGED = {
    "empty": "",
    "space before": f" {TOKEN}",
    "newline behind": f"{TOKEN}\n",
    "nul behind": f"{TOKEN}\x00",
    "cut short": TOKEN[:-1],
    "one digit of the seal": TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
    "no seal": f"hp1.{MEMBER}.{VERSION}.{EXPIRY}.",
    "seal in capitals": f"hp1.{MEMBER}.{VERSION}.{EXPIRY}.{SEAL.upper()}",
    "another member": f"hp1.{new_id()}.{VERSION}.{EXPIRY}.{SEAL}",
    "a later version": f"hp1.{MEMBER}.{int(VERSION) + 1}.{EXPIRY}.{SEAL}",
    "a later expiry": f"hp1.{MEMBER}.{VERSION}.{int(EXPIRY) + 1}.{SEAL}",
    "a leading zero": f"hp1.{MEMBER}.0{VERSION}.{EXPIRY}.{SEAL}",
    "a plus sign": f"hp1.{MEMBER}.+{VERSION}.{EXPIRY}.{SEAL}",
    "full-width digits": f"hp1.{MEMBER}.３.{EXPIRY}.{SEAL}",
    "a dot moved": f"hp1.{MEMBER}.{VERSION}{EXPIRY[0]}.{EXPIRY[1:]}.{SEAL}",
    "another scheme": TOKEN.replace("hp1", "hp2"),
    "an unknown part": f"{TOKEN}.x",
    "sealed without a key": f"hp1.{MEMBER}.{VERSION}.{EXPIRY}.{_sealed_with(b'')}",
    "sealed with the bare secret": f"hp1.{MEMBER}.{VERSION}.{EXPIRY}.{_sealed_with(SECRET)}",
    "sealed with the ticket key": f"hp1.{MEMBER}.{VERSION}.{EXPIRY}.{_sealed_with(TICKET_KEY)}",
    "a JWT without algorithm": _jwt("none"),
    "a JWT": _jwt("HS256") + SEAL,
    "very long": "hp1." + "9" * 100_000,
    "of another server": PublishTokens(b"another secret, also 32 bytes lo").issue(BROADCAST, GENUINE),
}


def test_a_genuine_token_says_what_it_was_issued_with() -> None:
    tokens = PublishTokens(SECRET)
    assert tokens.read(BROADCAST, TOKEN) == GENUINE
    assert tokens.issue(BROADCAST, GENUINE) == TOKEN, "it can be shown again without being stored"


@pytest.mark.parametrize("name", FORGED)
def test_forged_tokens_say_nothing(name: str) -> None:
    assert PublishTokens(SECRET).read(BROADCAST, FORGED[name]) is None


def test_a_token_of_one_broadcast_says_nothing_of_another() -> None:
    assert PublishTokens(SECRET).read(new_id(), TOKEN) is None


def test_a_shown_token_is_never_dead_on_arrival() -> None:
    end, grace = NOW, timedelta(hours=12)
    assert token_expiry(end, grace, end - timedelta(days=3)) == end + grace
    assert token_expiry(end, grace, end + timedelta(hours=11)) == end + grace
    assert token_expiry(end, grace, end + grace) == end + 2 * grace
    assert token_expiry(end, grace, end + timedelta(days=100, hours=1)) == end + timedelta(days=100, hours=12)


HOLDER = Holder(visitor=False, id=new_id())


def test_a_ticket_opens_its_stream_alone() -> None:
    tickets, stream = Tickets(SECRET), new_id()
    ticket = Ticket(stream, HOLDER, 2_000_000_000)
    text = tickets.issue(ticket)
    assert tickets.read(stream, text) == tickets.read(stream, text) == ticket
    assert tickets.read(new_id(), text) is None


def test_forged_tickets_open_nothing() -> None:
    tickets, stream = Tickets(SECRET), new_id()
    text = tickets.issue(Ticket(stream, HOLDER, 2_000_000_000))
    head, kind, holder, expiry, seal = text.split(".")
    forged = [
        f"{head}.v.{holder}.{expiry}.{seal}",
        f"{head}.{kind}.{new_id()}.{expiry}.{seal}",
        f"{head}.{kind}.{holder}.{int(expiry) + 1}.{seal}",
        f"{head}.{kind}.{holder}.{expiry}.{seal[:-1]}",
        f"{head}.{kind}.{holder}.{expiry}.{'A' * 43}",
        text + "=",
        text[:-1] + chr(ord(text[-1]) ^ 1),  # differs only in bits that base64 does not use, or in one it does
        TOKEN,
        "",
        Tickets(b"another secret, also 32 bytes lo").issue(Ticket(stream, HOLDER, 2_000_000_000)),
    ]
    assert [tickets.read(stream, each) for each in forged] == [None] * len(forged)
