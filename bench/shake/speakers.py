"""`python -m bench.shake.speakers PORT TOWN`: forty people comment on a broadcast, each once a second, until SIGTERM; one
more listens.

Then it prints one line of JSON: when each comment was said, on the machine's monotonic clock, and how long its acknowledgement
and its way to the listener took.
"""

import asyncio
import json
import math
import signal
import sys
import time
from pathlib import Path

import uvloop
from aiohttp import ClientSession, TCPConnector

from bench.fanout.drive import TEXT
from bench.fanout.mix import Room
from server.core.ids import new_id

SPEAKERS = 40
_EVERY = 1.0  # s


async def speak(port: int, town: dict[str, object]) -> dict[str, list[tuple[float, float]]]:
    acks: list[tuple[float, float]] = []
    heard: list[tuple[float, float]] = []
    said: dict[str, float] = {}
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)

    async def speaker(room: Room, number: int) -> None:
        due = time.monotonic() + number / SPEAKERS * _EVERY
        async with room.person(2 + number) as person:
            while not stopped.is_set():
                await asyncio.sleep(max(0, due - time.monotonic()))
                client_id = new_id()
                text = f"{TEXT} {client_id[-12:]}"
                began = said[text] = time.monotonic()
                await person.ask("comment", broadcast=room.broadcast, text=text, client_id=client_id)
                acks.append((began, time.monotonic() - began))
                due += _EVERY

    async def listener(room: Room) -> None:
        def hear(event: str, payload: dict[str, list[dict[str, dict[str, str]]]] | None = None) -> None:
            now, entries = time.monotonic(), payload["entries"] if event == "entries" and payload is not None else []
            known = [said.get(entry["data"].get("text", "")) for entry in entries]
            heard.extend((at, now - at) for at in known if at is not None)

        room._hear = hear  # type: ignore[method-assign]
        async with room.person(0, hears=True) as person:
            await person.ask("subscribe", channel=f"broadcast:{room.broadcast}")
            await stopped.wait()

    async with ClientSession(connector=TCPConnector(limit=0)) as http:
        room = Room(http, port, town, mixed=False, begins=0.0, ends=math.inf)
        await asyncio.gather(listener(room), *(speaker(room, number) for number in range(SPEAKERS)))
    return {"acks": acks, "heard": heard}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(speak(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))))
