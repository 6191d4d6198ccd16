"""Connections that cost us something and give nothing, and what is answered to bytes that are no request."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import WSMsgType, web
from aiohttp.client import ClientSession
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from server.core.http.fastlane import RESPONDER, FastAnswer, FastRunner
from server.core.http.frame import METRICS, SECURITY_HEADERS, install_frame
from server.core.http.patience import ConnectionLimits
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from tests.support.wait import until

LOOPBACK = ipaddress.ip_network("127.0.0.1/32")
SHORT = ConnectionLimits(head=0.3, body=0.3, body_rate=1_000_000, send=0.3, keep_alive=1.5, every=0.05, per_address=3)
GET = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
HALF_HEAD = b"GET /page HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_BODY = b"POST /page HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:8080\r\nContent-Length: 60000\r\n\r\nabc"
LARGE = bytes(30_000_000)  # more than the kernel takes off our hands


@dataclass
class House:
    """A server whose visitors should not stay for ever."""

    settings: HttpSettings
    app: web.Application = field(default_factory=web.Application)
    port: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if request.path == "/held":
            await self.held.wait()
        if request.path == "/socket":
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_str(message.data)
            return socket
        await request.read()
        return web.Response(body=LARGE if request.path == "/large" else b"abc")

    def respond(self, path: str, cookies: str) -> FastAnswer | None:
        return FastAnswer("/large", "text/x-file", "no-store", LARGE) if path == "/large" else None

    def ended(self, reason: str) -> int:
        """How often the server has lost its patience for that reason."""
        line = f'hongbo_http_connections_ended_total{{reason="{reason}"}} '
        text = generate_latest(self.app[METRICS]).decode()
        return round(float(text.split(line)[1].split("\n")[0])) if line in text else 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer


Open = Callable[..., AbstractAsyncContextManager[House]]


@asynccontextmanager
async def _open(settings: HttpSettings, *, fast: bool = True) -> AsyncIterator[House]:
    house = House(settings)
    house.app[HTTP_SETTINGS] = settings
    if fast:
        house.app[RESPONDER] = house.respond
    install_frame(house.app, CollectorRegistry())
    house.app.router.add_route("*", "/{name}", house.serve)
    runner = FastRunner(house.app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    house.port = runner.addresses[0][1]
    try:
        yield house
    finally:
        house.held.set()
        for writer in house.writers:
            writer.transport.abort()
        await runner.cleanup()


@pytest.fixture(params=[True, False], ids=["with the fast lane", "without it"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with _open(HttpSettings(connections=SHORT), fast=request.param) as house:
        yield house


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What still came before the server closed."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize(("sent", "reason"), [(b"", "head"), (HALF_HEAD, "head"), (b"\r\n", "head"), (HALF_BODY, "body")])
async def test_who_stops_in_the_middle_is_not_waited_for(house: House, sent: bytes, reason: str) -> None:
    reader, writer = await house.connect()
    writer.write(sent)
    assert await closed(reader) == b""
    assert house.ended(reason) == 1


@pytest.mark.parametrize(("begin", "reason"), [(HALF_HEAD, "head"), (HALF_BODY, "body")])
async def test_single_bytes_win_no_time(house: House, begin: bytes, reason: str) -> None:
    reader, writer = await house.connect()
    writer.write(begin)

    async def trickle() -> None:
        while not writer.transport.is_closing():
            writer.write(b"a")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    await closed(reader)
    trickling.cancel()
    assert house.ended(reason) == 1


async def test_a_second_request_has_the_same_bounds(house: House) -> None:
    for rest, reason in ((HALF_HEAD, "head"), (HALF_BODY, "body")):
        reader, writer = await house.connect()
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\nabc")
        writer.write(rest)
        assert await closed(reader) == b""
        assert house.ended(reason) == 1


async def test_half_a_request_behind_one_under_way_has_its_time_after_that(house: House) -> None:
    for count, (rest, reason) in enumerate(((HALF_HEAD, "head"), (HALF_BODY, "body")), 1):
        reader, writer = await house.connect()
        house.held.clear()
        writer.write(GET.replace(b"page", b"held"))
        await until(lambda count=count: house.asked == 2 * count - 1, what="the first is held")  # type: ignore[misc]
        writer.write(rest)
        house.held.set()
        assert (await closed(reader)).endswith(b"abc")
        assert house.ended(reason) == 1
        house.asked = 2 * count


async def test_an_idle_connection_is_closed_without_a_word(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(GET)
    await reader.readuntil(b"\r\n\r\nabc")
    assert await closed(reader) == b""
    assert house.ended("head") == house.ended("body") == 0


@pytest.mark.parametrize("closing", [b"", b"Connection: close\r\n"])
async def test_who_does_not_read_the_answer_is_not_served_for_ever(house: House, closing: bytes) -> None:
    _, writer = await house.connect()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # uvloop's and asyncio's transports both can
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\n%b\r\n" % closing)
    await until(lambda: house.ended("send") == 1, what="the server has given up")


async def test_who_waits_for_us_is_not_hurried(house: House) -> None:
    """A held answer, a large answer being read and a socket, for as long as two others run out of time one after the other."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(ClientSession(f"http://127.0.0.1:{house.port}"))
        held = asyncio.create_task(http.get("/held"))
        socket = await stack.enter_async_context(http.ws_connect("/socket"))
        await until(lambda: house.asked == 2, what="both have come in")
        for count in (1, 2):
            reader, writer = await house.connect()
            writer.write(HALF_HEAD)
            await closed(reader)
            assert house.ended("head") == count
        assert not held.done()
        await socket.send_str("still here")
        assert await socket.receive_str(timeout=10) == "still here"
        house.held.set()
        answer = await held
        assert (answer.status, await answer.read()) == (200, b"abc")
        answer.release()
        async with http.get("/large") as answer:
            assert len(await answer.read()) == len(LARGE)


