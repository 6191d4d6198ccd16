"""The product's own server with one more kind of channel: anybody may listen, and `POST /bench` says comments in it.

`python -m bench.fanout.hongbo_room PORT FOLDER TICK`: entries are given to the hub as after a commit, for what a commit costs
is measured elsewhere (`durable`). `POST /bench/town` makes people with sessions, and broadcasts on air. Limits against crowds
are lifted, since one address is all there is.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from server import cli
from server.app import build as build_app
from server.core.fanout import HUB, FanoutLimits, Rule
from server.core.journal import Author, Entry
from server.core.sockets import SocketLimits
from server.settings import Settings, load_settings

from .drive import CHANNEL, comment, drive
from .town import citizens, on_air

WRITER = Author("018f0000-0000-7000-8000-000000000003", "陈志远")


class Anybody:
    async def rule(self, key: str) -> Rule | None:
        return lambda who: True


def build(settings: Settings, **named: object) -> web.Application:
    app = build_app(settings, **named)  # type: ignore[arg-type]
    hub = app[HUB]
    hub.surface("bench", Anybody())
    driving: set[asyncio.Task[None]] = set()
    head = 0

    def say(number: int) -> None:
        nonlocal head
        head += 1
        hub.heard([Entry(CHANNEL, head, "comment.posted", datetime.now(UTC), comment(number), by=WRITER)])

    async def start(request: web.Request) -> web.Response:
        plan = await request.json()
        hub._rooms[CHANNEL].epoch = "bench"  # nothing of this channel is in the database
        driving.add(asyncio.create_task(drive(say, count=plan["count"], rate=plan["rate"])))
        return web.Response()

    async def settle(request: web.Request) -> web.Response:
        plan = await request.json()
        people = await citizens(app, plan["people"])
        broadcasts = [await on_air(app, people[0].member) for _ in range(plan["broadcasts"])]
        shown = [{"cookie": each.cookie, "csrf": each.csrf} for each in people]
        return web.json_response({"people": shown, "broadcasts": broadcasts})

    for path, handler in (("/bench", start), ("/bench/town", settle)):
        handler.guards_itself = True  # type: ignore[attr-defined]  # read by core.http.frame
        app.router.add_post(path, handler)
    return app


def main(port: str, folder: str, tick: str) -> int:
    settings = replace(
        load_settings({}, data_dir=Path(folder), port=int(port)),
        log_level="WARNING",
        fanout=FanoutLimits(tick=float(tick), look_every=3600),
        sockets=SocketLimits(
            connections_per_address=100_000, connections_per_member=100_000, visitors=100_000, events_per_second=100_000
        ),
    )
    with patch("server.cli.build", build), patch("server.cli.load_settings", lambda **_: settings):
        return cli.run(["run", "--data", folder, "--port", port])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
