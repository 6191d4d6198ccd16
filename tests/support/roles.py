"""One of each: an application with an account for every role, signed in, and fresh things for each question that is asked.

The role matrices ask every route and every event as every role (ASVS 8.2.1); `visitor` is who is not signed in.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from server.activities import ACTIVITIES, ActivityKind
from server.activities import Plan as ActivityPlan
from server.app import DATABASE, build
from server.broadcasts import BROADCASTS, ON_AIR, Broadcast, CommentMode, Orientation, Plan, State, Visibility
from server.broadcasts.model import OVER
from server.conversations import CONVERSATIONS
from server.core.clock import SystemClock
from server.core.ids import new_id
from server.identity import IDENTITY, HashSettings, Identity, Member, Role, Status, import_roster
from server.identity.tables import MemberRow
from server.settings import load_settings
from server.tasks import TASKS, Terms, Wanted
from tests.support.room import Visit, visiting
from tests.support.shaken.offered import announced, offer_to
from tests.support.talking import a_text, open_talk

PASSWORD = "one-password-for-all"
# Whom a broadcast names, and who is only another red host.
_HOSTS = ("host", "co_host", Role.RED_HOST.value)
_PLAIN = {status.value: status for status in Status}
ROLES = ("visitor", *_PLAIN, "host", "co_host", *(role.value for role in Role))
"""Columns: nobody, the four statuses without any role, the two a broadcast names, and every role there is."""


def account(role: str) -> tuple[Status, tuple[Role, ...]]:
    """What somebody in this column is and does."""
    if role in _PLAIN:
        return _PLAIN[role], ()
    return Status.FULL, (Role.RED_HOST if role in _HOSTS else Role(role),)


@dataclass
class House:
    base: str
    identity: Identity
    members: dict[str, Member]
    sessions: dict[str, ClientSession]
    plan: Plan
    app: web.Application
    next_mobile: int = 10000001000
    _stranger: str = ""
    home: str = ""

    async def fresh(self, path: str, state: State = State.SCHEDULED, *, branch: str | None = None) -> str:
        """The path with its placeholders filled by things made for this request alone. `branch`: whose the activity is, if not
        of the one everybody is in."""
        if "{activity}" in path:
            path = path.replace("{activity}", await self.fresh_activity(branch or await self._home()))
        if "{task}" in path:
            path = path.replace("{task}", await self.fresh_task(branch or await self._home()))
        if "{shake}" in path:
            path = path.replace("{shake}", await self.fresh_shake())
        if "{draw}" in path:
            path = path.replace("{draw}", await self.fresh_offer(await self.fresh_member()))
        if "{broadcast}" in path or "{stream}" in path:
            broadcast = await self.fresh_broadcast(state=state)
            path = path.replace("{broadcast}", broadcast.id).replace("{stream}", broadcast.id)
        if "{talk}" in path or "{conversation}" in path:
            talk = await self.fresh_talk()
            path = path.replace("{talk}", talk).replace("{conversation}", talk)
        if "/members/{id}" in path:
            path = path.replace("{id}", await self.fresh_member())
        for name in ("{id}", "{held}", "{list}", "{mute}", "{thing}", "{blob}"):
            path = path.replace(name, new_id())
        return path.replace("{session}", "0" * 32).replace("{folder}", "x").replace("{name}", "x.m4s")

    async def fresh_broadcast(
        self, *, visibility: Visibility = Visibility.EMPLOYEES, state: State = State.SCHEDULED
    ) -> Broadcast:
        """In `state`, as far as the database knows."""
        service = self.app[BROADCASTS]
        made = await service.schedule(self.members["host"], replace(self.plan, visibility=visibility))
        if state is State.SCHEDULED:
            return made
        now = SystemClock().now()
        live_at = now if state in ON_AIR | OVER else None
        ended_at = now if state in OVER else None
        changed = await service._registry.change(
            made.id, lambda each: replace(each, state=state, live_at=live_at, ended_at=ended_at)
        )
        assert changed is not None
        return changed

    async def fresh_activity(self, branch_id: str) -> str:
        """Announced, and nobody has checked in yet."""
        starts_at = SystemClock().now() + timedelta(days=1)
        plan = ActivityPlan(ActivityKind.THEME_DAY, "主题党日", starts_at, starts_at + timedelta(hours=1), branch_id, seats=5)
        made = await self.app[ACTIVITIES].create(self.members["affairs_staff"], plan, draft=False)
        return made.activity.id

    async def fresh_task(self, branch_id: str) -> str:
        """Given to a branch, and nobody has confirmed it yet."""
        terms = Terms(SystemClock().now() + timedelta(days=1), whole=False, branches=(branch_id,))
        service, staff = self.app[TASKS], self.members["affairs_staff"]
        made = await service.create(staff, branch_id, Wanted("学习通知", "请认真阅读", (), terms))
        await service.give(staff, made.seen.task.id)
        return made.seen.task.id

    async def fresh_talk(self) -> str:
        """Open, and between two who are asked about nothing here."""
        people = [replace(self.members["full"], id=await self.fresh_member()) for _ in range(2)]
        return await open_talk(self.app, *people)

    async def fresh_message(self) -> str:
        """Sent in a talk of others."""
        talk = await self.fresh_talk()
        conversations = self.app[CONVERSATIONS]
        author = next(iter(await conversations.register.sides(talk)))
        sent = await conversations.post(replace(self.members["full"], id=author), talk, a_text(), client_id=new_id())
        return sent.id

    async def fresh_shake(self) -> str:
        """Announced for tomorrow, for everybody."""
        opens_at = SystemClock().now() + timedelta(days=1)
        owner, talker = self.members["committee_secretary"], self.members["committee_deputy_secretary"]
        return await announced(self.app, owner, talker.id, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1))

    async def fresh_offer(self, member_id: str) -> str:
        """Waits for this member's answer."""
        owner, talker = self.members["committee_secretary"], self.members["committee_deputy_secretary"]
        return await offer_to(self.app, owner, talker.id, await self.fresh_member(), member_id)

    async def _home(self) -> str:
        (branch,) = [each for each in await self.identity.directory.branches() if each.name == "总部党支部"]
        return branch.id

    async def fresh_member(self) -> str:
        self.next_mobile += 1
        row = MemberRow(id=new_id(), name="路人", mobile=str(self.next_mobile), status=Status.FULL.value)
        row.created_at = SystemClock().now()
        async with self.app[DATABASE].transaction() as session:
            session.add(row)
        return row.id

    async def stranger(self) -> Member:
        """Somebody who is asked about nothing here: what they have written is nobody's own."""
        self._stranger = self._stranger or await self.fresh_member()
        return replace(self.members["full"], id=self._stranger)

    def body(self, json: Any) -> Any:
        if not isinstance(json, dict):
            return json
        self.next_mobile += 1
        fill: dict[str, Any] = {
            "{mobile}": str(self.next_mobile),
            "{name}": f"支部{self.next_mobile}",
            "{stranger}": self._stranger,
        }
        fill |= {"{branches}": [self.home], "{members}": [self._stranger]}
        fill["{secretaries}"] = [self.members["committee_deputy_secretary"].id]
        return {key: fill.get(value, value) if isinstance(value, str) else value for key, value in json.items()}

    async def visit(self, role: str) -> AbstractAsyncContextManager[Visit]:
        """A socket of somebody in this role."""
        if role == "visitor":
            return visiting(self.base, "", None, "websocket")
        http = self.sessions[role]
        async with http.get(f"{self.base}/api/v1/me") as answer:
            csrf = (await answer.json())["csrf"]
        return visiting(self.base, "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar), csrf, "websocket")


def _mobile(number: int) -> str:
    return str(10000000000 + number)


def _row(role: str, number: int) -> str:
    status, roles = account(role)
    return f"{role},{_mobile(number)},总部党支部,{status.label},{'、'.join(each.label for each in roles)}\n"


@asynccontextmanager
async def running_house(folder: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[House]:
    settings = load_settings({"TRUSTED_PROXIES": "127.0.0.1", **(environment or {})}, data_dir=folder)
    quick = HashSettings(time_cost=1, memory_kib=8, workers=2, waiting=100)
    # Over a thousand broadcasts come to be on air here, and none has media that it could be reconciled with.
    unreconciled = replace(settings.broadcasts, reconcile_every=3600.0)
    # One connection sends whatever there is to send, in a row; how fast it may is another test's.
    unhurried = replace(settings.sockets, events_burst=10_000)
    identity_settings = replace(settings.identity, hashing=quick)
    app = build(replace(settings, identity=identity_settings, broadcasts=unreconciled, sockets=unhurried))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    base = str(server.make_url("/")).rstrip("/")

    def headers(number: int) -> dict[str, str]:
        """Everybody comes from an address of their own, through a proxy: many in a row from one would have to wait."""
        return {"Origin": str(settings.http.public_url), "X-Forwarded-For": f"192.0.2.{number + 1}"}

    rows = "".join(_row(role, number) for number, role in enumerate(ROLES) if role != "visitor")
    await import_roster(app[DATABASE], f"姓名,手机号,支部,身份,角色\n{rows}".encode())
    identity = app[IDENTITY]
    await identity.preset_passwords(PASSWORD)
    sessions: dict[str, ClientSession] = {"visitor": ClientSession(headers=headers(0))}
    members: dict[str, Member] = {}
    people = {person.name: person for person in await identity.find_people(limit=100)}
    for number, role in enumerate(ROLES):
        if role == "visitor":
            continue
        jar = CookieJar(unsafe=True, treat_as_secure_origin=[base])
        sessions[role] = ClientSession(headers=headers(number), cookie_jar=jar)
        async with sessions[role].post(
            f"{base}/api/v1/session", json={"mobile": _mobile(number), "password": PASSWORD}
        ) as answer:
            assert answer.status == 200, await answer.text()
        person = people[role]
        members[role] = Member(person.id, role, None, None, account(role)[0], person.roles, "test")
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
        house = House(base, identity, members, sessions, plan, app)
        house.home = await house._home()
        yield house
    finally:
        for session in sessions.values():
            await session.close()
        await server.close()
