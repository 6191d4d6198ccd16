"""A bad network on this machine: everything passes through a proxy that cuts connections and holds some of them up."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from server.core.tasks import Tasks

_BUFFER = 4096  # bytes; so that a held line is soon felt by the server


class Weather:
    """Acts on lines that chance chooses. Those that are held are not cut: a slow reader is to stay one."""

    def __init__(self, chance: random.Random) -> None:
        self.lines: dict[Line, None] = {}  # in the order of their coming
        self.cuts = self.holds = 0
        self.tasks = Tasks("weather")
        self._chance = chance
        self._held: list[Line] = []

    def cut(self, most: int) -> None:
        for line in self._some(most):
            self.cuts += 1
            line.cut()

    def hold(self, most: int) -> None:
        """Some become slow readers, until `release`."""
        for line in self._some(most):
            self.holds += 1
            line.far.pause("held")
            self._held.append(line)

    def release(self) -> None:
        while self._held:
            self._held.pop().far.resume("held")

    def _some(self, most: int) -> list["Line"]:
        lines = [line for line in self.lines if line not in self._held]
        return self._chance.sample(lines, min(most, len(lines)))


class Line:
    """One connection through the proxy. What `far` reads comes from the server."""

    def __init__(self, weather: Weather, port: int) -> None:
        self.weather, self.port = weather, port
        self.near, self.far = _End(self), _End(self)
        self.near.other, self.far.other = self.far, self.near

    def begin(self) -> None:
        self.weather.lines[self] = None
        self.near.pause("waits for the server")
        self.weather.tasks.spawn(self._reach(), "reach the server")

    async def _reach(self) -> None:
        loop = asyncio.get_running_loop()
        outgoing = socket.socket()
        outgoing.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        outgoing.setblocking(False)
        try:
            await loop.sock_connect(outgoing, ("127.0.0.1", self.port))
        except OSError:
            outgoing.close()
            self.cut()
            return
        await loop.create_connection(lambda: self.far, sock=outgoing)
        if self in self.weather.lines:
            self.near.resume("waits for the server")
        else:
            self.cut()  # the client has gone meanwhile

    def cut(self) -> None:
        self.weather.lines.pop(self, None)
        for end in (self.near, self.far):
            if end.transport is not None:
                end.transport.abort()


class _End(asyncio.Protocol):
    """What comes in at one end of a line goes out at the other, no faster than that takes it."""

    other: "_End"

    def __init__(self, line: Line) -> None:
        self._line = line
        self.transport: asyncio.Transport | None = None
        self._reasons: set[str] = set()  # for not reading

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(_BUFFER)
        if self is self._line.near:
            self._line.begin()

    def data_received(self, data: bytes) -> None:
        if self.other.transport is not None:
            self.other.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._line.weather.lines.pop(self._line, None)
        if self.other.transport is not None:
            self.other.transport.close()  # what is on its way still arrives

    def pause_writing(self) -> None:
        self.other.pause("the other end is slow")

    def resume_writing(self) -> None:
        self.other.resume("the other end is slow")

    def pause(self, reason: str) -> None:
        self._reasons.add(reason)
        if self.transport is not None:
            self.transport.pause_reading()

    def resume(self, reason: str) -> None:
        self._reasons.discard(reason)
        if self.transport is not None and not self._reasons:
            self.transport.resume_reading()


@asynccontextmanager
async def bad_weather(ports: Sequence[int], chance: random.Random) -> AsyncIterator[tuple[Weather, list[str]]]:
    """A proxy before each of these ports of this machine, and their addresses in the same order."""
    weather, loop = Weather(chance), asyncio.get_running_loop()

    def proxy(port: int) -> Callable[[], asyncio.Protocol]:
        return lambda: Line(weather, port).near

    servers = [await loop.create_server(proxy(port), "127.0.0.1", 0) for port in ports]
    try:
        yield weather, [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
    finally:
        for server in servers:
            server.close()
        for line in list(weather.lines):
            line.cut()
        await weather.tasks.aclose()
        for server in servers:
            await asyncio.wait_for(server.wait_closed(), 10)
