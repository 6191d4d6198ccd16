"""The fast lane from outside, byte by byte: what it answers, and what must never reach it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from server.core.http.fastlane import PRIVATE_NAMES, RESPONDER, FastAnswer, FastRunner, FastServer, missing_names, read_head
from server.core.http.frame import METRICS, install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from tests.support.wait import until

PLAIN = b"GET /files/a HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\n\r\n"
LARGE = bytes(4_000_000)


@dataclass
class Shop:
    """A server with one kind of file. `fast` are the paths the responder was asked for, `slow` those of the ordinary way."""

    port: int = 0
    fast: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    app: web.Application = field(default_factory=web.Application)
    runner: FastRunner | None = None

    def respond(self, path: str, cookies: str) -> FastAnswer | None:
        if not path.startswith("/files/"):
            return None
        self.fast.append(path)
        if path == "/files/broken":
            raise RuntimeError("inside")
        body = LARGE if path == "/files/large" else b"abc"
        return FastAnswer("/files/{name}", "text/x-file", "private, max-age=60", body) if "c=1" in cookies else None

    async def serve(self, request: web.Request) -> web.Response:
        self.slow.append(request.path)
        if request.path == "/files/held":
            await self.held.wait()
        await request.read()
        body = LARGE if request.path == "/files/large" else b"abc"
        return web.Response(body=body, headers={"Content-Type": "text/x-file", "Cache-Control": "private, max-age=60"})

    async def talk(self, *pieces: bytes, answers: int = 1) -> list[tuple[bytes, dict[bytes, bytes], bytes]]:
        """Send the pieces, each when the one before has arrived; read so many answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                for _ in range(20):  # packets of their own
                    await asyncio.sleep(0)
            async with asyncio.timeout(10):
                return [await read_answer(reader) for _ in range(answers)]
        finally:
            writer.close()


async def read_answer(reader: asyncio.StreamReader, *, bodiless: bool = False) -> tuple[bytes, dict[bytes, bytes], bytes]:
    status, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    fields = dict(line.split(b": ", 1) for line in lines)
    assert len(fields) == len(lines), "a header twice"
    body = b"" if bodiless else await reader.readexactly(int(fields.get(b"Content-Length", b"0")))
    return status, fields, body


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    shop.app[HTTP_SETTINGS] = HttpSettings()
    shop.app[RESPONDER] = shop.respond
    install_frame(shop.app, CollectorRegistry())
    shop.app.router.add_route("*", "/{kind}/{name}", shop.serve)
    shop.runner = FastRunner(shop.app, access_log=None, shutdown_timeout=1)
    await shop.runner.setup()
    await web.TCPSite(shop.runner, "127.0.0.1", 0).start()
    shop.port = shop.runner.addresses[0][1]
    yield shop
    shop.held.set()
    await shop.runner.cleanup()


def test_aiohttp_still_has_what_the_fast_lane_uses() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response()

    loop = asyncio.new_event_loop()
    assert missing_names(web.Server(handler, loop=loop)) == []
    loop.close()
    assert len(set(PRIVATE_NAMES)) == len(PRIVATE_NAMES)


async def test_both_ways_answer_alike(shop: Shop) -> None:
    ((status, fast, body),) = await shop.talk(PLAIN)
    assert shop.fast
    assert not shop.slow
    ((other_status, slow, other_body),) = await shop.talk(PLAIN.replace(b"\r\n\r\n", b"\r\nX-Other: 1\r\n\r\n"))
    assert shop.slow == ["/files/a"]
    assert (status, body) == (other_status, other_body)
    for fields in (fast, slow):
        assert len(fields.pop(b"X-Request-Id")) == 24
        assert fields.pop(b"Date").endswith(b"GMT")
    assert fast == slow


async def test_a_proxys_request_id_is_kept_and_a_strange_one_is_not(shop: Shop) -> None:
    ((_, fields, _),) = await shop.talk(PLAIN.replace(b"Host: x", b"Host: x\r\nX-Request-Id: proxy-id-12345"))
    assert fields[b"X-Request-Id"] == b"proxy-id-12345"
    assert shop.fast
    assert not shop.slow
    ((_, fields, _),) = await shop.talk(PLAIN.replace(b"Host: x", b"Host: x\r\nX-Request-Id: <b>"))
    assert fields[b"X-Request-Id"] != b"<b>"


