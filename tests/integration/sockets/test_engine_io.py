"""Engine.IO to the letter, on real connections: handshakes, polling, and what may not be sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.broadcasts.site import Site
from tests.support.engine import door, ends, heard, site_with, wire
from tests.support.wait import until


async def test_the_handshake_tells_milliseconds_also_below_a_second(tmp_path: Path) -> None:
    async with site_with(tmp_path, ping_interval=0.3, ping_timeout=0.25, max_payload=20_000) as site:
        for transport, upgrades in (("polling", ["websocket"]), ("websocket", [])):
            if transport == "polling":
                told = await wire(site).open()
            else:
                async with wire(site).websocket() as socket:
                    told = json.loads((await socket.receive_str())[1:])
            assert told.pop("sid")
            assert told == {"upgrades": upgrades, "pingInterval": 300, "pingTimeout": 250, "maxPayload": 20_000}
            assert type(told["pingInterval"]) is int


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("GET", {"transport": None}, 0),
    ("GET", {"transport": "carrier-pigeon"}, 0),
    ("GET", {"transport": "webtransport"}, 0),
    ("GET", {"EIO": "3"}, 5),
    ("GET", {"EIO": ""}, 5),
    ("GET", {"EIO": "44"}, 5),
    ("GET", {"sid": "nobody"}, 1),
    ("POST", {"sid": "nobody"}, 1),
    ("GET", {"sid": ""}, 1),
    ("POST", {}, 2),
    ("GET", {"j": "0"}, 3),
    ("GET", {"transport": "websocket"}, 3),  # without an Upgrade header
    ("GET", {"transport": "websocket", "sid": "nobody"}, 1),
]


async def test_a_request_that_is_no_engine_io_gets_the_numbered_error(site: Site) -> None:
    client = wire(site)
    for method, query, code in REFUSED:
        given = dict(query)
        sid, transport = given.pop("sid", None), given.pop("transport", "polling")
        reply = await client.send(method, sid, b"4" if method == "POST" else None, transport=transport, **given)
        assert (reply.status, reply.code) == (400, code), (method, query)
        assert reply.headers["Cache-Control"] == "no-store"
    assert not door(site).engine.sessions


async def test_a_parameter_given_twice_is_refused(site: Site) -> None:
    async with wire(site).http.get(f"{site.base}/socket.io/?EIO=4&EIO=4&transport=polling") as answer:
        assert answer.status == 400


async def test_unknown_methods_are_refused_and_leave_the_session_alone(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    for method in ("PUT", "OPTIONS", "DELETE", "PATCH", "HEAD"):
        for named in (None, sid):
            reply = await client.send(method, named)
            assert reply.status == 405
            assert reply.headers["Allow"] == "GET, POST"
    assert (await client.post(sid, '421["dance",{}]')).text == "ok"
    assert (await client.poll(sid)).text.startswith('431[{"ok":false')


async def test_a_malformed_body_ends_the_session_of_its_sender_and_no_other(site: Site) -> None:
    client = wire(site)
    other = await client.connected()
    bodies = [b"", b"5", b"2", b"2probe", b"6", b"0{}", b"9", b"x", b"bAAAA", b"\xff\xfe", b"4\xc3(", b"33", b"1x"]
    for body in [*bodies, b"3\x1e", b"\x1e3", b"3\x1e\x1e3"]:
        sid = await client.connected()
        reply = await client.send("POST", sid, body)
        assert (reply.status, reply.code) == (400, 3), body
        await ends(site, sid)
        assert (await client.poll(sid)).code == 1
        assert (await client.post(other, "3")).text == "ok"


async def test_nothing_of_a_malformed_body_is_handled(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    poll = asyncio.create_task(client.poll(sid))
    await until(lambda: door(site).engine.sessions[sid].poller is not None)
    await client.post(sid, '421["dance",{}]', "x")
    assert (await poll).packets == ["1"]


async def test_pitfall_7_too_many_packets_in_one_body_are_an_error_and_fewer_are_all_handled(
    tmp_path: Path,
) -> None:
    async with site_with(tmp_path, most_packets=32) as site:
        client = wire(site)
        sid = await client.connected()
        events = [f'42{number}["dance",{{}}]' for number in range(32)]
        assert (await client.post(sid, *events)).text == "ok"
        answers: list[str] = []
        while len(answers) < 32:
            answers += (await client.poll(sid)).packets
        assert [answer.partition("[")[0] for answer in answers] == [f"43{number}" for number in range(32)]
        reply = await client.post(sid, *events, "3")
        assert (reply.status, reply.code) == (400, 3)
        await ends(site, sid)


async def test_pitfall_7_a_chunked_body_counts_like_any_other(site: Site) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"42", b'7["da', b'nce",{}]\x1e42', b'8["dance",{}]'):
            yield piece

    client = wire(site)
    sid = await client.connected()
    reply = await client.send("POST", sid, pieces())
    assert reply.text == "ok"
    answers: list[str] = []
    while len(answers) < 2:
        answers += (await client.poll(sid)).packets
    assert [answer.partition("[")[0] for answer in answers] == ["437", "438"]


@pytest.mark.parametrize("chunked", [False, True])
async def test_pitfall_7_a_body_that_is_too_large_is_told_and_ends_the_session(site: Site, chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"4" * 1024

    client = wire(site)
    sid = await client.connected()
    reply = await client.send("POST", sid, pieces() if chunked else b"4" * 70 * 1024)
    assert reply.status == 413
    await ends(site, sid)


async def test_a_second_poll_ends_the_session_and_answers_the_first(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    first = asyncio.create_task(client.poll(sid))
    await until(lambda: door(site).engine.sessions[sid].poller is not None)
    second = await client.poll(sid)
    assert (second.status, second.code) == (400, 3)
    assert (await first).packets == ["1"]
    await ends(site, sid)


async def test_a_second_post_at_once_ends_the_session(site: Site) -> None:
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"421"
        await go_on.wait()
        yield b'["dance",{}]'

    client = wire(site)
    sid = await client.connected()
    session = door(site).engine.sessions[sid]
    first = asyncio.create_task(client.send("POST", sid, slowly()))
    await until(lambda: session.posting)
    second = await client.post(sid, "3")
    assert (second.status, second.code) == (400, 3)
    await ends(site, sid)
    go_on.set()
    await first


async def test_a_session_over_websocket_takes_no_polling(site: Site) -> None:
    client = wire(site)
    async with client.talking() as socket:
        (sid,) = door(site).engine.sessions
        for method in ("GET", "POST"):
            reply = await client.send(method, sid, b"3" if method == "POST" else None)
            assert (reply.status, reply.code) == (400, 3)
        await socket.send_str('421["dance",{}]')
        assert (await heard(socket)).startswith("431")


async def test_pings_go_out_and_silence_ends_the_session_within_the_timeout(tmp_path: Path) -> None:
    async with site_with(tmp_path, ping_interval=0.2, ping_timeout=0.3, connect_timeout=60) as site:
        client = wire(site)
        async with client.websocket() as socket, client.websocket() as silent:
            for each in (socket, silent):
                await each.receive_str()
            for _ in range(4):
                assert await socket.receive_str(timeout=10) == "2"
                await socket.send_str("3")
            assert [await silent.receive_str(timeout=10), await heard(silent)] == ["2", "closed"]
            await until(lambda: len(door(site).engine.sessions) == 1)
        sid = (await client.open())["sid"]
        assert (await client.poll(sid)).packets == ["2"]
        await ends(site, sid)


async def test_a_ping_timeout_is_heard_of_when_it_is_due_and_not_before(tmp_path: Path) -> None:
    """By the sweep itself with its clock in hand: a busy machine must not decide this."""
    async with site_with(tmp_path, ping_interval=25.0, ping_timeout=20.0) as site:
        engine = door(site).engine
        client = wire(site)
        sid = await client.connected()
        session = engine.sessions[sid]
        assert session.ping_at is not None
        due = session.ping_at
        seen: list[tuple[float | None, bool]] = []
        for later in (-0.001, 0, 19.99, 20):
            engine._clock = _At(due + later)
            await engine._sweep()
            seen.append((session.pong_by, session.closed))
        assert seen == [(None, False), (due + 20, False), (due + 20, False), (due + 20, True)]
        await ends(site, sid)


class _At:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def monotonic(self) -> float:
        return self._seconds

    def now(self) -> Any:
        raise AssertionError("heartbeats have nothing to do with the time of day")


async def test_a_client_that_leaves_in_the_middle_of_a_poll_is_gone_at_once(site: Site) -> None:
    client, leaving = wire(site), wire(site)
    sid = await client.connected()
    poll = asyncio.create_task(leaving.poll(sid))
    await until(lambda: door(site).engine.sessions[sid].poller is not None)
    poll.cancel()
    await leaving.http.close()
    await ends(site, sid, timeout=5)


async def test_goodbye_over_polling_ends_the_session_and_answers_the_poll(site: Site) -> None:
    client = wire(site)
    sid = await client.connected()
    poll = asyncio.create_task(client.poll(sid))
    await until(lambda: door(site).engine.sessions[sid].poller is not None)
    assert (await client.post(sid, "1")).text == "ok"
    assert (await poll).packets == ["1"]
    await ends(site, sid)


async def test_a_member_of_a_shut_down_server_is_told_and_newcomers_are_turned_away(site: Site) -> None:
    client = wire(site)
    async with client.talking() as socket:
        closing = asyncio.create_task(door(site).close())
        assert await heard(socket) == "closed"
        assert socket.close_code == 1001
        await closing
        assert (await client.send("GET")).status == 503
