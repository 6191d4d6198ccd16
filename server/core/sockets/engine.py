"""Engine.IO version 4 on aiohttp, to the letter (https://socket.io/docs/v4/engine-io-protocol/, docs/decisions/0301).

It stands where python-engineio would stand below python-socketio, and answers what that one lets pass: unknown transports and
methods, bodies that are malformed or too large, a second poll or a second WebSocket of one session, upgrades that go wrong. An
error ends the session that made it and nobody else's; refused handshakes get the numbered errors of the reference server.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog
from aiohttp import WSMsgType, web
from aiohttp.abc import AbstractStreamWriter
from pydantic_core import to_json

from ..clock import Clock
from ..tasks import Tasks
from ..turns import in_turns
from .codec import OPEN, PING, PONG, UPGRADE, Malformed, split_payload
from .limits import SocketLimits
from .session import ENDED, Session

log = structlog.get_logger(__name__)

_UNKNOWN_TRANSPORT = (400, 0, "Transport unknown")
_UNKNOWN_SESSION = (400, 1, "Session ID unknown")
_BAD_METHOD = (400, 2, "Bad handshake method")
_BAD_REQUEST = (400, 3, "Bad request")
_FORBIDDEN = (403, 4, "Forbidden")
_BAD_VERSION = (400, 5, "Unsupported protocol version")
_STOPPING = (503, 4, "Too many connections")
_NO_STORE = {"Cache-Control": "no-store"}


class TurnedAway(Exception):
    """A new session is refused: 403, or 503 if there may be room later. `message` is for the client, `reason` for the log."""

    def __init__(self, status: int, message: str, *, reason: str) -> None:
        super().__init__(reason)
        self.status, self.message, self.reason = status, message, reason


class Guest(Protocol):
    """The layer above."""

    async def welcome(self, request: web.Request) -> Any:
        """What belongs to a new session, its `data`; raise TurnedAway. Nothing is awaited between its end and `opened`."""
        ...

    async def opened(self, session: Session) -> None: ...

    def received(self, session: Session, text: str) -> Coroutine[Any, Any, None] | None:
        """See `session.Owner`. Raise Malformed, also while being waited for."""
        ...

    async def ended(self, session: Session, reason: str) -> None: ...


class Engine:
    def __init__(self, guest: Guest, limits: SocketLimits, origins: frozenset[str], clock: Clock) -> None:
        self.sessions: dict[str, Session] = {}
        self._guest, self._limits, self._origins, self._clock = guest, limits, origins, clock
        self._tasks = Tasks("sockets")
        self._endings: set[asyncio.Task[None]] = set()
        self._closing = False

    def start(self) -> None:
        # One sweep for all is cheaper than timers for each, and fine enough for an interval in seconds.
        every = min(0.5, self._limits.ping_interval / 4, self._limits.ping_timeout / 4)
        self._tasks.every(every, self._sweep, "heartbeats")

    async def close(self) -> None:
        """Say goodbye to all and wait until everybody above has heard of it."""
        self._closing = True
        for session in list(self.sessions.values()):
            session.cut("server shutting down", code=1001)
        await asyncio.gather(*self._endings, return_exceptions=True)
        await self._tasks.aclose()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            return _error(_FORBIDDEN)
        if request.method not in ("GET", "POST"):
            return web.Response(status=405, headers={"Allow": "GET, POST", **_NO_STORE})
        if len(request.query) != len(set(request.query)):  # one given twice
            return _error(_BAD_REQUEST)
        transport = request.query.get("transport")
        if transport not in ("polling", "websocket"):
            return _error(_UNKNOWN_TRANSPORT)
        if request.query.get("EIO") != "4":
            return _error(_BAD_VERSION)
        if "j" in request.query or "b64" in request.query:
            return _error(_BAD_REQUEST)  # JSONP and base64 were of version 3
        if "sid" not in request.query:
            return await self._handshake(request, transport)
        session = self.sessions.get(request.query["sid"])
        if session is None or (session.closed and transport == "websocket"):
            return _error(_UNKNOWN_SESSION)
        if transport == "websocket":
            return await self._upgrade(request, session)
        if session.over_websocket:
            return _error(_BAD_REQUEST)
        return await (self._poll(request, session) if request.method == "GET" else self._post(request, session))

    # Opening

    async def _handshake(self, request: web.Request, transport: str) -> web.StreamResponse:
        if request.method != "GET":
            return _error(_BAD_METHOD)
        try:
            data = await self._guest.welcome(request)
        except TurnedAway as refusal:
            return _error((refusal.status, 4, refusal.message))
        if self._closing:
            return _error(_STOPPING)
        session = Session(
            secrets.token_urlsafe(15),
            self,
            self._spawn,
            most_unsent=self._limits.most_unsent,
            data=data,
            now=self._clock.monotonic,
        )
        self.sessions[session.id] = session
        session.ping_at = self._clock.monotonic() + self._limits.ping_interval
        session.send(self._open_packet(session, transport))
        await self._guest.opened(session)
        if transport == "polling":
            return await self._poll(request, session)
        try:
            return await self._serve(request, session, self._greet)
        finally:
            session.cut("transport close")

    def _open_packet(self, session: Session, transport: str) -> bytes:
        limits = self._limits
        return OPEN.encode() + to_json(
            {
                "sid": session.id,
                "upgrades": ["websocket"] if transport == "polling" else [],
                "pingInterval": round(limits.ping_interval * 1000),
                "pingTimeout": round(limits.ping_timeout * 1000),
                "maxPayload": limits.max_payload,
            }
        )

    # Polling

    async def _poll(self, request: web.Request, session: Session) -> web.StreamResponse:
        if session.poller is not None:  # two at once would tear the order apart
            session.cut("transport error")
            return _error(_BAD_REQUEST)
        try:
            return _payload(await session.poll(request.transport, most=self._limits.max_payload))
        finally:
            if request.transport is None or request.transport.is_closing():
                session.cut("transport close")  # what was taken cannot be told any more

    async def _post(self, request: web.Request, session: Session) -> web.StreamResponse:
        if session.closed:
            return _error(_UNKNOWN_SESSION)
        if session.posting:
            session.cut("transport error")
            return _error(_BAD_REQUEST)
        session.posting = True
        try:
            body = await _read(request, self._limits.max_payload)
            if body is None:
                session.cut("transport error")
                return web.Response(status=413, headers=_NO_STORE)
            for packet in split_payload(body, most=self._limits.most_packets):
                session.receive(packet)
        except Malformed:
            session.cut("parse error")
            return _error(_BAD_REQUEST)
        finally:
            session.posting = False
        return web.Response(text="ok", headers=_NO_STORE)

    # WebSocket

    async def _upgrade(self, request: web.Request, session: Session) -> web.StreamResponse:
        if request.method != "GET" or session.over_websocket or session.upgrading:
            return _error(_BAD_REQUEST)
        session.upgrading = True  # from here on a second one is refused; polling goes on until the probe
        try:
            return await self._serve(request, session, self._probe)
        finally:
            session.abandon_upgrade()

    async def _serve(
        self,
        request: web.Request,
        session: Session,
        begin: Callable[["_Socket", Session, AbstractStreamWriter], Awaitable[bool]],
    ) -> web.StreamResponse:
        socket = _Socket(max_msg_size=self._limits.max_payload, compress=self._limits.deflate, autoclose=True, timeout=2.0)
        try:
            head = await socket.prepare(request)
        except (web.HTTPException, ConnectionError):  # no WebSocket handshake, or nobody there any more
            return _error(_BAD_REQUEST)
        transport = request.transport
        if transport is None or not await begin(socket, session, head) or session.closed:
            with contextlib.suppress(ConnectionError):
                head.send_headers()
            await socket.close()
            return socket
        # What is deflated for all presumes the largest window; whoever asked for a smaller one gets plain frames.
        first = session.attach(transport, deflates=socket.compress == 15)
        reason = "transport close"
        try:
            await head.write(first)  # together with the head of the answer, if that has not gone yet
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    raise Malformed("only text here")
                session.receive(message.data)
        except Malformed:
            reason = "parse error"
        except (ConnectionError, OSError):
            reason = "transport error"
        finally:
            session.cut(reason)
        return socket

    async def _greet(self, socket: "_Socket", session: Session, head: AbstractStreamWriter) -> bool:
        return True

    async def _probe(self, socket: "_Socket", session: Session, head: AbstractStreamWriter) -> bool:
        """The exchange that makes sure the new way is open before the old one is left."""
        try:
            head.send_headers()  # the client speaks first
            async with asyncio.timeout(self._limits.upgrade_timeout):
                if await _next_text(socket) != PING + "probe":
                    return False
                await socket.send_str(PONG + "probe", compress=None)
                session.begin_upgrade()
                return await _next_text(socket) == UPGRADE
        except (TimeoutError, ConnectionError):
            return False

    # Between

    def received(self, session: Session, text: str) -> Coroutine[Any, Any, None] | None:
        try:
            work = self._guest.received(session, text)
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends the session that sent it and nothing else
            self._failed(session, error)
            return None
        return None if work is None else self._waited_for(session, work)

    async def _waited_for(self, session: Session, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  # as above
            self._failed(session, error)

    @staticmethod
    def _failed(session: Session, error: Exception) -> None:
        if isinstance(error, Malformed):
            session.cut("parse error")
        else:
            log.error("message_failed", exc_info=error)
            session.cut("server error", code=1011)

    async def ended(self, session: Session, reason: str) -> None:
        try:
            await self._guest.ended(session, reason)
        finally:
            self.sessions.pop(session.id, None)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._tasks.spawn(work, name)
        if name == ENDED:
            self._endings.add(task)
            task.add_done_callback(self._endings.discard)

    async def _sweep(self) -> None:
        now = self._clock.monotonic()
        async for some in in_turns(self.sessions.values()):
            for session in some:
                self._look_after(session, now)

    def _look_after(self, session: Session, now: float) -> None:
        if session.poller is not None and session.poller.is_closing():
            session.cut("transport close")  # nobody else would notice before the next ping
        if session.closed or session.ping_at is None:
            return
        if session.pong_by is not None:
            if now >= session.pong_by:
                session.cut("ping timeout")
        elif now >= session.ping_at:
            session.ping_at = now + self._limits.ping_interval
            session.ping(answer_by=now + self._limits.ping_timeout)


class _Socket(web.WebSocketResponse):
    """One whose head waits for the first frame, so that both go in one piece. Where aiohttp has no such wish it goes alone."""

    _send_headers_immediately = False


async def _next_text(socket: web.WebSocketResponse) -> str | None:
    message = await socket.receive()
    return message.data if message.type is WSMsgType.TEXT else None


async def _read(request: web.Request, most: int) -> bytes | None:
    """The body, however it is framed; None if it is larger than `most` bytes."""
    if request.content_length is not None and request.content_length > most:
        return None
    body = b""
    while chunk := await request.content.read(most + 1 - len(body)):
        body += chunk
        if len(body) > most:
            return None
    return body


def _payload(packets: bytes) -> web.Response:
    return web.Response(body=packets, content_type="text/plain", charset="utf-8", headers=_NO_STORE)


def _error(error: tuple[int, int, str]) -> web.Response:
    status, code, message = error
    return web.json_response({"code": code, "message": message}, status=status, headers=_NO_STORE)