async def test_a_connection_serves_many_and_changes_ways(shop: Shop) -> None:
    other = b"GET /other/b HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    for request in (PLAIN, other, PLAIN, PLAIN, other, PLAIN):
        writer.write(request)
        assert (await read_answer(reader))[0] == b"HTTP/1.1 200 OK"
        await until(lambda: all(each._waiter is not None for each in connections(shop)), what="aiohttp waits again")
    writer.close()
    assert (len(shop.fast), len(shop.slow)) == (4, 2)
    text = generate_latest(shop.app[METRICS]).decode()
    assert 'hongbo_http_requests_total{method="GET",path="/files/{name}",status="200"} 4.0' in text
    assert 'hongbo_http_request_seconds_count{method="GET",path="/files/{name}"} 4.0' in text


def connections(shop: Shop) -> list[web.RequestHandler]:
    assert shop.runner is not None
    assert isinstance(shop.runner.server, FastServer)
    return shop.runner.server.connections


async def test_what_the_responder_leaves_or_breaks_on_goes_the_ordinary_way(shop: Shop) -> None:
    await shop.talk(PLAIN.replace(b"c=1", b"c=2"))
    await shop.talk(PLAIN.replace(b"/a", b"/broken"))
    assert shop.slow == ["/files/a", "/files/broken"]


def changed(line: bytes, by: bytes) -> bytes:
    assert line in PLAIN
    return PLAIN.replace(line, by)


