"""The names of aiortc and aioice we lean on. These tests fail first when the pinned versions are changed."""

import asyncio

import aioice.ice
import pytest
from aioice.ice import Connection, StunProtocol
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from server.media.ingest import hooks
from server.media.ingest.hooks import HookMoved, check_hooks, run_now


async def test_all_hooks_are_where_they_were() -> None:
    check_hooks()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (StunProtocol, "datagram_received"),
        (Connection, "gather_candidates"),
        (Connection, "data_received"),
        (Connection, "build_request"),
        (Connection, "query_consent"),
        (StunProtocol, "request"),
        (aioice.ice, "get_host_addresses"),
        (RTCRtpReceiver, "_run_rtcp"),
        (RTCRtpReceiver, "_send_rtcp"),
        (RTCDtlsTransport, "_handle_rtp_data"),
        (RTCDtlsTransport, "_register_rtp_receiver"),
    ],
)
async def test_a_hook_that_moved_stops_the_start(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(HookMoved, match=name):
        check_hooks()


async def test_a_connection_without_nominated_pairs_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Connection.__init__

    def without(connection: Connection, *, ice_controlling: bool) -> None:
        make(connection, ice_controlling)
        del connection._nominated

    monkeypatch.setattr(Connection, "__init__", without)
    with pytest.raises(HookMoved, match="_nominated"):
        check_hooks()


async def test_a_connection_that_checks_consent_elsewhere_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(connection: Connection) -> None:
        """Starts nothing."""

    monkeypatch.setattr(Connection, "connect", connect)
    with pytest.raises(HookMoved, match="query_consent"):
        check_hooks()


@pytest.mark.parametrize("package", ["aiortc", "aioice"])
async def test_another_version_stops_the_start(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(hooks.PINNED, package, "0.0.1")
    with pytest.raises(HookMoved, match=f"{package} 0.0.1 is needed"):
        check_hooks()


async def test_a_sender_that_waits_is_found_out() -> None:
    async def quick() -> None:
        return

    run_now(quick())
    with pytest.raises(HookMoved):
        run_now(asyncio.sleep(1))
