"""One connection of a client, with bounds: on its time (`patience.py`) and on how many one address may hold.

What aiohttp answers by itself, before there is a request that routes could answer, is a problem like all others, with our
header fields and without a byte of what was sent. Peers in TRUSTED_PROXIES keep their own clocks and carry everybody: they are
exempt from both bounds, and this machine is from the second.
"""

import asyncio
from collections import Counter
from typing import Any, cast

import structlog
from aiohttp import web

from .frame import SECURITY_HEADERS, SERVER_NAME, STRICT_TRANSPORT, new_request_id
from .patience import Patience, Phase, Sight
from .peer import HttpSettings, network_of, within
from .problems import problem_from_aiohttp, problem_from_status
from .statistics import RequestStatistics

log = structlog.get_logger(__name__)

# Of aiohttp, which is pinned: what this module uses and aiohttp does not promise.
PRIVATE_NAMES = (
    "_buffer_paused",
    "_current_request",
    "_messages",
    "_payload_parser",
    "_reading_paused",
    "_request_count",
    "_upgraded",
    "_waiter",
    "finish_response",
    "force_close",
    "handle_error",
)


class Door:
    """The connections of one server: who may come in, and who is asked to leave."""

    def __init__(self, settings: HttpSettings, statistics: RequestStatistics, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self.statistics = statistics
        self._loop = loop
        self._inside: dict[GuardedRequestHandler, str | None] = {}  # and the address it counts for
        self._held: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, connection: "GuardedRequestHandler", address: str) -> bool:
        """False if the address holds as many as it may."""
        if within(address, self.settings.trusted_proxies):
            return True
        counted = None if within(address, self.settings.uncounted) else network_of(address)
        if counted is not None:
            if self._held[counted] >= self.settings.connections.per_address:
                self.statistics.note_ended("crowd")
                return False
            self._held[counted] += 1
        self._inside[connection] = counted
        if self._timer is None:
            self._timer = self._loop.call_later(self.settings.connections.every, self._look)
        return True

    def leave(self, connection: "GuardedRequestHandler") -> None:
        counted = self._inside.pop(connection, None)
        if counted is not None:
            self._held[counted] -= 1
            if not self._held[counted]:
                del self._held[counted]

    def _look(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._inside):
            if (reason := connection.look(now)) is not None:
                self.statistics.note_ended(reason)
        again = bool(self._inside)
        self._timer = self._loop.call_later(self.settings.connections.every, self._look) if again else None


class GuardedRequestHandler(web.RequestHandler):
    """aiohttp's connection, watched."""

    __slots__ = ("_door", "_half", "_moved", "_patience", "_received", "_wire")

    def __init__(self, manager: web.Server, door: Door, **more: Any) -> None:
        super().__init__(manager, **more)
        self._door = door
        self._half = False  # bytes have come that are not a request yet
        self._moved = False
        self._received = 0
        self._patience = Patience(door.settings.connections, self._loop.time())
        self._wire: asyncio.Transport | None = None  # kept while aiohttp thinks it closed: what is unsent may hang

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wire = cast("asyncio.Transport", transport)
        peer = self.peername
        address = "local" if not peer or isinstance(peer, str) else peer[0]
        if not self._door.enter(self, address):
            self._wire.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._door.leave(self)
        self._wire = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        messages, within_body = self._request_count, self._awaits_body()
        super().data_received(data)
        self._received += len(data)
        if self._request_count != messages:
            self._half = False
        elif data and not within_body:
            self._half = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self._moved = True

    def look(self, now: float) -> str | None:
        """End the connection if it has been waited for long enough; answers why."""
        wire = self._wire
        if wire is None:
            return None
        unsent = wire.get_write_buffer_size()
        if not unsent and self._is_socket():
            self._moved = True  # nothing to be impatient about, and there may be thousands of them
            return None
        sight = Sight(self._phase(), self._request_count, self._received, unsent, self._moved)
        self._moved = False
        reason = self._patience.look(now, sight)
        if reason is not None:
            if unsent:
                wire.abort()  # closing would wait until all is sent
            self.force_close()
        return reason

    def _phase(self) -> Phase:
        if self._is_socket():
            return Phase.BUSY
        if self._awaits_request():
            return Phase.HEAD if self._half or self._request_count == 0 else Phase.IDLE
        held_back = self._reading_paused or self._buffer_paused
        return Phase.BODY if self._awaits_body() and not held_back else Phase.BUSY

    def _is_socket(self) -> bool:
        """A WebSocket; those have a heartbeat."""
        return self._upgraded or self._payload_parser is not None

    def _awaits_request(self) -> bool:
        waiter = self._waiter
        return waiter is not None and not waiter.done() and not self._messages

    def _awaits_body(self) -> bool:
        """Whether what comes next belongs to a request that is here already."""
        if self._messages:
            return not self._messages[-1][1].is_eof()
        request = self._current_request
        return request is not None and not request.content.is_eof()

    # What aiohttp answers without us

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What could not be parsed, or what broke outside of the frame. `message` quotes the request and is not passed on."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is already under way")
        request_id = new_request_id()
        if status >= 500:
            log.error("request_crashed", request_id=request_id, exc_info=exc)
        else:
            log.info("bad_request", request_id=request_id, error=type(exc).__name__)
        response = problem_from_status(status, request_id)
        response.headers.update(SECURITY_HEADERS)
        response.headers.update({"Server": SERVER_NAME, "X-Request-Id": request_id, "Cache-Control": "no-store"})
        if self.ssl_context is not None:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPException):  # raised before the frame was reached: an expectation nobody knows
            resp = problem_from_aiohttp(resp, new_request_id())
        return await super().finish_response(request, resp, start_time)
