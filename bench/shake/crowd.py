"""`python -m bench.shake.crowd PORT TOWN PEOPLE ROUNDS`: so many people in the lobby of a session; in each round all of them
shake, each at a moment of their own within 3 s. Every shake must be acknowledged.

Prints one line of JSON: when they shook and when all was quiet, on the machine's monotonic clock.
"""

import asyncio
import json
import math
import random
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import ClientSession, TCPConnector

from bench.fanout.mix import Person, Room
from bench.measure import percentile
from server.core.ids import new_id

_WITHIN, _QUIET_FROM, _QUIET_TO = 3.0, 5.0, 9.5  # s after the opening
_FIRST = 110  # of the people; those before comment


async def play(port: int, town: dict[str, Any], people: int, rounds: int) -> dict[str, Any]:
    delays: list[float] = []
    shaking: list[tuple[float, float]] = []
    quiet: list[tuple[float, float]] = []
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=0)))
        room = Room(http, port, town, mixed=False, begins=0.0, ends=math.inf)
        here: list[Person] = []
        for number in range(_FIRST, _FIRST + people):
            person = await stack.enter_async_context(room.person(number))
            await person.ask("subscribe", channel=f"shake:{town['shake']}")
            here.append(person)

        async def shake(person: Person) -> float:
            await asyncio.sleep(random.random() * _WITHIN)
            began = time.monotonic()
            await person.ask("shake", shake=town["shake"], client_id=new_id())
            delays.append((answered := time.monotonic()) - began)
            return answered

        for _ in range(rounds):
            await _opened(http, port, town["shake"])
            began = time.monotonic()
            shaking.append((began, max(await asyncio.gather(*map(shake, here)))))
            await asyncio.sleep(max(0, began + _QUIET_TO - time.monotonic()))
            quiet.append((began + _QUIET_FROM, began + _QUIET_TO))
    return {
        "shaking": shaking,
        "quiet": quiet,
        "shakes": len(delays),
        "shake_ack_p99_ms": percentile(delays, 0.99) * 1000,
    }


async def _opened(http: ClientSession, port: int, shake: str) -> None:
    while True:
        async with http.post(f"http://127.0.0.1:{port}/bench/round", json={"shake": shake}) as answer:
            if (await answer.json())["opened"]:
                return
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    _port, _town, _people, _rounds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        work = play(int(_port), json.loads(Path(_town).read_text()), int(_people), int(_rounds))
        print(json.dumps(loop.run(work)))
