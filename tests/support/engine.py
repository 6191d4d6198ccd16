"""Engine.IO and Socket.IO spoken byte by byte, so that a test can also say what no well-behaved client would."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, DummyCookieJar, WSMsgType

from server.app import DOOR
from server.core.fanout import FanoutLimits
from server.core.sockets import Connection, Door, SocketLimits
from server.settings import Settings
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.support.declared import check_answer
from tests.support.wait import until

PATH = "/socket.io/"
END = "\x1e"


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def code(self) -> int:
        """The number of an Engine.IO error."""
        number: int = json.loads(self.text)["code"]
        return number

    @property
    def packets(self) -> list[str]:
        assert self.status == 200, (self.status, self.text)
        return self.text.split(END)


@dataclass
class Wire:
    """One client and its headers."""

    http: ClientSession
    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def query(self, transport: str | None, sid: str | None, more: Mapping[str, str]) -> dict[str, str]:
        given = {"EIO": "4"}
        if transport is not None:
            given["transport"] = transport
        if sid is not None:
            given["sid"] = sid
        return given | dict(more)

    async def send(
        self,
        method: str,
        sid: str | None = None,
        body: Any = None,
        *,
        transport: str | None = "polling",
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> Reply:
        url = self.base + PATH
        parameters = self.query(transport, sid, query)
        async with self.http.request(
            method, url, params=parameters, data=body, headers={**self.headers, **(headers or {})}
        ) as answer:
            return Reply(answer.status, await answer.text(), answer.headers)

    async def poll(self, sid: str) -> Reply:
        return await self.send("GET", sid)

    async def post(self, sid: str, *packets: str) -> Reply:
        return await self.send("POST", sid, END.join(packets).encode())

    async def open(self) -> dict[str, Any]:
        """A handshake over polling."""
        reply = await self.send("GET")
        first, *rest = reply.packets
        assert first[0] == "0"
        assert rest == []
        found: dict[str, Any] = json.loads(first[1:])
        return found

    async def connected(self, auth: Any = None) -> str:
        """A session over polling with its CONNECT answered; gives its sid."""
        sid: str = (await self.open())["sid"]
        assert (await self.post(sid, "40" + ("" if auth is None else json.dumps(auth)))).text == "ok"
        answer = (await self.poll(sid)).packets
        assert answer[0].startswith('40{"sid":'), answer
        return sid

    @asynccontextmanager
    async def websocket(self, sid: str | None = None, **query: str) -> AsyncIterator[ClientWebSocketResponse]:
        url = self.base + PATH
        async with self.http.ws_connect(
            url, params=self.query("websocket", sid, query), headers=self.headers, max_msg_size=0
        ) as socket:
            yield socket

    @asynccontextmanager
    async def talking(self, auth: Any = None) -> AsyncIterator[ClientWebSocketResponse]:
        """A WebSocket with its CONNECT answered."""
        async with self.websocket() as socket:
            assert (await socket.receive_str(timeout=10))[0] == "0"
            await socket.send_str("40" + ("" if auth is None else json.dumps(auth)))
            assert (await heard(socket)).startswith('40{"sid":')
            yield socket


async def heard(socket: ClientWebSocketResponse, *, timeout: float = 10) -> str:
    """The next packet that is no ping; `closed` if there will be none."""
    while True:
        message = await socket.receive(timeout=timeout)
        if message.type is not WSMsgType.TEXT:
            return "closed"
        if message.data != "2":
            return str(message.data)


async def asked(socket: ClientWebSocketResponse, number: int, name: str, payload: Any) -> Any:
    """Send an event; gives its acknowledgement. What else comes meanwhile is dropped."""
    await socket.send_str(f"42{number}" + json.dumps([name, payload]))
    while not (answer := await heard(socket)).startswith(f"43{number}["):
        assert answer != "closed"
    found = json.loads(answer[2 + len(str(number)) :])[0]
    check_answer(name, found)
    return found


def wire(site: Site, **headers: str) -> Wire:
    """A client without cookies; it is closed with the site."""
    http = ClientSession(cookie_jar=DummyCookieJar())
    site.stack.push_async_callback(http.close)
    return Wire(http, site.base, {name.replace("_", "-"): value for name, value in headers.items()})


async def member_wire(site: Site, person: Person, **headers: str) -> tuple[Wire, dict[str, str]]:
    """A client with somebody's cookie, and the `auth` that belongs to it."""
    cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    csrf = (await person.get("/api/v1/me")).body["csrf"]
    return wire(site, Cookie=cookies, **headers), {"csrf": csrf}


def door(site: Site) -> Door:
    return site.server.app[DOOR]


def connection(site: Site, sid: str) -> Connection:
    found = door(site).engine.sessions[sid].data
    assert isinstance(found, Connection)
    return found


async def ends(site: Site, sid: str, *, timeout: float = 10) -> None:
    await until(lambda: sid not in door(site).engine.sessions, timeout=timeout, what="the session's end")


@asynccontextmanager
async def site_with(
    folder: Path, *, fanout: FanoutLimits | None = None, environment: dict[str, str] | None = None, **limits: Any
) -> AsyncIterator[Site]:
    """A running application with these SocketLimits."""

    def change(settings: Settings) -> Settings:
        return replace(settings, sockets=SocketLimits(**limits), fanout=fanout or settings.fanout)

    async with running_site(folder, environment or {}, change) as site:
        yield site
