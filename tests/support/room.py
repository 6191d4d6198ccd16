"""Somebody in a broadcast's room, with a foreign client (python-socketio's) that keeps what it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio

from server.core.ids import new_id
from tests.support.declared import check_answer, check_told
from tests.support.wait import until


@dataclass
class Visit:
    client: socketio.AsyncClient
    entries: list[dict[str, Any]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    resyncs: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # the names of all events the server has sent

    async def call(self, event: str, payload: Any, timeout: float = 10) -> Any:
        answer = await self.client.call(event, payload, timeout=timeout)
        check_answer(event, answer)
        return answer

    async def subscribe(self, broadcast_id: str, **more: Any) -> Any:
        return await self.call("subscribe", {"channel": f"broadcast:{broadcast_id}", **more})

    async def say(self, broadcast_id: str, text: str, **more: Any) -> Any:
        return await self.call("comment", {"broadcast": broadcast_id, "text": text, "client_id": new_id(), **more})

    def texts(self) -> list[str]:
        return [each["data"]["text"] for each in self.entries if "text" in each["data"]]

    async def hears(self, *texts: str) -> None:
        await until(lambda: self.texts()[-len(texts) :] == list(texts), what=f"{texts} after {self.texts()}")


@asynccontextmanager
async def visiting(
    base: str, cookies: str, csrf: str | None, *transports: str, ssl_verify: bool = True
) -> AsyncIterator[Visit]:
    """`cookies` is the `Cookie` header, empty for a visitor; transports: both unless named."""
    client = socketio.AsyncClient(reconnection=False, ssl_verify=ssl_verify)
    visit = Visit(client)

    async def hear(event: str, payload: Any) -> None:
        check_told(event, payload)
        visit.told.add(event)
        if event == "entries":
            expected = payload["first"]
            assert [each["offset"] for each in payload["entries"]] == list(range(expected, expected + len(payload["entries"])))
            visit.entries.extend(payload["entries"])
        elif event == "signals":
            visit.signals.append(payload)
        else:
            visit.resyncs.append(payload["channel"])

    client.on("*", hear)
    client.on("disconnect", visit.gone.append)
    await client.connect(
        base,
        headers={"Cookie": cookies} if cookies else {},
        auth={"csrf": csrf} if csrf else None,
        transports=list(transports) or ["polling", "websocket"],
    )
    try:
        yield visit
    finally:
        await client.disconnect()
