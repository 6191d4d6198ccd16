"""People who watch, and tap: quick clients of a room, on WebSockets spoken by hand, that can vanish without a word.

A tap is sent again with the same `client_id`, over a new connection if need be and to whatever process, until it is
acknowledged.
"""

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from server.broadcasts import channel_of
from server.core.ids import new_id
from tests.support.wait import until

_PATIENCE = 5.0  # s for an answer; then the connection is taken for dead


@dataclass(eq=False)
class Fan:
    """`person` has the `Cookie` header and csrf value of somebody; None for a visitor."""

    http: aiohttp.ClientSession
    urls: Sequence[str]
    person: dict[str, str] | None
    broadcast: str
    chance: random.Random
    signals: dict[str, Any] = field(default_factory=dict)
    vanished: bool = False
    url: str = ""  # of the process it came to last
    repeats: int = 0
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reader: asyncio.Task[None] | None = None
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def come(self, url: str | None = None) -> None:
        """Open a connection and listen to the room."""
        headers = {} if self.person is None else {"Cookie": self.person["cookie"]}
        auth = "" if self.person is None else json.dumps({"csrf": self.person["csrf"]})
        self.url = url or self.chance.choice(self.urls)
        address = f"{self.url}/socket.io/?EIO=4&transport=websocket"
        socket = self._socket = await self.http.ws_connect(address, headers=headers, max_msg_size=0)
        await socket.send_str("40" + auth)
        self._reader = asyncio.create_task(self._read(socket))
        answer = await self.ask("subscribe", {"channel": channel_of(self.broadcast)})
        assert answer["ok"], answer

    async def ask(self, event: str, payload: Any) -> Any:
        """Raise ConnectionError when the connection breaks, TimeoutError when no answer comes."""
        number, future = next(self._numbers), asyncio.get_running_loop().create_future()
        self._answers[number] = future
        await self._send(f"42{number}{json.dumps([event, payload])}")
        async with asyncio.timeout(_PATIENCE):
            return await future

    async def tap(self, kind: str, count: int) -> None:
        """Until it is acknowledged."""
        payload = {"broadcast": self.broadcast, "kind": kind, "count": count, "client_id": new_id()}
        while True:
            try:
                if self._socket is None or self._socket.closed:
                    await self.come()
                answer = await self.ask("react", payload)
            except (OSError, aiohttp.ClientError, TimeoutError):
                self.repeats += 1
                await self.cut()
                continue
            if answer["ok"]:
                return
            assert answer["error"]["code"] in ("too_fast", "storage_away", "stopping"), answer
            await asyncio.sleep(answer["error"].get("retry_after", 0.2))  # as it was asked to

    async def send_and_break(self, kind: str, count: int, client_id: str) -> None:
        """Say it, and be gone before the answer."""
        payload = {"broadcast": self.broadcast, "kind": kind, "count": count, "client_id": client_id}
        await self._send(f"42{next(self._numbers)}{json.dumps(['react', payload])}")
        await self.cut()

    async def leave(self) -> None:
        """As a page that is closed."""
        if self._socket is not None:
            await self._socket.close()
        await self._end()

    async def cut(self) -> None:
        """As a connection that breaks."""
        self.break_off()
        await self._end()

    def break_off(self) -> None:
        """The same, and whoever waits for an answer finds out."""
        connection = None if self._socket is None else self._socket._conn
        if connection is not None and connection.transport is not None:
            connection.transport.abort()

    def vanish(self) -> None:
        """As a phone that dies: the connection stays open, and nothing is ever said on it again."""
        self.vanished = True

    async def wake(self) -> None:
        """It was only asleep."""
        self.vanished = False
        await self._send("3")

    @property
    def is_here(self) -> bool:
        return self._socket is not None and not self._socket.closed and not self.vanished

    # Inside

    async def _send(self, packet: str) -> None:
        if self._socket is None or self._socket.closed:
            raise ConnectionResetError
        await self._socket.send_str(packet)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            async for message in socket:
                await self._hear(message.data)
        for future in self._answers.values():
            if not future.done():
                future.set_exception(ConnectionResetError())
                future.exception()
        self._answers.clear()

    async def _hear(self, packet: Any) -> None:
        if packet == "2" and not self.vanished:
            await self._send("3")
        elif packet.startswith("43"):
            number, _, answer = packet[2:].partition("[")
            future = self._answers.pop(int(number), None)
            if future is not None and not future.done():
                future.set_result(json.loads("[" + answer)[0])
        elif packet.startswith('42["signals"'):
            self.signals |= json.loads(packet[2:])[1]

    async def _end(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._socket = self._reader = None
        for future in self._answers.values():
            future.cancel()
        self._answers.clear()


@dataclass
class Fans:
    http: aiohttp.ClientSession
    urls: Sequence[str]
    broadcast: str
    chance: random.Random
    everybody: list[Fan] = field(default_factory=list)

    def fan(self, person: dict[str, str] | None) -> Fan:
        made = Fan(self.http, self.urls, person, self.broadcast, self.chance)
        self.everybody.append(made)
        return made


@asynccontextmanager
async def fans_of(urls: Sequence[str], broadcast: str, chance: random.Random) -> AsyncIterator[Fans]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()) as http:
        fans = Fans(http, urls, broadcast, chance)
        try:
            yield fans
        finally:
            await asyncio.gather(*(fan.cut() for fan in fans.everybody))


async def tapping(fans: Sequence[Fan], taps: int, chance: random.Random, kinds: Sequence[str]) -> dict[str, int]:
    """Everybody taps so often, in batches, and some lose their connection in the middle of it; gives the truth by kind."""
    truth = dict.fromkeys(kinds, 0)

    async def one(fan: Fan) -> None:
        left = taps
        while left:
            kind, count = chance.choice(kinds), min(left, chance.randint(1, 50))
            left -= count
            truth[kind] += count
            breaks = asyncio.create_task(_break(fan)) if chance.random() < 0.15 else None
            await fan.tap(kind, count)
            if breaks is not None:
                await breaks

    await asyncio.gather(*(one(fan) for fan in fans))
    return {kind: count for kind, count in truth.items() if count}


async def _break(fan: Fan) -> None:
    """Between the sending and the answer, or about then."""
    await asyncio.sleep(fan.chance.random() * 0.01)
    fan.break_off()


async def sees(fan: Fan, within: float, **values: Any) -> None:
    """The latest signals it was told."""
    await until(
        lambda: all(fan.signals.get(name) == value for name, value in values.items()),
        timeout=within,
        every=0.05,
        what=str(values),
    )
