"""Relays for a call: names that last for a while, and tell nobody who calls."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from server.media import IceServer
from server.talks import TalkSettings
from server.talks.ice import servers

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
STUN = IceServer("stun:stun.example.com:3478")


def test_a_relay_that_shares_a_secret_gets_a_name_that_ends_in_two_hours() -> None:
    settings = TalkSettings(ice_servers=(STUN,), turn=("turn:relay.example.com:3478?transport=tcp",), turn_secret=b"shared")
    stun, turn = servers(settings, "talk", "member", NOW)
    assert stun == STUN
    assert turn.username is not None
    until, _, name = turn.username.partition(":")
    assert int(until) == NOW.timestamp() + 7200
    assert "member" not in name
    expected = base64.b64encode(hmac.digest(b"shared", turn.username.encode(), hashlib.sha1)).decode()
    assert (turn.url, turn.credential) == (settings.turn[0], expected)
    (_, other) = servers(settings, "talk", "other member", NOW)
    assert other.username != turn.username


def test_without_a_secret_there_is_what_is_named_in_the_settings() -> None:
    assert servers(TalkSettings(ice_servers=(STUN,)), "talk", "member", NOW) == [STUN]
