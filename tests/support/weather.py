"""A bad network on this machine: everything passes through a proxy that cuts connections and holds some of them up."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Line:
    """One connection through the proxy. While `free` is not set nothing passes from the server to the client."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self) -> None:
        for each in (self.near, self.far):
            each.transport.abort()


class Weather:
    def __init__(self, port: int, chance: random.Random) -> None:
        self.lines: set[Line] = set()
        self.cuts = self.holds = 0
        self._port, self._chance = port, chance
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Line] = []

    def cut(self, most: int) -> None:
        for line in self._some(most):
            self.cuts += 1
            line.cut()

    def hold(self, most: int) -> None:
        """Some become slow readers, until `release`."""
        for line in self._some(most):
            self.holds += 1
            line.free.clear()
            self._held.append(line)

    def release(self) -> None:
        while self._held:
            self._held.pop().free.set()

    def _some(self, most: int) -> list[Line]:
        lines = sorted(self.lines, key=lambda line: line.near.get_extra_info("peername"))
        return self._chance.sample(lines, min(most, len(lines)))

    async def serve(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        outgoing = socket.socket()
        outgoing.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # so that a held line is soon felt by the server
        outgoing.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(outgoing, ("127.0.0.1", self._port))
        except OSError:
            outgoing.close()
            near.transport.abort()
            return
        far_reader, far = await asyncio.open_connection(sock=outgoing, limit=8192)
        line = Line(near, far)
        line.free.set()
        self.lines.add(line)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, far, line, held=False))
                group.create_task(self._carry(far_reader, near, line, held=True))
        finally:
            self.lines.discard(line)
            line.cut()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, line: Line, *, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(8192):
                if held:
                    await line.free.wait()
                target.write(data)
                await target.drain()
        line.free.set()
        line.cut()


@asynccontextmanager
async def bad_weather(port: int, chance: random.Random) -> AsyncIterator[tuple[Weather, str]]:
    """A proxy before a port of this machine, and its address."""
    weather = Weather(port, chance)
    server = await asyncio.start_server(weather.serve, "127.0.0.1", 0)
    try:
        yield weather, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        weather.release()
        for line in list(weather.lines):
            line.cut()
        await asyncio.wait_for(server.wait_closed(), 10)