async def test_one_address_holds_so_many_connections_and_no_more() -> None:
    async with _open(HttpSettings(connections=SHORT, uncounted=())) as house:
        first, *_ = [await house.connect() for _ in range(SHORT.per_address)]
        refused, _ = await house.connect()
        assert await closed(refused) == b""
        assert house.ended("crowd") == 1
        first[1].close()
        await until(lambda: _served(house), what="the next is let in")


async def _served(house: House) -> bool:
    reader, writer = await house.connect()
    writer.write(GET)
    answer = await closed(reader)
    return answer.endswith(b"abc")


async def test_a_trusted_proxy_keeps_its_own_time_and_carries_everybody() -> None:
    async with _open(HttpSettings(connections=SHORT, uncounted=(), trusted_proxies=(LOOPBACK,))) as house:
        many = [await house.connect() for _ in range(SHORT.per_address + 3)]
        for _, writer in many:
            writer.write(HALF_HEAD)
        async with _open(HttpSettings(connections=SHORT)) as elsewhere:
            reader, _ = await elsewhere.connect()
            await closed(reader)
        for reader, writer in many:
            writer.write(b"\r\n\r\n")
            async with asyncio.timeout(10):
                await reader.readuntil(b"\r\n\r\nabc")


NONSENSE = {
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello there\r\n\r\n",
    "a bad line": b"GET /page secret-token HTTP/1.1\r\n\r\n",
    "a bad version": b"GET /page HTTP/9.9\r\nHost: x\r\n\r\n",
    "a bad field": b"GET /page HTTP/1.1\r\nHost: x\r\nCookie secret-token\r\n\r\n",
    "folded": b"GET /page HTTP/1.1\r\nHost: x\r\nA: b\r\n c: secret-token\r\n\r\n",
    "length and chunks": b"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    "two lengths": b"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a long line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many fields": b"GET /page HTTP/1.1\r\nHost: x\r\n" + b"".join(b"A%d: 1\r\n" % each for each in range(500)) + b"\r\n",
}


@pytest.mark.parametrize("form", NONSENSE)
async def test_what_is_no_request_is_answered_like_every_other_mistake(house: House, form: str) -> None:
    with capture_logs() as logs:
        reader, writer = await house.connect()
        writer.write(NONSENSE[form])
        answer = await closed(reader)  # and the connection is over
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    assert status.split()[1] == "400"
    assert fields.items() >= (SECURITY_HEADERS | {"Server": "hongbo", "Cache-Control": "no-store"}).items()
    assert fields["Content-Type"].startswith("application/problem+json")
    problem = json.loads(body)
    assert (problem["code"], problem["status"], problem["detail"]) == ("bad_request", 400, "请求格式有误")
    assert problem["request_id"] == fields["X-Request-Id"]
    assert [(entry["event"], entry["request_id"]) for entry in logs] == [("bad_request", problem["request_id"])]
    assert "secret-token" not in answer.decode() + str(logs)


async def test_an_expectation_nobody_knows_is_a_problem_too(house: House) -> None:
    reader, writer = await house.connect()
    writer.write(b"POST /page HTTP/1.1\r\nHost: x\r\nExpect: the-impossible\r\nContent-Length: 0\r\n\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 417")
    assert "Content-Type: application/problem+json" in head
    assert "Server: hongbo" in head
    assert "Content-Security-Policy: " in head
