"""Origins, addresses, limits, and sessions that end while a socket is open."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from tests.integration.broadcasts.site import Site
from tests.support.engine import asked, connection, door, ends, heard, member_wire, site_with, wire
from tests.support.wait import until

FOREIGN = "https://evil.example"


async def test_pitfall_9_a_foreign_origin_is_refused_whatever_forwarded_headers_say(site: Site) -> None:
    own = "http://localhost:8080"
    for headers in (
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": FOREIGN, "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"},
        {"Origin": FOREIGN, "Forwarded": "host=evil.example;proto=https"},
        {"Origin": FOREIGN, "Host": "evil.example"},
        {"Origin": own + ".evil.example"},
    ):
        client = wire(site, **headers)
        reply = await client.send("GET")
        assert (reply.status, reply.code) == (403, 4), headers
        with pytest.raises(WSServerHandshakeError) as caught:
            async with client.websocket():
                pass
        assert caught.value.status == 403
    sid = await wire(site, Origin=own).connected()
    foreign = await wire(site, Origin=FOREIGN).post(sid, "1")  # nor may another page use a session it has learned of
    assert foreign.status == 403
    assert not door(site).engine.sessions[sid].closed


async def test_pitfall_10_the_address_is_the_peers_own_unless_a_trusted_proxy_says_otherwise(tmp_path: Path) -> None:
    spoofed = {"X_Forwarded_For": "203.0.113.9"}
    async with site_with(tmp_path / "a") as site:
        sid = await wire(site, **spoofed).connected()
        assert connection(site, sid).address == "127.0.0.1"
    async with site_with(tmp_path / "b", environment={"TRUSTED_PROXIES": "127.0.0.0/8"}) as site:
        sid = await wire(site, **spoofed).connected()
        assert connection(site, sid).address == "203.0.113.9"
        sid = await wire(site, X_Forwarded_For="198.51.100.1, 203.0.113.9").connected()
        assert connection(site, sid).address == "203.0.113.9"
        sid = await wire(site, X_Forwarded_For="2001:db8::1").connected()
        other = await wire(site, X_Forwarded_For="2001:db8::2").connected()  # a subscriber owns the whole /64
        assert connection(site, sid).address == connection(site, other).address


async def test_connections_of_an_address_are_limited_and_counted_down(tmp_path: Path) -> None:
    async with site_with(tmp_path, connections_per_address=2, environment={"TRUSTED_PROXIES": "127.0.0.1"}) as site:
        crowd, other = wire(site, X_Forwarded_For="203.0.113.9"), wire(site, X_Forwarded_For="203.0.113.10")
        one, _ = await crowd.connected(), await crowd.connected()
        assert (await crowd.send("GET")).status == 403
        await other.connected()
        await crowd.post(one, "1")
        await ends(site, one)
        await crowd.connected()


async def test_connections_at_once_do_not_slip_past_a_limit(tmp_path: Path) -> None:
    """Looking somebody up takes time; those who come in meanwhile count too."""
    cases: list[tuple[dict[str, Any], int]] = [
        ({"connections_per_address": 3}, 403),
        ({"connections_per_member": 3}, 403),
        ({"connections": 3}, 503),
        ({"visitors": 3}, 503),
    ]
    for number, (limits, refused) in enumerate(cases):
        async with site_with(tmp_path / str(number), **limits) as site:
            client, _ = await member_wire(site, await site.person())
            if "visitors" in limits:
                client = wire(site)
            replies = await asyncio.gather(*(client.send("GET") for _ in range(12)))
            assert sorted(reply.status for reply in replies) == [200] * 3 + [refused] * 9
            assert len(door(site).engine.sessions) == 3


async def test_connections_of_a_member_are_limited(tmp_path: Path) -> None:
    async with site_with(tmp_path, connections_per_member=1) as site:
        client, auth = await member_wire(site, await site.person())
        await client.connected(auth)
        assert (await client.send("GET")).status == 403
        another, other_auth = await member_wire(site, await site.person())
        await another.connected(other_auth)
        await wire(site).connected()


async def test_visitors_who_fill_their_places_keep_no_member_out(tmp_path: Path) -> None:
    async with site_with(tmp_path, visitors=2, connections=3, connections_per_address=3) as site:
        one, _ = await wire(site).connected(), await wire(site).connected()
        refused = await wire(site).send("GET")
        assert (refused.status, refused.code, "Too many visitors" in refused.text) == (503, 4, True)
        with pytest.raises(WSServerHandshakeError) as caught:
            async with wire(site).websocket():
                pass
        assert caught.value.status == 503
        for _ in range(3):
            client, auth = await member_wire(site, await site.person())
            await client.connected(auth)
        full = await client.send("GET")
        assert (full.status, full.code, "Too many connections" in full.text) == (503, 4, True)
        await wire(site).post(one, "1")
        await ends(site, one)
        await wire(site).connected()  # nor do members keep out visitors


async def test_visitors_behind_a_members_address_keep_the_member_out_no_more(tmp_path: Path) -> None:
    async with site_with(tmp_path, connections_per_address=1) as site:
        await wire(site).connected()
        assert (await wire(site).send("GET")).status == 403
        client, auth = await member_wire(site, await site.person())
        await client.connected(auth)
        assert (await client.send("GET")).status == 403


async def test_a_member_whose_session_has_ended_is_a_visitor_among_the_others(tmp_path: Path) -> None:
    async with site_with(tmp_path, visitors=1) as site:
        person = await site.person()
        client, auth = await member_wire(site, person)
        sid = await client.connected(auth)
        visitor = await wire(site).connected()
        await person.send("DELETE", "/api/v1/session")
        await ends(site, sid)
        refused = await client.send("GET")
        assert (refused.status, "Too many visitors" in refused.text) == (503, True)
        await wire(site).post(visitor, "1")
        await ends(site, visitor)
        assert connection(site, await client.connected()).who is None
        again, auth = await member_wire(site, await site.person())
        await again.connected(auth)


async def test_a_session_that_ended_ends_its_sockets(site: Site) -> None:
    """Within ten seconds, and in a way that the client does not take for a bad network."""
    person = await site.person()
    client, auth = await member_wire(site, person)
    host, host_auth = await member_wire(site, await site.host())
    async with client.talking(auth) as socket, host.talking(host_auth) as other, wire(site).talking() as visitor:
        await person.send("DELETE", "/api/v1/session")
        assert await heard(socket, timeout=10) == "41"
        assert await heard(socket) == "closed"
        assert (await asked(other, 1, "dance", {}))["error"]["code"] == "unknown_event"
        assert (await asked(visitor, 1, "dance", {}))["error"]["code"] == "unknown_event"


async def test_a_right_taken_away_ends_the_subscription(site: Site) -> None:
    host = await site.host()
    broadcast = await host.schedule(visibility="employees")
    from server.identity import Status

    client, auth = await member_wire(site, await site.person(status=Status.EMPLOYEE))
    channel = f"broadcast:{broadcast['id']}"
    async with client.talking(auth) as socket:
        assert (await asked(socket, 1, "subscribe", {"channel": channel}))["ok"]
        answer = await host.send("PATCH", f"/api/v1/broadcasts/{broadcast['id']}", {"visibility": "members"})
        assert answer.status == 200
        while (told := await heard(socket)) != f'42["resync",{{"channel":"{channel}"}}]':
            assert told != "closed"
        refused = await asked(socket, 2, "subscribe", {"channel": channel})
        assert refused["error"]["code"] == "not_found"


async def test_who_leaves_while_subscribing_is_not_kept(site: Site) -> None:
    from server.core.fanout import HUB

    host = await site.host()
    broadcast = await host.schedule()
    client, auth = await member_wire(site, host)
    hub = site.server.app[HUB]
    reached, go_on, real = asyncio.Event(), asyncio.Event(), hub.snapshot

    async def slowly(*arguments: object) -> object:
        reached.set()
        await go_on.wait()
        return await real(*arguments)  # type: ignore[arg-type]  # handed through

    hub.snapshot = slowly  # type: ignore[method-assign,assignment]  # the database takes its time
    async with client.talking(auth) as socket:
        (sid,) = door(site).engine.sessions
        await socket.send_str(f'421["subscribe",{{"channel":"broadcast:{broadcast["id"]}"}}]')
        await reached.wait()
    await ends(site, sid)
    go_on.set()
    room = hub._rooms[f"broadcast:{broadcast['id']}"]
    await until(lambda: room.pins == 0)
    assert len(room) == 0
