"""A full room: a thousand people listen, each signed in, while some of them speak, tap, vote, come and go, all over sockets and
all of it durable before it is acknowledged. Beside it, in the same run, the same room with the comments alone.

`python -m bench.fanout.mix PORT TOWN SECONDS MIXED` prints one line of JSON: delays of acknowledgement and of hearing, and how
much was done. TOWN is what `/bench/town` answered, MIXED is 1 or 0.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from bench.measure import percentile
from server.core.ids import new_id

from .drive import TEXT

SPEAKERS, TAPPERS, VOTERS = 40, 150, 150
SPEAKS_EVERY, TAPS_EVERY, COMES_EVERY, POLL_EVERY = 1.0, 1.0, 0.05, 5.0  # s
_WARM = 2.0  # s

Town = dict[str, Any]


class Person:
    """One socket; answers find their questions by number."""

    def __init__(self, socket: ClientWebSocketResponse, heard: Callable[[str, list[Any]], None] | None = None) -> None:
        self._socket, self._heard = socket, heard
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count()

    async def listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            text = str(message.data)
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith("43"):
                number, _, rest = text[2:].partition("[")
                self._waiting.pop(int(number)).set_result(json.loads(f"[{rest}")[0])
            elif text.startswith("42") and self._heard:
                self._heard(*json.loads(text[2:]))

    async def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        await self._socket.send_str(f"42{number}" + json.dumps([event, payload]))
        answer = await asyncio.wait_for(future, 30)
        if not answer["ok"]:
            raise RuntimeError(f"{event}: {answer}")
        return answer


@dataclass
class Room:
    http: ClientSession
    port: int
    town: Town
    mixed: bool
    begins: float = 0.0
    ends: float = 0.0
    done: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, list[float]] = field(default_factory=dict)
    heard: list[float] = field(default_factory=list)
    said_at: dict[str, float] = field(default_factory=dict)
    poll: str | None = None

    @property
    def broadcast(self) -> str:
        return str(self.town["broadcasts"][0])

    @asynccontextmanager
    async def person(self, number: int, *, hears: bool = False) -> AsyncIterator[Person]:
        each = self.town["people"][number]
        url = f"http://127.0.0.1:{self.port}/socket.io/?EIO=4&transport=websocket"
        async with self.http.ws_connect(url, headers={"Cookie": each["cookie"]}) as socket:
            await socket.receive()
            await socket.send_str("40" + json.dumps({"csrf": each["csrf"]}))
            await socket.receive()
            person = Person(socket, self._hear if hears else None)
            listening = asyncio.create_task(person.listen())
            try:
                yield person
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                await socket.close()

    def counts(self) -> bool:
        return self.begins <= time.perf_counter() < self.ends

    async def timed(self, what: str, asking: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        asked = time.perf_counter()
        answer = await asking
        if self.counts():
            self.done[what] += 1
            self.acknowledged.setdefault(what, []).append(time.perf_counter() - asked)
        return answer

    def _hear(self, event: str, payload: Any = None) -> None:
        if event != "entries" or not self.counts():
            return
        now = time.perf_counter()
        for entry in payload["entries"]:
            said = self.said_at.get(entry["data"].get("text", ""))
            if entry["type"] == "comment.posted" and said is not None:
                self.heard.append(now - said)


async def _paced(room: Room, every: float, act: Callable[[], Awaitable[None]]) -> None:
    """Act at moments of one's own, spread over the others'."""
    due = time.perf_counter() + random.random() * every
    while due < room.ends:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        await act()
        due += every


async def _speak(room: Room, number: int) -> None:
    async with room.person(number) as person:

        async def act() -> None:
            client_id = new_id()
            text = f"{TEXT} {client_id[-12:]}"
            room.said_at[text] = time.perf_counter()
            await room.timed("comment", person.ask("comment", broadcast=room.broadcast, text=text, client_id=client_id))

        await _paced(room, SPEAKS_EVERY, act)


async def _tap(room: Room, number: int) -> None:
    async with room.person(number) as person:

        async def act() -> None:
            batch = {"broadcast": room.broadcast, "kind": "like", "count": 5, "client_id": new_id()}
            await room.timed("react", person.ask("react", **batch))

        await _paced(room, TAPS_EVERY, act)


async def _vote(room: Room, number: int) -> None:
    """Once in each poll, as soon as one likes after its opening."""
    voted: str | None = None
    async with room.person(number) as person:

        async def act() -> None:
            nonlocal voted
            if room.poll is not None and room.poll != voted:
                voted = room.poll
                vote = {"poll": voted, "options": [number % 3], "client_id": new_id()}
                await room.timed("vote", person.ask("poll.vote", **vote))

        await _paced(room, 1.0, act)


async def _ask_polls(room: Room) -> None:
    async with room.person(0) as host:
        while time.perf_counter() + POLL_EVERY < room.ends:
            plan = {"broadcast": room.broadcast, "question": "先看哪条生产线？", "options": ["甲", "乙", "丙"]}
            room.poll = (await room.timed("poll", host.ask("poll.open", **plan, client_id=new_id())))["poll"]
            await asyncio.sleep(POLL_EVERY * 0.8)
            closing, room.poll = room.poll, None
            await asyncio.sleep(POLL_EVERY * 0.1)  # votes that are under way
            await room.timed("poll", host.ask("poll.close", poll=closing, client_id=new_id()))


async def _come_and_go(room: Room, numbers: range) -> None:
    turn = iter(numbers)

    async def act() -> None:
        async with room.person(next(turn)) as person:
            await room.timed("join", person.ask("subscribe", channel=f"broadcast:{room.broadcast}"))

    await _paced(room, COMES_EVERY, act)


async def _listen(room: Room) -> None:
    async with room.person(0, hears=True) as person:
        await person.ask("subscribe", channel=f"broadcast:{room.broadcast}")
        await asyncio.sleep(room.ends + 1 - time.perf_counter())


async def play(port: int, town: Town, seconds: float, *, mixed: bool) -> dict[str, Any]:
    async with ClientSession(connector=TCPConnector(limit=0)) as http:
        room = Room(http, port, town, mixed, begins := time.perf_counter() + _WARM, begins + seconds)
        numbers = iter(range(1, len(town["people"])))
        acts = [_listen(room), *(_speak(room, next(numbers)) for _ in range(SPEAKERS))]
        if mixed:
            acts += [_tap(room, next(numbers)) for _ in range(TAPPERS)]
            acts += [_vote(room, next(numbers)) for _ in range(VOTERS)]
            acts += [_ask_polls(room), _come_and_go(room, range(next(numbers), len(town["people"])))]
        await asyncio.gather(*acts)
    return {
        **{f"{what}_per_s": count / seconds for what, count in room.done.items()},
        **{f"{what}_ack_p99_ms": percentile(delays, 0.99) * 1000 for what, delays in room.acknowledged.items()},
        "heard": len(room.heard),
        "heard_p99_ms": percentile(room.heard, 0.99) * 1000,
    }


if __name__ == "__main__":
    _port, _town, _seconds, _mixed = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        work = play(int(_port), json.loads(Path(_town).read_text()), float(_seconds), mixed=_mixed == "1")
        print(json.dumps(loop.run(work)))
