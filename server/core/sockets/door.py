"""Who comes in, who stays: the layer between Engine.IO and the features.

A handshake costs a stranger little: where nobody could come in any more nothing is read, and a connection that does not CONNECT
within ten seconds is closed. Visitors have places of their own, so that no number of them takes a member's (`crowd`). A cookie
alone opens nothing where the browser named no origin: whoever is signed in must show the csrf value of `GET /api/v1/me` too.
Rights are looked at again every few seconds: a session that has ended ends its connections, roles that changed take effect.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any, Protocol

import structlog
from aiohttp import web

from ..clock import Clock
from ..http.peer import client_address, network_of
from ..tasks import Tasks
from ..turns import in_turns
from .codec import Malformed
from .connection import Connection, Who
from .crowd import Crowd
from .engine import Engine, TurnedAway
from .events import Dispatch, failure
from .limits import SocketLimits
from .packets import ACK, CONNECT, DISCONNECT, Packet, connected, parse, refused
from .session import Session

log = structlog.get_logger(__name__)


class Recognise(Protocol):
    """Who calls, as the application knows people."""

    async def caller(self, request: web.Request) -> Who | None: ...

    def proves(self, who: Who, auth: Mapping[str, Any]) -> bool:
        """Whether `auth` of the CONNECT holds the csrf value of the caller's session."""
        ...

    async def still(self, callers: Collection[Who]) -> Mapping[str, Who]:
        """Those who still may, as they are now, by their session ids."""
        ...


Gone = Callable[[Connection], Awaitable[None]]


class Door:
    """Owns the connections. `dispatch` serves events; `leave` hears of every connection that ended."""

    def __init__(
        self,
        recognise: Recognise,
        dispatch: Dispatch,
        leave: Gone,
        limits: SocketLimits,
        origins: frozenset[str],
        clock: Clock,
    ) -> None:
        self._recognise, self._dispatch, self._leave = recognise, dispatch, leave
        self._limits, self._clock = limits, clock
        self.engine = Engine(self, limits, origins, clock)
        self._crowd = Crowd(limits)
        self._strangers: dict[Connection, None] = {}  # who have not connected yet
        self._tasks = Tasks("door")

    def start(self) -> None:
        self.engine.start()
        self._tasks.every(1.0, self._send_away_strangers, "strangers")
        self._tasks.every(self._limits.rights_every, self._look_again, "rights")

    async def close(self) -> None:
        await self._tasks.aclose()
        await self.engine.close()

    def connections(self) -> list[Connection]:
        """Those that have connected."""
        found = [session.data for session in self.engine.sessions.values() if not session.closed]
        return [connection for connection in found if isinstance(connection, Connection) and connection.connected]

    # Engine.IO's guest

    async def welcome(self, request: web.Request) -> Any:
        address = network_of(client_address(request))
        who = None
        try:
            self._crowd.check_anybody(address)
            who = await self._recognise.caller(request)
            self._crowd.check(address, _id(who))  # others came in meanwhile; from here to `opened` nobody does
        except TurnedAway as refusal:
            log.warning("socket_refused", reason=refusal.reason, member_id=_id(who))
            raise
        return (address, who, request.app)

    async def opened(self, session: Session) -> None:
        address, who, app = session.data
        now = self._clock.monotonic()
        connection = session.data = Connection(
            session,
            who,
            address,
            app,
            connect_by=now + self._limits.connect_timeout,
            allowance=self._limits.events_burst,
            allowance_at=now,
        )
        self._strangers[connection] = None
        self._crowd.enter(address, _id(who))

    def received(self, session: Session, text: str) -> Coroutine[Any, Any, None] | None:
        connection: Connection = session.data
        packet = parse(text)
        if packet.namespace != "/":
            if packet.type != CONNECT:
                raise Malformed("a namespace nobody is in")
            session.send(refused("Invalid namespace", code="namespace_invalid", namespace=packet.namespace))
        elif packet.type == CONNECT:
            self._connect(connection, packet.data)
        elif not connection.connected:
            raise Malformed("nothing goes before CONNECT")
        elif packet.type == DISCONNECT:
            session.cut("client namespace disconnect")
        elif packet.type != ACK:
            return self._event(connection, packet)
        return None

    async def ended(self, session: Session, reason: str) -> None:
        connection = session.data
        if not isinstance(connection, Connection):
            return
        self._strangers.pop(connection, None)
        self._crowd.leave(connection.address, _id(connection.who))
        if connection.connected:
            connection.connected = False
            await self._leave(connection)

    # Inside

    def _connect(self, connection: Connection, auth: Mapping[str, Any]) -> None:
        if connection.connected:
            raise Malformed("connected already")
        if connection.who is not None and not self._recognise.proves(connection.who, auth):
            connection.session.send(refused("csrf value missing or wrong", code="csrf_invalid"))
            return
        connection.connected = True
        self._strangers.pop(connection, None)
        connection.session.send(connected(connection.sid))

    async def _event(self, connection: Connection, packet: Packet) -> None:
        answer: object
        if self._may_go_on(connection):
            answer = await self._dispatch.answer(connection, packet.name, packet.data)
        else:
            answer = failure("too_fast", "操作太快了，请稍等一下", retry_after=1)
        if packet.id is not None:
            connection.acknowledge(packet.id, answer)

    def _may_go_on(self, connection: Connection) -> bool:
        """A bucket that fills steadily; events that find it empty are refused and not counted."""
        now = self._clock.monotonic()
        refill = (now - connection.allowance_at) * self._limits.events_per_second
        connection.allowance = min(self._limits.events_burst, connection.allowance + refill)
        connection.allowance_at = now
        if connection.allowance < 1:
            return False
        connection.allowance -= 1
        return True

    async def _send_away_strangers(self) -> None:
        now = self._clock.monotonic()
        for connection in list(self._strangers):  # in the order of their coming
            if now < connection.connect_by:
                return
            connection.session.cut("connect timeout")

    async def _look_again(self) -> None:
        async for some in in_turns([*self.connections(), *self._strangers]):
            callers = {each.who.session_id: each.who for each in some if each.who is not None}
            still = await self._recognise.still(callers.values()) if callers else {}
            for connection in some:
                self._look_at(connection, callers, still)

    @staticmethod
    def _look_at(connection: Connection, asked: Mapping[str, Who], still: Mapping[str, Who]) -> None:
        who = connection.who
        if who is None or who.session_id not in asked:
            return
        now = still.get(who.session_id)
        if now is None:
            connection.dismiss()
        else:
            connection.who = now


def _id(who: Who | None) -> str | None:
    """Of a member; None for visitors, known ones too."""
    return who.id if who is not None and who.is_member else None


def socket_route(app: web.Application, door: Door) -> None:
    """Mount the door at the path every client of Socket.IO looks for."""

    async def sockets(request: web.Request) -> web.StreamResponse:
        return await door.engine.handle(request)

    sockets.guards_itself = True  # type: ignore[attr-defined]  # read by core.http.frame
    app.router.add_route("*", "/socket.io/", sockets)
