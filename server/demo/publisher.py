"""Keeps the demo broadcast on air: a process of its own that sends the film through WHIP (RFC 9725) as any host does.

It reconnects for ever with growing pauses, reads the token afresh for each attempt, and takes over its own lost session. A
server that no longer reports what it received counts as gone after some seconds; ICE consent would take half a minute.
SIGTERM, SIGINT and the death of the process that started it end the session with DELETE. Key frames come every two seconds
anyway, so PLI needs no answer.
"""

import asyncio
import contextlib
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import aioice.ice
import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from yarl import URL

from server.core.clock import Clock, SystemClock

from . import picture
from .encoding import Encoding
from .film import Film, FilmSpec, keep, load
from .sender import Reel

log = structlog.get_logger(__name__)

_CONNECT_TIMEOUT = 10.0
_SILENT_AFTER = 6.0  # seconds without a receiver report
_LOOK_EVERY = 1.0
_AHEAD = 4.0  # seconds of film that must be there before it is shown while the rest is being made
_MADE_EVERY = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STEADY_AFTER = 10.0  # seconds on air, after which the next pause is short again


class PublishFailed(Exception):
    """An attempt failed or a session ended by itself; the next one follows after a pause."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to publish: the broadcast's WHIP address, and the file that holds its token."""

    url: URL
    token_file: Path

    def token(self) -> str:
        try:
            return self.token_file.read_text().strip()
        except OSError as error:
            raise PublishFailed(f"no token: {error.strerror}") from error

    @property
    def local(self) -> bool:
        return is_loopback(self.url)


def is_loopback(url: URL) -> bool:
    host = url.host or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class Publisher:
    """Publishes `film` to `target` until `stop` is set."""

    def __init__(self, film: Film, target: Target, clock: Clock) -> None:
        self._film = film
        self._target = target
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        pause = _FIRST_PAUSE
        # A server on this machine needs no certificate check: nobody sits between.
        connector = aiohttp.TCPConnector(ssl=not self._target.local)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(_CONNECT_TIMEOUT)) as http:
            while not stop.is_set():
                begun = self._clock.monotonic()
                try:
                    await self._session(http, stop)
                except (PublishFailed, aiohttp.ClientError, TimeoutError, OSError) as problem:
                    log.warning("demo_publish_failed", problem=str(problem) or type(problem).__name__, retry_in=pause)
                if self._clock.monotonic() - begun > _STEADY_AFTER:
                    pause = _FIRST_PAUSE
                await _wait(stop, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _session(self, http: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        """One publishing session. Returns when `stop` is set, raises PublishFailed when it ends otherwise."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            reel = Reel(self._film, self._clock)
            reel.attach(peer)
            await peer.setLocalDescription(await peer.createOffer())
            async with self._whip(http, peer):
                await self._watch(peer, reel, stop)
        finally:
            await peer.close()

    @asynccontextmanager
    async def _whip(self, http: aiohttp.ClientSession, peer: RTCPeerConnection) -> AsyncIterator[None]:
        """The WHIP resource around a session: POST the offer, apply the answer, DELETE at the end."""
        headers = {"Authorization": f"Bearer {self._target.token()}"}
        # We are the only one with this token; what the server still holds of us is a session of before.
        url = self._target.url.update_query(takeover="1")
        offer = {**headers, "Content-Type": "application/sdp"}
        async with http.post(url, data=peer.localDescription.sdp.encode(), headers=offer) as answer:
            text = await answer.text()
            if answer.status != 201:
                raise PublishFailed(f"the server answered {answer.status}: {text[:200]}")
            resource = answer.url.join(URL(answer.headers.get("Location", "")))
        try:
            await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
            yield
        finally:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with http.delete(resource, headers=headers):
                    pass

    async def _watch(self, peer: RTCPeerConnection, reel: Reel, stop: asyncio.Event) -> None:
        """Stay until told to stop; raise PublishFailed when the session is no longer good."""
        begun = self._clock.monotonic()
        heard, last_report = begun, None
        connected = False
        while not stop.is_set():
            now = self._clock.monotonic()
            state = peer.connectionState
            if state == "connected" and not connected:
                connected, heard = True, now
                log.info("demo_on_air", url=str(self._target.url))
            if state in ("failed", "closed") or (not connected and now - begun > _CONNECT_TIMEOUT):
                raise PublishFailed(f"connection {state}")
            if reel.lost is not None:
                raise PublishFailed(str(reel.lost))
            report = await _newest_report(peer)
            if report != last_report:
                heard, last_report = now, report
            if connected and now - heard > _SILENT_AFTER:
                raise PublishFailed("the server has gone silent")
            await _wait(stop, _LOOK_EVERY)


async def _newest_report(peer: RTCPeerConnection) -> float | None:
    """When the server last reported what it received; RFC 3550 section 6.4.2."""
    stamps = [
        entry.timestamp.timestamp()
        for sender in peer.getSenders()
        for entry in (await sender.getStats()).values()
        if entry.type == "remote-inbound-rtp"
    ]
    return max(stamps, default=None)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def prefer_loopback() -> None:
    """Offer 127.0.0.1 before the machine's other addresses; aioice leaves it out. For this whole process."""
    gather = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1", *gather(use_ipv4, use_ipv6)]


def publish(*, url: str, token_file: Path, data_dir: Path | None = None, spec: FilmSpec | None = None) -> int:
    """Encode the film if need be, then publish until SIGTERM or SIGINT; the exit code."""
    cache = (data_dir or Path("data")) / "demo"
    asyncio.run(_publish(Target(URL(url), token_file), cache, spec or FilmSpec()))
    return 0


async def _publish(target: Target, cache: Path, spec: FilmSpec) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if target.local:
        prefer_loopback()
    with_parent = asyncio.create_task(_stop_with_parent(stop))
    try:
        async with making(cache, spec, SystemClock(), stop) as film:
            await Publisher(film, target, SystemClock()).run(stop)
    finally:
        with_parent.cancel()


@asynccontextmanager
async def making(cache: Path, spec: FilmSpec, clock: Clock, stop: asyncio.Event) -> AsyncIterator[Film]:
    """The film from its file; or one in the making, as soon as enough of it is there to be sent while the rest follows."""
    font = picture.chinese_font()
    kept = await asyncio.to_thread(load, cache, spec, font)
    if kept is not None:
        yield kept
        return
    begun = clock.now().timestamp() // spec.key_frame_every * spec.key_frame_every
    encoding = await asyncio.to_thread(Encoding, spec, font, int(begun) * spec.per_second % spec.length)

    def make() -> None:
        started = clock.monotonic()
        _be_nice()
        encoding.run()
        if encoding.whole:
            keep(cache, encoding.film, font)
            log.info("demo_film_made", seconds=round(clock.monotonic() - started, 1))

    made = asyncio.create_task(asyncio.to_thread(make))
    try:
        while not (made.done() or stop.is_set()):
            if begun + encoding.made / spec.per_second - clock.now().timestamp() >= _AHEAD:
                break
            await _wait(stop, _MADE_EVERY)
        if made.done():
            made.result()  # what went wrong is not for the film to hide
        yield encoding.film
    finally:
        encoding.stop()
        await made


def _be_nice() -> None:
    """Whatever else runs here goes before this thread; on Linux each has a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


async def _stop_with_parent(stop: asyncio.Event) -> None:
    """A server that was killed cannot end its publisher; whoever loses its parent is adopted by another process."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  # the kernel sets no event
        await asyncio.sleep(_LOOK_EVERY)
    stop.set()
