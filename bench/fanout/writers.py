"""People who speak over sockets: each says the next thing as soon as the last one is acknowledged.

`python -m bench.fanout.writers PORT TOWN SECONDS` prints one line of JSON. TOWN is what `/bench/town` answered.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from bench.measure import percentile
from server.core.ids import new_id

from .drive import TEXT

_WARM = 1.0  # s


async def speak(port: int, town: dict[str, Any], seconds: float) -> dict[str, float]:
    delays: list[float] = []
    async with ClientSession() as http:
        began = time.perf_counter()
        span = (began + _WARM, began + _WARM + seconds)
        await asyncio.gather(*(_writer(http, port, person, town["broadcasts"][0], span, delays) for person in town["people"]))
    return {"per_s": len(delays) / seconds, "p99_ms": percentile(delays, 0.99) * 1000}


async def _writer(
    http: ClientSession, port: int, person: dict[str, str], broadcast: str, span: tuple[float, float], delays: list[float]
) -> None:
    url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    async with http.ws_connect(url, headers={"Cookie": person["cookie"]}) as socket:
        await _next(socket)
        await socket.send_str("40" + json.dumps({"csrf": person["csrf"]}))
        await _next(socket)
        while (asked := time.perf_counter()) < span[1]:
            said = {"broadcast": broadcast, "text": TEXT, "client_id": new_id()}
            await socket.send_str("420" + json.dumps(["comment", said]))
            answer = await _next(socket)
            if not answer.startswith('430[{"ok":true'):
                raise RuntimeError(f"a comment was not acknowledged: {answer[:200]}")
            if span[0] <= (answered := time.perf_counter()) < span[1]:
                delays.append(answered - asked)


async def _next(socket: ClientWebSocketResponse) -> str:
    """The next packet that is no ping; pings are answered."""
    while True:
        message = await socket.receive(timeout=30)
        if message.type is not WSMsgType.TEXT:
            raise RuntimeError(f"the connection ended: {message.type.name}")
        if message.data != "2":
            return str(message.data)
        await socket.send_str("3")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(speak(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), float(sys.argv[3])))))
