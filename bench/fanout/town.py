"""People who are signed in and a broadcast on air with a hundred comments, made through the product's own parts."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiohttp import web

from server.app import DATABASE
from server.broadcasts import BROADCASTS, State
from server.broadcasts.model import CommentMode, Orientation, Plan, Visibility
from server.comments import COMMENTS
from server.core.ids import new_id
from server.identity import IDENTITY, Member, Role, Status
from server.identity.tables import MemberRoleRow, MemberRow

from .drive import TEXT

_NEWEST = 100


@dataclass(frozen=True)
class Citizen:
    member: Member
    cookie: str
    csrf: str


async def citizens(app: web.Application, count: int) -> list[Citizen]:
    """Members with a session each; the first is a red host."""
    identity, now = app[IDENTITY], datetime.now(UTC)
    tokens: list[str] = []
    async with app[DATABASE].transaction() as session:
        for number in range(count):
            row = MemberRow(id=new_id(), name="陈志远", mobile=f"139{number:08d}", status=Status.FULL.value, created_at=now)
            row.password_hash = "-"  # noqa: S105  # nobody signs in with it
            session.add(row)
            await session.flush()
            if number == 0:
                session.add(MemberRoleRow(member_id=row.id, role=Role.RED_HOST.value, granted_at=now))
            tokens.append(await identity.sessions.create(session, row.id, device="bench", address="127.0.0.1"))
    found: list[Citizen] = []
    for token in tokens:
        member = await identity.sessions.find(token)
        assert member is not None
        found.append(Citizen(member, f"__Host-hongbo={token}", identity.csrf(member.session_id)))
    return found


async def on_air(app: web.Application, host: Member) -> str:
    """The id of a broadcast that is live as far as everybody but the media knows."""
    plan = Plan(
        title="主题党日",
        intro="",
        starts_at=datetime.now(UTC),
        minutes_planned=60,
        visibility=Visibility.EMPLOYEES,
        comment_mode=CommentMode.POST_MODERATED,
        orientation=Orientation.LANDSCAPE,
    )
    service = app[BROADCASTS]
    broadcast = await service.schedule(host, plan)
    live_at = datetime.now(UTC)
    await service._registry.change(broadcast.id, lambda each: replace(each, state=State.LIVE, live_at=live_at))
    post = app[COMMENTS].post
    await asyncio.gather(*[post(host, broadcast.id, TEXT, client_id=new_id()) for _ in range(_NEWEST)])
    return broadcast.id
