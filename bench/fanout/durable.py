"""Comments per second that are durable before they are acknowledged, through the use case itself.

`python -m bench.fanout.durable URL FOLDER` prints one line of JSON. Two hundred writers are in flight; `synchronous` is FULL on
SQLite and on in PostgreSQL.
"""

import asyncio
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import uvloop
from aiohttp import web

from bench.measure import percentile
from server.app import Part, build
from server.comments import COMMENTS
from server.core.collector import settle
from server.core.ids import new_id
from server.settings import load_settings

from .drive import TEXT
from .town import Citizen, citizens, on_air

WRITERS = 200
_WARM, _MEASURED = 1.0, 5.0  # s


async def measure(url: str, folder: Path) -> dict[str, float]:
    settings = replace(load_settings({"DATABASE_URL": url} if url else {}, data_dir=folder), log_level="WARNING")
    runner = web.AppRunner(build(settings, part=Part.ALL if settings.embedded else Part.WEB))
    await runner.setup()
    try:
        people = await citizens(runner.app, WRITERS)
        broadcast_id = await on_air(runner.app, people[0].member)
        settle()
        delays: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(_write(runner.app, person, broadcast_id, began, delays) for person in people))
    finally:
        await runner.cleanup()
    return {"per_s": len(delays) / _MEASURED, "p99_ms": percentile(delays, 0.99) * 1000}


async def _write(app: web.Application, person: Citizen, broadcast_id: str, began: float, delays: list[float]) -> None:
    post = app[COMMENTS].post
    while (asked := time.perf_counter()) < began + _WARM + _MEASURED:
        await post(person.member, broadcast_id, TEXT, client_id=new_id())
        answered = time.perf_counter()
        if began + _WARM <= answered < began + _WARM + _MEASURED:
            delays.append(answered - asked)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(measure(sys.argv[1], Path(sys.argv[2])))))
