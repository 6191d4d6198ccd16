"""One Engine.IO session: what one client has open, over polling, over WebSocket, or while it goes from the one to the other.

Over WebSocket everything is written to the connection at once and in one order; what the kernel does not take yet waits in the
transport's own buffer, and past a bound the connection is cut: whoever reads too slowly comes back and catches up by offset.
Over polling packets wait here for the next request, within the same bound. What a client sends is handled one by one in its
order, beside the reading, so that a slow handler holds up neither pongs nor the others.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from .codec import CLOSE, MESSAGE, NOOP, PING, PONG, SEPARATOR, Malformed, Shared, check_packet, close_frame, text_frame

log = structlog.get_logger(__name__)

SOFT = 64 * 1024  # bytes unsent, from which on shared news wait for the connection instead of in its buffer
ENDED = "ended"  # the name of the task that tells the owner
_MOST_WAITING = 64  # messages of one client that wait for their handlers
_LAST_WORDS = 2.0  # s for a closing connection to take what is left
_BETWEEN_POLLS = 0.1  # s that a poll waits while the client is about to leave polling


class Owner(Protocol):
    """Who hears of a session."""

    def received(self, session: "Session", text: str) -> Coroutine[Any, Any, None] | None:
        """Handle one message; what is left to wait for is given back, and nothing more is handed over before its end."""
        ...

    async def ended(self, session: "Session", reason: str) -> None: ...


class Session:
    """`data` is the owner's own. Reasons are those of the Engine.IO documentation (`transport close`, `ping timeout` …)."""

    # Python lays them out in the order of the alphabet: the first three are what `tell` reads, of thousands in a row, and lie
    # within one line of the processor's cache.
    __slots__ = (
        "__weakref__",
        "_carrier",
        "_closing",
        "_deflates",
        "_handling",
        "_most_unsent",
        "_now",
        "_outbox",
        "_outbox_size",
        "_owner",
        "_probed",
        "_spawn",
        "_waiting",
        "_wake",
        "data",
        "heard_at",
        "id",
        "ping_at",
        "poller",
        "pong_by",
        "posting",
        "upgrading",
    )

    def __init__(
        self,
        session_id: str,
        owner: Owner,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        *,
        most_unsent: int,
        data: Any = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id, self.data = session_id, data
        self.heard_at = now()  # when the client last gave a sign of life
        self.ping_at: float | None = None  # when the next ping is due, while none is on its way
        self.pong_by: float | None = None  # when the answer to the last one must be here
        self.poller: asyncio.Transport | None = None  # the connection whose request waits for packets; it may have gone
        self.posting = self.upgrading = False  # a request of that kind is under way
        self._owner, self._spawn, self._most_unsent, self._now = owner, spawn, most_unsent, now
        self._carrier: asyncio.Transport | None = None
        self._deflates = self._probed = False
        self._outbox: deque[bytes] = deque()
        self._outbox_size = 0
        self._wake: asyncio.Future[None] | None = None
        self._waiting: deque[str] = deque()
        self._handling = False
        self._closing = False

    # State

    @property
    def closed(self) -> bool:
        return self._closing

    @property
    def over_websocket(self) -> bool:
        return self._carrier is not None

    @property
    def keeps_up(self) -> bool:
        """Whether shared news may be written to it now. If not it is asked again at the next tick, and holds nothing."""
        if self._carrier is None:
            return self._outbox_size < SOFT
        return self._carrier.get_write_buffer_size() < SOFT

    # Out

    def send(self, packet: bytes) -> None:
        """Send one packet, its type included. Past the bound the session is cut."""
        if self._closing:
            return
        if self._carrier is not None:
            self._write(text_frame(packet))
            return
        self._outbox.append(packet)
        self._outbox_size += len(packet)
        if self._outbox_size > self._most_unsent:
            self.cut("transport error")
        self._rouse()

    def tell(self, news: Shared) -> bool:
        """Write shared news, unless it does not keep up or has ended: then nothing is written, and the answer is no."""
        transport = self._carrier
        if self._closing:
            return False
        if transport is None:
            if self._outbox_size >= SOFT:
                return False
            self.send(news.packet)
        elif transport.get_write_buffer_size() >= SOFT:
            return False
        elif not transport.is_closing():
            transport.write(news.deflated if self._deflates else news.plain)
        return True

    def _write(self, frame: bytes) -> None:
        transport = self._carrier
        if transport is None or transport.is_closing():
            return
        transport.write(frame)
        if transport.get_write_buffer_size() > self._most_unsent:
            self.cut("transport error")

    # Polling

    async def poll(self, poller: asyncio.Transport | None, *, most: int) -> bytes:
        """The next payload for the polling request of a connection, of about `most` bytes; waits for something to say."""
        self.poller, self.heard_at = poller, self._now()
        try:
            # Until the client says that it has changed over, this is where it listens; it changes over between two polls.
            # So a poll of that time takes what there is, or returns with nothing, but not at once again and again.
            if not self._outbox and not self._closing and not self.over_websocket:
                wake = self._wake = asyncio.get_running_loop().create_future()
                if self._probed:
                    asyncio.get_running_loop().call_later(_BETWEEN_POLLS, self._rouse)
                await wake
        finally:
            self.poller = self._wake = None
        if not self._outbox and not self._closing:
            return NOOP.encode()
        packets: list[bytes] = []
        size = 0
        while self._outbox and (not packets or size + len(self._outbox[0]) <= most):
            packets.append(self._outbox.popleft())
            size += len(packets[-1])
        self._outbox_size -= size
        if self._closing and not self._outbox:
            packets.append(CLOSE.encode())
        return SEPARATOR.encode().join(packets)

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    # WebSocket

    def begin_upgrade(self) -> None:
        """The new way is open: from here on polling requests return soon, so that the client can leave the old one."""
        self._probed = True
        self._rouse()

    def abandon_upgrade(self) -> None:
        self.upgrading = self._probed = False

    def attach(self, transport: asyncio.Transport, *, deflates: bool) -> bytes:
        """Go on over a WebSocket. Gives what has waited, in frames, which the caller writes before anything else is sent."""
        self._carrier, self._deflates = transport, deflates
        self.abandon_upgrade()
        waiting = b"".join(map(text_frame, self._outbox))
        self._outbox.clear()
        self._outbox_size = 0
        self._rouse()
        return waiting

    # In

    def receive(self, packet: str) -> None:
        """Take one packet of the client. Raise Malformed."""
        self.heard_at = self._now()
        check_packet(packet)
        if packet[0] == MESSAGE:
            if self._handling:
                if len(self._waiting) >= _MOST_WAITING:
                    raise Malformed("too many messages at once")
                self._waiting.append(packet[1:])
            elif not self._closing and (work := self._owner.received(self, packet[1:])) is not None:
                self._handling = True
                self._spawn(self._handle(work), "messages")
        elif packet == PONG:
            self.pong_by = None
        else:
            self.cut("transport close")

    async def _handle(self, work: Coroutine[Any, Any, None] | None) -> None:
        try:
            while True:
                if work is not None:
                    await work
                if not self._waiting or self._closing:
                    return
                work = self._owner.received(self, self._waiting.popleft())
        finally:
            self._handling = False

    def ping(self, *, answer_by: float) -> None:
        self.pong_by = answer_by
        self.send(PING.encode())

    # The end

    def cut(self, reason: str, *, code: int = 1000) -> None:
        """End it now. The owner hears of it exactly once, from a task of its own."""
        if self._closing:
            return
        self._closing = True
        self._waiting.clear()
        if self._carrier is not None and not self._carrier.is_closing():
            if self.keeps_up:
                self._carrier.write(close_frame(code))
                asyncio.get_running_loop().call_later(_LAST_WORDS, self._carrier.abort)
            else:
                self._carrier.abort()
        self._rouse()
        self._spawn(self._owner.ended(self, reason), ENDED)
