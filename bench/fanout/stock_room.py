"""python-socketio as its documentation shows it, on aiohttp: `python -m bench.fanout.stock_room PORT`."""

import asyncio
import sys
from typing import Any

import socketio
from aiohttp import web

from server.core.clock import SystemClock, rfc3339

from .drive import CHANNEL, comment, drive

sockets = socketio.AsyncServer(async_mode="aiohttp")
driving: set[asyncio.Task[None]] = set()
telling: set[asyncio.Task[None]] = set()


async def subscribe(sid: str, payload: dict[str, Any]) -> dict[str, Any]:
    await sockets.enter_room(sid, payload["channel"])
    return {"ok": True, "epoch": "bench", "head": 0, "recovered": False, "entries": []}


sockets.on("subscribe", subscribe)


def say(number: int) -> None:
    entry = {
        "offset": number + 1,
        "type": "comment.posted",
        "at": rfc3339(SystemClock().now()),
        "by": {"id": "018f0000-0000-7000-8000-000000000003", "name": "陈志远"},
        "data": comment(number),
    }
    news = {"channel": CHANNEL, "epoch": "bench", "first": number + 1, "entries": [entry]}
    task = asyncio.create_task(sockets.emit("entries", news, room=CHANNEL))
    telling.add(task)
    task.add_done_callback(telling.discard)


async def start(request: web.Request) -> web.Response:
    plan = await request.json()
    driving.add(asyncio.create_task(drive(say, count=plan["count"], rate=plan["rate"])))
    return web.Response()


if __name__ == "__main__":
    app = web.Application()
    sockets.attach(app)
    app.router.add_post("/bench", start)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=lambda *_: None, access_log=None)
