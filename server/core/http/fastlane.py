"""Answers the plainest of GETs without a task, a request object or a route (docs/decisions/0201-fast-lane-for-hls.md).

A responder, registered by the application, may answer a request that arrives alone and whole on an idle connection and whose
every header is known to change nothing. All else goes the way aiohttp has for it, byte for byte: this code decides only
whether it is sure, and it never parses what it is not sure of. In particular nothing may be half read: as soon as a
connection has carried anything but whole requests without a body, it stays on the ordinary way until it is closed.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import structlog
from aiohttp import web

from .connection import PRIVATE_NAMES as GUARDS_NAMES
from .connection import Door, GuardedRequestHandler
from .frame import (
    SECURITY_HEADERS,
    SERVER_NAME,
    STATISTICS,
    STRICT_TRANSPORT,
    is_request_id,
    new_request_id,
)
from .peer import HTTP_SETTINGS, HttpSettings, secure_by_proxy
from .statistics import RequestStatistics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FastAnswer:
    """A 200. `route` is the declared path, as the ordinary way would count it."""

    route: str
    content_type: str
    cache_control: str
    body: bytes | memoryview


Responder = Callable[[str, str], FastAnswer | None]
"""Given the path and the `Cookie` header; None sends the request the ordinary way. Must not block."""

RESPONDER: web.AppKey[Responder] = web.AppKey("RESPONDER")

# Of aiohttp, which is pinned: what this module uses and aiohttp does not promise.
PRIVATE_NAMES = (
    "_buffer_paused",
    "_close",
    "_current_request",
    "_force_close",
    "_keepalive_handle",
    "_keepalive_timeout",
    "_logging_enabled",
    "_loop",
    "_manager",
    "_messages",
    "_next_keepalive_close_time",
    "_paused",
    "_payload_parser",
    "_reading_paused",
    "_request_count",
    "_request_in_progress",
    "_upgraded",
    "_waiter",
    "transport",
)

_LONGEST = 8000  # bytes of one request head; the parser's own limits are a little higher
_MOST_FIELDS = 64
_FAST = re.compile(rb"GET (/[A-Za-z0-9/._-]{1,300}) HTTP/1\.1\r\n")
_WHOLE = re.compile(rb"(?:GET|HEAD|OPTIONS|DELETE) /[\x21-\x7e]{0,4000} HTTP/1\.1\r\n")
_UPGRADES = re.compile(rb"\n[Uu]pgrade:")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)")
# With one of these the end of the message is not the end of its head.
_NOT_ALONE = frozenset({"content-length", "transfer-encoding", "expect", "upgrade", "trailer", "te", "http2-settings"})
_HARMLESS = re.compile(
    r"host|cookie|user-agent|accept|accept-encoding|accept-language|referer|origin|dnt|priority|cache-control|pragma|"
    r"sec-[a-z0-9-]+|save-data|connection|x-request-id|x-forwarded-for|x-forwarded-proto|x-real-ip"
)
_ONCE = ("host", "cookie", "connection", "x-request-id", "x-forwarded-proto")


@dataclass(frozen=True, slots=True)
class Head:
    """What the header fields of a request come to. `whole`: the message ends with them. `cookie`: None unless they are all
    known to change nothing about a file's answer."""

    whole: bool
    cookie: str | None = None
    request_id: str | None = None
    forwarded_proto: str | None = None


_UNSURE = Head(whole=False)


def read_head(block: bytes) -> Head:
    """Judge header fields: everything after the request line, the empty line included."""
    if len(block) > _LONGEST or block[-4:] != b"\r\n\r\n" or not block.isascii():
        return _UNSURE
    seen: dict[str, str] = {}
    plain = True
    lines = block[:-4].decode("ascii").split("\r\n")
    if len(lines) > _MOST_FIELDS:
        return _UNSURE
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            return _UNSURE
        name = field[1].lower()
        if name in _NOT_ALONE or (name == "connection" and field[2].lower() != "keep-alive"):
            return _UNSURE
        if name in seen and name in _ONCE:
            return _UNSURE
        seen[name] = field[2]
        plain = plain and _HARMLESS.fullmatch(name) is not None
    request_id = seen.get("x-request-id")
    if request_id is not None and not is_request_id(request_id):
        plain = False
    if not plain or "host" not in seen or "cookie" not in seen:
        return Head(whole=True)
    return Head(True, seen["cookie"], request_id, seen.get("x-forwarded-proto"))


class Lane:
    """What all connections of one server share."""

    def __init__(self, responder: Responder, statistics: RequestStatistics, settings: HttpSettings) -> None:
        self.respond = responder
        self.statistics = statistics
        self.settings = settings
        self._heads: dict[tuple[str, str, bool], bytes] = {}  # few: kinds of files
        self._date = (0, b"")

    def head(self, answer: FastAnswer, *, secure: bool, request_id: str | None) -> bytes:
        """Status line and header fields, as the frame would have set them."""
        key = (answer.content_type, answer.cache_control, secure)
        start = self._heads.get(key)
        if start is None:
            fields = {"Content-Type": answer.content_type, "Cache-Control": answer.cache_control, **SECURITY_HEADERS}
            fields["Server"] = SERVER_NAME
            if secure:
                fields["Strict-Transport-Security"] = STRICT_TRANSPORT
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            start = self._heads[key] = f"HTTP/1.1 200 OK\r\n{lines}".encode("ascii")
        given = (request_id or new_request_id()).encode("ascii")
        length = len(answer.body)
        return b"%bX-Request-Id: %b\r\nContent-Length: %d\r\nDate: %b\r\n\r\n" % (start, given, length, self._now())

    def _now(self) -> bytes:
        second = int(time.time())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True).encode("ascii"))
        return self._date[1]


