"""WebSockets of Engine.IO: the upgrade and its races, bad frames, and readers that are too slow."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientWebSocketResponse, WSServerHandshakeError, web
from structlog.testing import capture_logs

from server.core.fanout import FanoutLimits
from tests.integration.broadcasts.site import Site
from tests.support.engine import asked, connection, door, ends, heard, member_wire, site_with, wire
from tests.support.wait import until

DANCE = '["dance",{}]'


async def probed(socket: ClientWebSocketResponse) -> None:
    await socket.send_str("2probe")
    assert await socket.receive_str(timeout=10) == "3probe"


def numbers(packets: list[str]) -> list[int]:
    """The ids of acknowledgements."""
    return [int(packet[2 : packet.index("[")]) for packet in packets if packet.startswith("43")]


async def test_an_upgrade_leaves_no_packet_behind_and_keeps_the_order(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    heard_so_far: list[str] = []
    async with client.websocket(sid) as socket:
        await client.post(sid, f"421{DANCE}")
        heard_so_far += (await client.poll(sid)).packets
        poll = asyncio.create_task(client.poll(sid))
        await until(lambda: door(site).engine.sessions[sid].poller is not None)
        await probed(socket)
        heard_so_far += (await poll).packets  # what the probe answers, so that the client can leave
        assert heard_so_far[-1] == "6"
        for number in range(2, 6):
            await client.post(sid, f"42{number}{DANCE}")
        await until(lambda: len(door(site).engine.sessions[sid]._outbox) == 4)
        await socket.send_str("5")
        await socket.send_str(f"426{DANCE}")
        heard_so_far += [await heard(socket) for _ in range(5)]
    assert numbers(heard_so_far) == [1, 2, 3, 4, 5, 6]
    await ends(site, sid)


async def test_until_the_client_has_changed_over_polls_get_what_there_is(site: Site) -> None:
    """A proxy may open WebSockets and pass nothing on: whoever is behind it must not be deaf meanwhile."""
    client = wire(site)
    sid = await client.connected()
    async with client.websocket(sid) as socket:
        poll = asyncio.create_task(client.poll(sid))
        await until(lambda: door(site).engine.sessions[sid].poller is not None)
        assert not poll.done()
        await client.post(sid, f"421{DANCE}")
        assert numbers((await poll).packets) == [1]
        await probed(socket)
        await client.post(sid, f"422{DANCE}")
        await until(lambda: bool(door(site).engine.sessions[sid]._outbox))
        assert numbers((await client.poll(sid)).packets) == [2]
        assert (await client.poll(sid)).packets == ["6"]


async def test_a_wrong_probe_closes_the_websocket_and_polling_goes_on(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    wrong: list[str | bytes] = ["2", "2probes", "3probe", "5", "40", "6", "", b"2probe"]
    for number, first in enumerate(wrong):
        async with client.websocket(sid) as socket:
            await (socket.send_str(first) if isinstance(first, str) else socket.send_bytes(first))
            assert await heard(socket) == "closed"
        await until(lambda: not door(site).engine.sessions[sid].upgrading)
        await client.post(sid, f"42{number}{DANCE}")
        assert numbers((await client.poll(sid)).packets) == [number]
    async with client.websocket(sid) as socket:  # and another try is allowed
        await probed(socket)
        await socket.send_str("5")
        await socket.send_str(f"4299{DANCE}")
        assert numbers([await heard(socket)]) == [99]


@pytest.mark.parametrize("after_the_probe", [False, True])
async def test_silence_in_an_upgrade_ends_it_and_polling_goes_on(tmp_path: Path, after_the_probe: bool) -> None:
    # Time enough for the probe on a busy machine.
    async with site_with(tmp_path, upgrade_timeout=2.0 if after_the_probe else 0.3) as site:
        client = wire(site)
        sid = await client.connected()
        async with client.websocket(sid) as socket:
            if after_the_probe:
                await probed(socket)
            assert await heard(socket) == "closed"
            await client.post(sid, f"421{DANCE}")
            assert numbers((await client.poll(sid)).packets) == [1]


async def test_anything_but_an_upgrade_after_the_probe_closes_the_websocket(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    async with client.websocket(sid) as socket:
        await probed(socket)
        await socket.send_str(f"421{DANCE}")
        assert await heard(socket) == "closed"
    await client.post(sid, f"422{DANCE}")
    assert numbers((await client.poll(sid)).packets) == [2]


async def test_a_second_websocket_of_a_session_is_refused_before_and_after_the_upgrade(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()

    async def refused() -> None:
        with pytest.raises(WSServerHandshakeError) as caught:
            async with client.websocket(sid):
                pass
        assert caught.value.status == 400

    async with client.websocket(sid) as socket:
        await refused()
        await probed(socket)
        await socket.send_str("5")
        await until(lambda: door(site).engine.sessions[sid].over_websocket)
        await refused()
        await socket.send_str(f"421{DANCE}")
        assert numbers([await heard(socket)]) == [1]


async def test_a_session_that_ends_during_its_upgrade_does_not_come_back(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    async with client.websocket(sid) as socket:
        await probed(socket)
        await client.post(sid, "1")
        await ends(site, sid)
        await socket.send_str("5")
        assert await heard(socket) == "closed"
    assert not door(site).engine.sessions


async def test_pitfall_8_a_bad_packet_over_websocket_is_a_disconnect_at_once(site: Site) -> None:
    """Not only when the ping timeout has passed, 45 s later: presence would lie."""
    client = wire(site)
    bad: list[str | bytes] = ["x", "", "2", "2probe", "5", "6", "0", "bAAAA", b"4binary", b"", "4" * 70_000]
    async with client.talking() as other:
        (stays,) = door(site).engine.sessions
        for packet in bad:
            async with client.talking() as socket:
                (sid,) = door(site).engine.sessions.keys() - {stays}
                await (socket.send_str(packet) if isinstance(packet, str) else socket.send_bytes(packet))
                await ends(site, sid, timeout=5)
                assert [each.sid for each in door(site).connections()] == [stays], packet
                assert await heard(socket) == "closed"
        await other.send_str(f"421{DANCE}")
        assert numbers([await heard(other)]) == [1]


async def test_a_cut_connection_is_noticed_at_once(site: Site) -> None:
    client = wire(site)
    async with client.talking() as socket:
        (sid,) = door(site).engine.sessions
        assert socket._response.connection is not None
        assert socket._response.connection.transport is not None
        socket._response.connection.transport.abort()
        await ends(site, sid, timeout=5)


async def test_a_line_that_breaks_just_before_the_handshake_is_answered_is_no_crash(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcome = door(site).welcome

    async def breaking(request: web.Request) -> object:
        assert request.transport is not None
        request.transport.abort()
        return await welcome(request)

    monkeypatch.setattr(door(site), "welcome", breaking)
    with capture_logs() as logs:
        with pytest.raises(ClientConnectionError):
            async with wire(site).websocket():
                pass
        await until(lambda: not door(site).engine.sessions, what="the session's end")
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_messages_are_handled_in_their_order_one_at_a_time(site: Site) -> None:
    async with wire(site).talking() as socket:
        for number in range(40):
            await socket.send_str(f"42{number}{DANCE}")
        assert numbers([await heard(socket) for _ in range(40)]) == list(range(40))


async def test_more_messages_than_may_wait_end_the_session(site: Site) -> None:
    """In one segment, so that no handler gets its turn in between."""
    client = wire(site)
    sid = await client.connected()
    session = door(site).engine.sessions[sid]
    session._handling = True  # a handler that takes its time
    for number in range(64):
        assert (await client.post(sid, f"42{number}{DANCE}")).status == 200
    assert (await client.post(sid, f"4264{DANCE}")).status == 400
    await ends(site, sid)


async def test_pitfall_5_a_slow_reader_is_cut_at_its_megabyte_and_comes_back_by_offset(tmp_path: Path) -> None:
    bound = 256 * 1024
    async with site_with(
        tmp_path, fanout=FanoutLimits(tick=0.005), most_unsent=bound, deflate=False, events_burst=100_000, events_per_second=1e6
    ) as site:
        host = await site.host()
        channel = (await host.schedule())["id"]
        client, auth = await member_wire(site, host)
        async with client.talking(auth) as socket:
            joined = await asked(socket, 1, "subscribe", {"channel": f"broadcast:{channel}"})
            (sid,) = door(site).engine.sessions
            session = door(site).engine.sessions[sid]
            transport = session._carrier
            assert transport is not None
            largest = 0
            # The reader stalls; whatever it is told piles up here, but never beyond the bound.
            assert socket._response.connection is not None
            stalled = socket._response.connection.transport
            assert stalled is not None
            stalled.pause_reading()
            filler = "x" * 50_000
            for _ in range(2000):
                connection(site, sid).emit("filler", filler)
                largest = max(largest, transport.get_write_buffer_size())
                if session.closed:
                    break
                await asyncio.sleep(0)
            assert session.closed
            assert bound - 60_000 < largest <= bound
            await ends(site, sid)
        await host.act({"id": channel}, "cancel")
        async with client.talking(auth) as socket:
            again = await asked(
                socket, 1, "subscribe", {"channel": f"broadcast:{channel}", "epoch": joined["epoch"], "after": joined["head"]}
            )
            states = [again["snapshot"]["broadcast"]["state"]] if not again["recovered"] else []
            states += [entry["data"]["state"] for entry in again["entries"]]
            assert states[-1] == "cancelled"


async def test_pitfall_5_a_poller_that_stays_away_is_cut_at_its_megabyte(tmp_path: Path) -> None:
    async with site_with(tmp_path, most_unsent=200_000) as site:
        client = wire(site)
        sid = await client.connected()
        session = door(site).engine.sessions[sid]
        for _ in range(3):
            connection(site, sid).emit("filler", "红" * 20_000)  # 60 kB each
        stays = not session.closed
        assert stays
        connection(site, sid).emit("filler", "红" * 20_000)
        assert session.closed
        await ends(site, sid)


async def test_the_payload_of_a_poll_is_bounded_and_the_rest_comes_with_the_next(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    for number in range(8):
        connection(site, sid).emit("filler", [number, "红" * 6_000])
    polls: list[list[str]] = []
    while sum(len(poll) for poll in polls) < 8:
        reply = await client.poll(sid)
        assert len(reply.text.encode()) <= 64 * 1024 + 20_000
        polls.append(reply.packets)
    assert len(polls) > 1
    assert [json.loads(packet[2:])[1][0] for poll in polls for packet in poll] == [*range(8)]