HOST = b"Host: x\r\n"
NOT_PLAIN = {
    "head": changed(b"GET", b"HEAD"),
    "http 1.0": changed(b"HTTP/1.1", b"HTTP/1.0"),
    "post": changed(b"GET", b"POST"),
    "query": changed(b"/a", b"/a?x=1"),
    "escaped": changed(b"/a", b"/%61"),
    "absolute": changed(b"/files/a", b"http://x/files/a"),
    "no cookie": changed(b"Cookie: c=1\r\n", b""),
    "two cookies": changed(HOST, HOST + b"Cookie: c=1\r\n"),
    "two hosts": changed(HOST, HOST + HOST),
    "no host": changed(HOST, b""),
    "range": changed(HOST, HOST + b"Range: bytes=0-1\r\n"),
    "close": changed(HOST, HOST + b"Connection: close\r\n"),
    "upgrade": changed(HOST, HOST + b"Connection: upgrade\r\nUpgrade: websocket\r\n"),
    "expect": changed(HOST, HOST + b"Expect: 100-continue\r\n"),
    "length": changed(HOST, HOST + b"Content-Length: 0\r\n"),
    "length and chunks": changed(HOST, HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    "two lengths": changed(HOST, HOST + b"Content-Length: 0\r\nContent-Length: 5\r\n"),
    "chunks": changed(HOST, HOST + b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    "spaced name": changed(HOST, HOST + b"Content-Length : 5\r\n"),
    "folded": changed(HOST, HOST + b"X-A: 1\r\n Content-Length: 5\r\n"),
    "bare lf": PLAIN.replace(b"\r\n", b"\n"),
    "bare lf within": changed(HOST, HOST + b"X-A: 1\nContent-Length: 5\r\n"),
    "bare cr within": changed(HOST, HOST + b"X-A: 1\rContent-Length: 5\r\n"),
    "nul": changed(b"c=1", b"c=1\0"),
    "line before": b"\r\n" + PLAIN,
    "pipelined": PLAIN + PLAIN,
    "body": PLAIN + b"x",
    "tab": changed(b"GET ", b"GET\t"),
    "lower case": changed(b"HTTP", b"http"),
}


@pytest.mark.parametrize("form", NOT_PLAIN)
async def test_all_other_forms_go_the_ordinary_way(shop: Shop, form: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    writer.write(NOT_PLAIN[form])
    await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
    writer.close()
    assert shop.fast == []


@pytest.mark.parametrize("cut", [1, 3, 15, 23, 30, 40, len(PLAIN) - 3, len(PLAIN) - 1])
async def test_a_split_request_goes_the_ordinary_way(shop: Shop, cut: int) -> None:
    ((status, _, body),) = await shop.talk(PLAIN[:cut], PLAIN[cut:])
    assert (status, body) == (b"HTTP/1.1 200 OK", b"abc")
    assert (shop.fast, shop.slow) == ([], ["/files/a"])


async def test_a_request_inside_another_ones_header_or_body_is_not_a_request(shop: Shop) -> None:
    await shop.talk(b"GET /other/b HTTP/1.1\r\nX-A: ", PLAIN)
    head = b"POST /other/c HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:8080\r\nContent-Length: %d\r\n\r\n" % len(PLAIN)
    await shop.talk(head, PLAIN)
    chunked = b"POST /other/d HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:8080\r\nTransfer-Encoding: chunked\r\n\r\n"
    await shop.talk(chunked, b"%x\r\n" % len(PLAIN), PLAIN, b"\r\n0\r\n\r\n")
    assert shop.fast == []
    assert shop.slow == ["/other/b", "/other/c", "/other/d"]


async def test_a_request_behind_one_under_way_waits_for_its_turn(shop: Shop) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    writer.write(PLAIN.replace(b"/a", b"/held").replace(b"c=1", b"c=2"))
    await until(lambda: shop.slow == ["/files/held"], what="the first request is held")
    shop.fast.clear()
    writer.write(PLAIN)
    await asyncio.sleep(0)
    assert shop.fast == []
    shop.held.set()
    for _ in range(2):
        assert (await read_answer(reader))[2] == b"abc"
    writer.close()
    assert shop.fast == []


async def test_who_does_not_read_fills_no_memory(shop: Shop) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    large = PLAIN.replace(b"/a", b"/large")
    writer.write(large)
    await until(lambda: len(shop.fast) == 1, what="the first answer")
    (connection,) = connections(shop)
    assert connection.transport is not None
    writer.write(large)
    await until(lambda: len(shop.slow) == 1, what="the second goes the ordinary way")
    for more in range(1, 20):
        writer.write(large)
        await until(lambda more=more: len(connection._messages) == more, what="the next waits its turn")  # type: ignore[misc]
    assert (len(shop.fast), len(shop.slow)) == (1, 1)
    assert connection.transport.get_write_buffer_size() < 2 * len(LARGE) + 100_000
    writer.transport.abort()


async def test_an_idle_connection_is_closed_after_its_time(shop: Shop) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    await until(lambda: bool(connections(shop)), what="connected")
    (connection,) = connections(shop)
    connection._keepalive_timeout = 0.2
    connection._next_keepalive_close_time = 0.0
    for _ in range(2):
        writer.write(PLAIN)
        await read_answer(reader)
    connection._process_keepalive()  # too early: comes back by itself
    assert await asyncio.wait_for(reader.read(), 10) == b""
    assert len(shop.fast) == 2
    writer.close()


@pytest.mark.parametrize(
    ("fields", "whole", "fit"),
    [
        (b"Host: x\r\nCookie: a=1\r\n\r\n", True, True),
        (b"host: x\r\ncookie: a=1\r\nSec-Fetch-Mode: cors\r\nConnection: keep-alive\r\n\r\n", True, True),
        (b"Host: x\r\nCookie: a=1\r\nX-Unknown: 1\r\n\r\n", True, False),
        (b"Host: x\r\nCookie: \xe7\xba\xa2\r\n\r\n", False, False),
        (b"Host: x\r\nContent-Length: 3\r\n\r\n", False, False),
        (b"Host: x\r\n" + b"X-A: 1\r\n" * 100 + b"\r\n", False, False),
        (b"Host: " + b"x" * 9000 + b"\r\n\r\n", False, False),
        (b"", False, False),
    ],
)
def test_heads_are_judged(fields: bytes, whole: bool, fit: bool) -> None:
    head = read_head(fields)
    assert (head.whole, head.cookie is not None) == (whole, fit)