class FastRequestHandler(GuardedRequestHandler):
    """One connection."""

    __slots__ = ("_block", "_head", "_lane", "_secure", "_unsure")

    def __init__(self, manager: web.Server, door: Door, lane: Lane, **more: Any) -> None:
        super().__init__(manager, door, **more)
        self._lane = lane
        self._unsure = False  # aiohttp's parser may be in the middle of a message
        self._block, self._head, self._secure = b"", _UNSURE, False  # a client sends the same fields again and again

    def data_received(self, data: bytes) -> None:
        if not data or self._unsure or not self._answered(data):
            super().data_received(data)

    def _answered(self, data: bytes) -> bool:
        """Whether the request was answered here; if not, whether aiohttp's parser will be between messages after it."""
        if _UPGRADES.search(data):  # a WebSocket; thousands may come at once, and nothing more is to be learnt from them
            self._unsure = True
            return False
        end = data.find(b"\n") + 1
        block = data[end:]
        if block != self._block:
            self._learn(block)
        head = self._head
        if not head.whole:
            self._unsure = True
            return False
        line = _FAST.fullmatch(data, 0, end) if head.cookie is not None else None
        if line is None:
            self._unsure = _WHOLE.fullmatch(data, 0, end) is None
            return False
        return self._is_idle() and self._answer(line[1].decode("ascii"), head)

    def _learn(self, block: bytes) -> None:
        self._block, self._head = block, read_head(block)
        if not self._head.whole:
            self._block = b""  # nothing large is kept; the empty block is never taken for this one: it is not whole either
        elif self.transport is not None:
            self._secure = self.ssl_context is not None or self._secure_by_proxy(self._head.forwarded_proto)

    def _secure_by_proxy(self, forwarded: str | None) -> bool:
        if forwarded is None:
            return False
        peer = self.peername
        remote = peer if isinstance(peer, str) else peer[0] if peer else None
        return secure_by_proxy(self._lane.settings, remote, forwarded)

    def _is_idle(self) -> bool:
        """Whether aiohttp waits for a request with nothing to read, nothing to write and nothing to log."""
        waiter = self._waiter
        transport = self.transport
        return (
            waiter is not None
            and not waiter.done()
            and not self._messages
            and self._current_request is None
            and not self._request_in_progress
            and self._payload_parser is None
            and not self._upgraded
            and not self._close
            and not self._force_close
            and not self._logging_enabled
            and not self._paused
            and not self._reading_paused
            and not self._buffer_paused
            and self._keepalive_handle is not None
            and transport is not None
            and not transport.is_closing()
            and transport.get_write_buffer_size() == 0  # those who read slowly wait as aiohttp lets them wait
        )

    def _answer(self, path: str, head: Head) -> bool:
        started = time.perf_counter()
        lane = self._lane
        try:
            answer = lane.respond(path, head.cookie or "")
        except Exception:
            log.exception("fast_lane_failed")  # the ordinary way says what is wrong
            return False
        if answer is None or self.transport is None:
            return False
        self.transport.writelines((lane.head(answer, secure=self._secure, request_id=head.request_id), answer.body))
        self._request_count += 1
        if self._manager is not None:
            self._manager.requests_count += 1
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        lane.statistics.note("GET", answer.route, 200, time.perf_counter() - started)
        return True


class FastServer(web.Server):
    """aiohttp's server with connections of our kind; without a lane they are guarded and no more."""

    def __init__(self, plain: web.Server, door: Door, lane: Lane | None) -> None:
        # No keep-alive of TCP: our own patience ends who has fallen silent two hours before the kernel would ask.
        ours = {"keepalive_timeout": door.settings.connections.keep_alive, "tcp_keepalive": False}
        given = ours | plain._kwargs  # noqa: SLF001  # see missing_names
        super().__init__(
            plain.request_handler,
            request_factory=plain.request_factory,
            handler_cancellation=plain.handler_cancellation,
            loop=plain._loop,  # noqa: SLF001
            **given,
        )
        self._door, self._lane = door, lane

    def __call__(self) -> web.RequestHandler:
        if self._lane is None:
            return GuardedRequestHandler(self, self._door, loop=self._loop, **self._kwargs)
        return FastRequestHandler(self, self._door, self._lane, loop=self._loop, **self._kwargs)


class FastRunner(web.AppRunner):
    """Runs an application on guarded connections, with the fast lane if the application names a RESPONDER."""

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        if missing := missing_names(plain):
            log.error("connections_unguarded", missing=missing)
            return plain
        settings, statistics = self.app[HTTP_SETTINGS], self.app[STATISTICS]
        responder = self.app.get(RESPONDER)
        lane = None if responder is None else Lane(responder, statistics, settings)
        return FastServer(plain, Door(settings, statistics, plain._loop), lane)  # noqa: SLF001


def missing_names(server: web.Server) -> list[str]:
    """What this module and the guard need of aiohttp and do not find."""
    names = set(dir(web.RequestHandler))
    missing = [name for name in sorted({*PRIVATE_NAMES, *GUARDS_NAMES}) if name not in names]
    return missing + [name for name in ("_loop", "_kwargs") if not hasattr(server, name)]
