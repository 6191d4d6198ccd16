"""Connections without a network: real sessions over a transport that keeps what is written and is as slow as a test says."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from server.core.sockets import Connection
from server.core.sockets.codec import CLOSE
from server.core.sockets.session import Session


class Pipe(asyncio.Transport):
    """Takes everything; `stuck` bytes are what it says the other side has not read yet."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.stuck = 0
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.stuck

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


class Nobody:
    """An owner that hears of nothing but the end."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    async def received(self, session: Session, text: str) -> None:
        raise AssertionError("nothing is sent in")

    async def ended(self, session: Session, reason: str) -> None:
        self.ends.append(reason)


class Listener:
    """One connection over a WebSocket, and what it was told."""

    def __init__(self, name: str = "listener") -> None:
        self.pipe = Pipe()
        self.owner = Nobody()
        self._tasks: set[asyncio.Task[None]] = set()
        self.session = Session(name, self.owner, self._spawn, most_unsent=1 << 20)
        self.session.attach(self.pipe, deflates=False)
        self.connection = Connection(self.session, None, "192.0.2.1", web.Application(), connected=True)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def told(self) -> list[tuple[str, Any]]:
        """Events with their payloads, in order."""
        return [(event[0], event[1]) for frame in self.pipe.written if (event := event_of(frame)) is not None]

    def offsets(self) -> list[int]:
        """Of all entries it was told; each message is checked to be gapless in itself."""
        found: list[int] = []
        for name, payload in self.told():
            if name == "entries":
                offsets = [entry["offset"] for entry in payload["entries"]]
                assert offsets == list(range(payload["first"], payload["first"] + len(offsets)))
                found += offsets
        return found

    def resyncs(self) -> int:
        return sum(name == "resync" for name, _ in self.told())


def event_of(frame: bytes) -> Any:
    assert frame[0] in (0x81, 0x88)
    header = {126: 4, 127: 10}.get(frame[1], 2)
    text = frame[header:].decode() if frame[0] == 0x81 else CLOSE
    return json.loads(text[2:]) if text.startswith("42") else None
