"""A server that carries identity alone, on a real database file, and browsers that keep their cookies."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from server.core.db import Database
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.idempotency import IDEMPOTENCY, Idempotency
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.core.ids import new_id
from server.identity import (
    IDENTITY,
    HashSettings,
    Identity,
    IdentitySettings,
    Role,
    Sms,
    Status,
    caller,
    identity_routes,
)
from server.identity.tables import BranchRow, MemberRoleRow, MemberRow
from server.migrations import upgrade
from tests.support.clock import ManualClock

ORIGIN = {"Origin": "http://localhost:8080"}
PASSWORD = "赤诚之心 2026 七月"
SECRET = b"a secret of this test alone, 32+"
FAST = HashSettings(time_cost=1, memory_kib=8, workers=2, waiting=200)


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any
    cookies: Any
    raw: bytes = b""

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass
class Browser:
    """One browser: its own cookies, requests from our own page."""

    session: ClientSession
    base: str
    agent: str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0"

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        headers = ORIGIN | {"User-Agent": self.agent} | more.pop("headers", {})
        async with self.session.request(method, self.base + path, headers=headers, **more) as response:
            return await _answer(response)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.send("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.send("POST", path, **({} if body is None else {"json": body}), **more)

    async def sign_in(self, mobile: str, password: str = PASSWORD, **more: Any) -> Answer:
        return await self.post("/api/v1/session", {"mobile": mobile, "password": password}, **more)

    def cookie(self, name: str) -> str | None:
        return next((each.value for each in self.session.cookie_jar if each.key == name), None)


async def _answer(response: ClientResponse) -> Answer:
    raw = await response.read()
    body = await response.json(content_type=None) if "json" in response.content_type and raw else None
    return Answer(response.status, response.headers, body, response.cookies, raw)


@dataclass
class Site:
    """The running server, and what a test needs to arrange."""

    identity: Identity
    database: Database
    clock: ManualClock
    server: TestServer
    stack: AsyncExitStack
    count: int = 0
    mobiles: dict[str, str] = field(default_factory=dict)

    async def browser(self, agent: str = Browser.agent) -> Browser:
        origin = self.server.make_url("/").origin()
        jar = CookieJar(unsafe=True, treat_as_secure_origin=origin)
        session = await self.stack.enter_async_context(ClientSession(cookie_jar=jar))
        return Browser(session, str(origin), agent)

    async def add_branch(self, name: str, city: str = "广州") -> str:
        row = BranchRow(id=new_id(), name=name, city=city, created_at=self.clock.now())
        async with self.database.transaction() as session:
            session.add(row)
        return row.id

    async def add_member(
        self,
        *roles: Role,
        name: str = "林晓",
        password: str | None = PASSWORD,
        branch_id: str | None = None,
        status: Status = Status.FULL,
        ref: str | None = None,
    ) -> str:
        """Answers the id; `mobiles` tells the number."""
        self.count += 1
        row = MemberRow(
            id=new_id(),
            ref=ref,
            name=name,
            mobile=f"1380000{self.count:04d}",
            branch_id=branch_id,
            status=status.value,
            password_hash=await self.identity.passwords.hash(password) if password else None,
            created_at=self.clock.now(),
        )
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            for role in roles:
                session.add(MemberRoleRow(member_id=row.id, role=role.value, granted_at=self.clock.now()))
        self.mobiles[row.id] = row.mobile
        return row.id

    async def signed_in(self, *roles: Role, **more: Any) -> tuple[Browser, str]:
        """A browser with a session of a new member who holds `roles`, and the member's id."""
        member_id = await self.add_member(*roles, **more)
        return await self.as_member(member_id), member_id

    async def as_member(self, member_id: str) -> Browser:
        browser = await self.browser()
        assert (await browser.sign_in(self.mobiles[member_id])).status == 200
        return browser


@asynccontextmanager
async def running_site(
    url: str, clock: ManualClock, settings: IdentitySettings, *, sms: Sms | None = None
) -> AsyncIterator[Site]:
    """Serve identity on the database at `url`, which may be empty."""
    async with AsyncExitStack() as stack:
        database = Database(url)
        stack.push_async_callback(database.close)
        await upgrade(database)
        identity = Identity(database, settings, clock, SECRET, sms=sms)
        stack.push_async_callback(identity.aclose)
        app = web.Application()
        app[HTTP_SETTINGS] = HttpSettings()
        app[IDENTITY] = identity
        app[IDEMPOTENCY] = Idempotency(database, clock, _scope)
        install_frame(app, CollectorRegistry())
        mount(app, [identity_routes()])
        server = TestServer(app)
        await server.start_server()
        stack.push_async_callback(server.close)
        yield Site(identity, database, clock, server, stack)


async def _scope(request: web.Request) -> str:
    member = await caller(request)
    return member.id if member else "visitor"


def ids_of(items: Iterable[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


DAY = timedelta(days=1).total_seconds()
