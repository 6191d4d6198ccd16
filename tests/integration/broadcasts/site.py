"""The whole application on a real database and real sockets, people who are signed in to it, and what they send."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from server.app import DATABASE, build
from server.broadcasts import BROADCASTS, BroadcastService
from server.core.db import Database
from server.core.http.fastlane import FastRunner
from server.core.ids import new_id
from server.identity import IDENTITY, HashSettings, Identity, Role, Status
from server.identity.tables import MemberRoleRow, MemberRow
from server.settings import Settings, load_settings
from tests.support.broadcasts import NOW

PASSWORD = "赤诚之心 2026 七月"
ORIGIN = {"Origin": "http://localhost:8080"}
PLAN = {
    "title": "主题党日",
    "starts_at": "2030-07-01T01:00:00Z",
    "visibility": "employees",
    "comment_mode": "post_moderated",
}


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any
    raw: bytes
    cookies: Any

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass
class Person:
    """Somebody with a browser; `id` is empty for a visitor."""

    http: ClientSession
    base: str
    id: str = ""

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        if isinstance(body, bytes):
            more["data"] = io.BytesIO(body)
        elif body is not None:
            more["json"] = body
        headers = ORIGIN | more.pop("headers", {})
        async with self.http.request(method, self.base + path, headers=headers, **more) as answer:
            raw = await answer.read()
            parsed = await answer.json(content_type=None) if "json" in answer.content_type and raw else None
            return Answer(answer.status, answer.headers, parsed, raw, answer.cookies)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.send("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.send("POST", path, body, **more)

    async def schedule(self, **more: Any) -> Any:
        answer = await self.post("/api/v1/broadcasts", PLAN | more)
        assert answer.status == 201, answer.raw.decode()
        return answer.body

    async def act(self, broadcast: Any, action: str, body: Any = None) -> Any:
        answer = await self.post(f"/api/v1/broadcasts/{broadcast['id']}/{action}", body)
        assert answer.status in (200, 202), answer.raw.decode()
        return answer.body

    async def look(self, broadcast: Any) -> Any:
        answer = await self.get(f"/api/v1/broadcasts/{broadcast['id']}")
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def listed(self, query: str = "") -> list[str]:
        answer = await self.get(f"/api/v1/broadcasts?{query}")
        assert answer.status == 200, answer.raw.decode()
        return [each["id"] for each in answer.body["items"]]


@dataclass
class Site:
    server: TestServer
    client: TestClient[web.Request, web.Application]  # for publishers, who have no cookies
    stack: AsyncExitStack
    database: Database
    identity: Identity
    service: BroadcastService
    data_dir: Path
    passwords: dict[str, str] = field(default_factory=dict)
    count: int = 0

    @property
    def base(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    async def visitor(self) -> Person:
        jar = CookieJar(unsafe=True, treat_as_secure_origin=[self.base])
        return Person(await self.stack.enter_async_context(ClientSession(cookie_jar=jar)), self.base)

    async def person(self, *roles: Role, name: str = "林晓", status: Status = Status.FULL) -> Person:
        """Somebody new, signed in."""
        self.count += 1
        hashed = self.passwords.setdefault(PASSWORD, await self.identity.passwords.hash(PASSWORD))
        row = MemberRow(id=new_id(), name=name, mobile=f"138{self.count:08d}", status=status.value, password_hash=hashed)
        row.created_at = NOW
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            for role in roles:
                session.add(MemberRoleRow(member_id=row.id, role=role.value, granted_at=NOW))
        return await self.sign_in(row.mobile)

    async def sign_in(self, mobile: str) -> Person:
        person = await self.visitor()
        answer = await person.post("/api/v1/session", {"mobile": mobile, "password": PASSWORD})
        assert answer.status == 200, answer.raw.decode()
        return replace(person, id=answer.body["member"]["id"])

    async def host(self, name: str = "闻小满") -> Person:
        return await self.person(Role.RED_HOST, name=name)


class _Server(TestServer):
    """On connections like those of `hongbo run`, the fast lane included."""

    async def _make_runner(self, **_: Any) -> FastRunner:
        return FastRunner(self.app, access_log=None, shutdown_timeout=1)


@asynccontextmanager
async def running_site(
    data_dir: Path, environment: dict[str, str], change: Callable[[Settings], Settings] = lambda settings: settings
) -> AsyncIterator[Site]:
    """The application as `hongbo run` would build it, with quick password hashing; `change` sets what no environment does."""
    settings = load_settings({"MEDIA_ADVERTISE": "127.0.0.1", **environment}, data_dir=data_dir)
    quick = HashSettings(time_cost=1, memory_kib=8, workers=2, waiting=100)
    app = build(change(replace(settings, identity=replace(settings.identity, hashing=quick))))
    async with AsyncExitStack() as stack:
        server = _Server(app, host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        client = TestClient(server, cookie_jar=DummyCookieJar())
        stack.push_async_callback(client.close)
        yield Site(server, client, stack, app[DATABASE], app[IDENTITY], app[BROADCASTS], data_dir)
