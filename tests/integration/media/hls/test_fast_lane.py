"""What the fast lane says of a live stream is what the routes say, header by header."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvloop
from aiohttp import ClientSession, DummyCookieJar, web
from prometheus_client import CollectorRegistry

from server.core.http import mount
from server.core.http.fastlane import RESPONDER, FastAnswer, FastRunner
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.media import MEDIA, fast_hls, media_routes
from tests.integration.media.hls.conftest import STREAM, Stage

COOKIE = {"Cookie": "hongbo_hls=good"}
ORDINARY = COOKIE | {"X-Other": "1"}
BASE = f"/hls/{STREAM}/"


@dataclass
class Doors:
    """The stream behind the real runner; `fast` is what its responder answered."""

    stage: Stage
    http: ClientSession
    fast: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, bool]] = field(default_factory=list)

    def allowed(self, stream_id: str, cookies: str, /, *, playlist: bool) -> bool:
        self.asked.append((stream_id, cookies, playlist))
        return cookies == COOKIE["Cookie"]

    async def get(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        async with self.http.get(path, headers=headers) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            assert len(headers) == len(answer.headers), "a header twice"
            return answer.status, headers, await answer.read()


@pytest.fixture
async def doors(stage: Stage) -> AsyncIterator[Doors]:
    app = web.Application()
    app[MEDIA] = stage.service
    app[HTTP_SETTINGS] = HttpSettings()
    mount(app, [media_routes()])
    install_frame(app, CollectorRegistry())
    runner = FastRunner(app, access_log=None, shutdown_timeout=1)
    made: list[Doors] = []
    responder = fast_hls(stage.service, lambda *given, playlist: made[0].allowed(*given, playlist=playlist))

    def respond(path: str, cookies: str) -> FastAnswer | None:
        answer = responder(path, cookies)
        if answer is not None:
            made[0].fast.append(path)
        return answer

    app[RESPONDER] = respond
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}", cookie_jar=DummyCookieJar()) as http:
        made.append(Doors(stage, http))
        yield made[0]
    await runner.cleanup()


async def test_both_ways_give_the_same_headers_and_bytes(doors: Doors) -> None:
    paths = [BASE + name for name in ("live.m3u8", "audio.m3u8")]
    for name in ("live.m3u8", "audio.m3u8"):
        playlist = await doors.stage.playlist(name=name)
        first, last = playlist.complete[0], playlist.segments[-1]
        paths += [BASE + uri for uri in (first.uri, last.parts[-1].uri, first.parts[0].uri, first.map) if uri]
    for path in paths:
        status, fast, body = await doors.get(path, COOKIE)
        assert doors.fast.pop() == path
        other_status, slow, other_body = await doors.get(path, ORDINARY)
        assert doors.fast == []
        assert (status, body) == (other_status, other_body) == (200, body)
        assert body
        for headers in (fast, slow):
            del headers["x-request-id"], headers["date"]
        assert fast == slow


async def test_playlists_are_asked_for_as_playlists(doors: Doors) -> None:
    part = (await doors.stage.playlist()).segments[-1].parts[-1].uri
    for name in ("live.m3u8", part):
        await doors.get(BASE + name, COOKIE)
    assert doors.asked == [(STREAM, COOKIE["Cookie"], True), (STREAM, COOKIE["Cookie"], False)]


@pytest.mark.parametrize(
    "name",
    ["index.m3u8", "replay.m3u8", "live.m3u8?_HLS_msn=1", "live.m3u8?token=x", "nowhere/v0.m4s", "{folder}/v99.m4s", "x"],
)
async def test_all_else_is_for_the_routes(doors: Doors, name: str) -> None:
    await doors.get(BASE + name.format(folder=doors.stage.output.window.folder), COOKIE)
    assert doors.fast == []


async def test_who_is_not_known_is_for_the_routes(doors: Doors) -> None:
    doors.stage.door.shut = True
    assert (await doors.get(BASE + "live.m3u8", {"Cookie": "hongbo_hls=other"}))[0] == 401
    assert (await doors.get(BASE + "live.m3u8", {}))[0] == 401
    assert doors.fast == []


def test_uvloop_and_tls_carry_whole_answers(tmp_path: Path) -> None:
    """In a loop of its own: the server's, which is not the one of the tests."""
    content = bytes(range(256)) * 8000

    fast: list[str] = []

    def respond(path: str, cookies: str) -> FastAnswer:
        fast.append(path)
        return FastAnswer("/f", "video/mp4", "no-store", memoryview(content)[256:])

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=content[256:])

    async def look() -> None:
        app = web.Application()
        app[HTTP_SETTINGS] = HttpSettings()
        app[RESPONDER] = respond
        app.router.add_get("/f", serve)
        install_frame(app, CollectorRegistry())
        runner = FastRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        server, client = contexts(tmp_path)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        (_, secure), (_, bare) = runner.addresses
        try:
            async with asyncio.timeout(20), ClientSession(cookie_jar=DummyCookieJar()) as http:
                for base in (f"https://127.0.0.1:{secure}/f", f"http://127.0.0.1:{bare}/f"):
                    for _ in range(4):
                        async with http.get(base, headers=COOKIE, ssl=client) as answer:
                            assert await answer.read() == content[256:]
                            assert ("Strict-Transport-Security" in answer.headers) == base.startswith("https")
        finally:
            await runner.cleanup()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(look())
    assert len(fast) >= 4  # the first request on a connection may come before aiohttp waits for it


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server with a certificate of its own, and a client that believes it."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    certificate = made.sign(key, hashes.SHA256())
    file = folder / "tls.pem"
    form = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(form, *plain) + certificate.public_bytes(form))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
