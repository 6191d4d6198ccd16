"""One of each: an application with an account for every role, signed in, and fresh things for each question that is asked.

The role matrices ask every route and every event as every role (ASVS 8.2.1); `visitor` is who is not signed in.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from server.app import DATABASE, build
from server.broadcasts import BROADCASTS, Broadcast, CommentMode, Orientation, Plan, State, Visibility
from server.core.clock import SystemClock
from server.core.ids import new_id
from server.identity import IDENTITY, HashSettings, Identity, Member, Status, import_roster
from server.settings import load_settings
from tests.support.room import Visit, visiting

ROLES = ("visitor", "employee", "member", "other_host", "host", "co_host", "moderator", "secretary", "staff", "administrator")
PASSWORD = "one-password-for-all"
# By role: mobile, status, roles.
ACCOUNTS = {
    "employee": ("10000000001", "非党员职工", ""),
    "member": ("10000000002", "正式党员", ""),
    "other_host": ("10000000003", "正式党员", "红色主播"),
    "host": ("10000000004", "正式党员", "红色主播"),
    "co_host": ("10000000005", "正式党员", "红色主播"),
    "moderator": ("10000000006", "正式党员", "审核员"),
    "secretary": ("10000000007", "正式党员", "党委书记"),
    "staff": ("10000000008", "正式党员", "专职党务干部"),
    "administrator": ("10000000009", "正式党员", "管理员"),
}


@dataclass
class House:
    base: str
    identity: Identity
    members: dict[str, Member]
    sessions: dict[str, ClientSession]
    plan: Plan
    app: web.Application
    next_mobile: int = 10000001000

    async def fresh(self, path: str) -> str:
        """The path with its placeholders filled by things made for this request alone."""
        if "{broadcast}" in path or "{stream}" in path:
            broadcast = await self.fresh_broadcast()
            path = path.replace("{broadcast}", broadcast.id).replace("{stream}", broadcast.id)
        if "/members/{id}" in path:
            path = path.replace("{id}", await self.fresh_member())
        return path.replace("{id}", new_id()).replace("{session}", "0" * 32).replace("{folder}", "x").replace("{name}", "x.m4s")

    async def fresh_broadcast(
        self, *, visibility: Visibility = Visibility.EMPLOYEES, state: State = State.SCHEDULED
    ) -> Broadcast:
        """In `state`, as far as the database knows."""
        service = self.app[BROADCASTS]
        made = await service.schedule(self.members["host"], replace(self.plan, visibility=visibility))
        if state is State.SCHEDULED:
            return made
        live_at = SystemClock().now() if state is State.LIVE else None
        changed = await service._registry.change(made.id, lambda each: replace(each, state=state, live_at=live_at))
        assert changed is not None
        return changed

    async def fresh_member(self) -> str:
        self.next_mobile += 1
        roster = f"姓名,手机号,身份\n路人,{self.next_mobile},正式党员\n"
        await import_roster(self.app[DATABASE], roster.encode())
        found = await self.identity.find_people(q="路人", limit=1000)
        return max(person.id for person in found)

    def body(self, json: Any) -> Any:
        if not isinstance(json, dict):
            return json
        self.next_mobile += 1
        fill = {"{mobile}": str(self.next_mobile), "{name}": f"支部{self.next_mobile}"}
        return {key: fill.get(value, value) if isinstance(value, str) else value for key, value in json.items()}

    async def visit(self, role: str) -> AbstractAsyncContextManager[Visit]:
        """A socket of somebody in this role."""
        if role == "visitor":
            return visiting(self.base, "", None, "websocket")
        http = self.sessions[role]
        async with http.get(f"{self.base}/api/v1/me") as answer:
            csrf = (await answer.json())["csrf"]
        return visiting(self.base, "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar), csrf, "websocket")


@asynccontextmanager
async def running_house(folder: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[House]:
    settings = load_settings(environment or {}, data_dir=folder)
    quick = HashSettings(time_cost=1, memory_kib=8, workers=2, waiting=100)
    app = build(replace(settings, identity=replace(settings.identity, hashing=quick)))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    base = str(server.make_url("/")).rstrip("/")
    origin = {"Origin": str(settings.http.public_url)}
    rows = "".join(f"{role},{mobile},{status},{roles}\n" for role, (mobile, status, roles) in ACCOUNTS.items())
    await import_roster(app[DATABASE], f"姓名,手机号,身份,角色\n{rows}".encode())
    identity = app[IDENTITY]
    await identity.preset_passwords(PASSWORD)
    sessions: dict[str, ClientSession] = {"visitor": ClientSession(headers=origin)}
    members: dict[str, Member] = {}
    people = {person.name: person for person in await identity.find_people(limit=100)}
    for role, (mobile, status, _) in ACCOUNTS.items():
        jar = CookieJar(unsafe=True, treat_as_secure_origin=[base])
        sessions[role] = ClientSession(headers=origin, cookie_jar=jar)
        async with sessions[role].post(f"{base}/api/v1/session", json={"mobile": mobile, "password": PASSWORD}) as answer:
            assert answer.status == 200, await answer.text()
        person = people[role]
        kind = Status.EMPLOYEE if "职工" in status else Status.FULL
        members[role] = Member(person.id, role, None, None, kind, person.roles, "test")
    plan = Plan(
        title="主题党日",
        intro="",
        starts_at=SystemClock().now(),
        minutes_planned=60,
        visibility=Visibility.EMPLOYEES,
        comment_mode=CommentMode.POST_MODERATED,
        orientation=Orientation.LANDSCAPE,
        co_hosts=(members["co_host"].id,),
    )
    try:
        yield House(base, identity, members, sessions, plan, app)
    finally:
        for session in sessions.values():
            await session.close()
        await server.close()
