"""Whom something may be for, over HTTP: branches by name, people by a part of theirs, for those who run things."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from ..core.errors import Forbidden
from ..core.http import Routes
from ..core.wire import In
from .access import IDENTITY, require_member
from .charge import COMMITTEE, OF_BRANCH
from .model import NAME_MOST

_WHO = "organisers, secretaries and their deputies, the committee's people"
_MOST = 20
charge_routes = Routes("identity")


class NameQuery(In):
    q: Annotated[str, Field(max_length=NAME_MOST)] = ""


class NamedBranchOut(BaseModel):
    id: str
    name: str


class NamedBranchesOut(BaseModel):
    items: list[NamedBranchOut]


class NamedPersonOut(BaseModel):
    id: str
    name: str
    branch_id: str | None
    branch_name: str | None


class NamedPeopleOut(BaseModel):
    items: list[NamedPersonOut]


@charge_routes.get("/api/v1/branch-names", who=_WHO, summary="The branches, by name")
async def branch_names(request: web.Request) -> NamedBranchesOut:
    await _require_charge(request)
    branches = await request.app[IDENTITY].directory.branches()
    return NamedBranchesOut(items=[NamedBranchOut(id=each.id, name=each.name) for each in branches])


@charge_routes.get("/api/v1/people", who=_WHO, summary="People by a part of their name")
async def people(request: web.Request, query: NameQuery) -> NamedPeopleOut:
    """By name alone: who looks for people here need not learn whose a number is."""
    await _require_charge(request)
    words = query.q.strip()
    found = await request.app[IDENTITY].named(words, limit=_MOST) if words else []
    items = [
        NamedPersonOut(id=each.id, name=each.name, branch_id=each.branch_id or None, branch_name=each.branch) for each in found
    ]
    return NamedPeopleOut(items=items)


async def _require_charge(request: web.Request) -> None:
    member = await require_member(request)
    if not member.has(*COMMITTEE, *OF_BRANCH):
        raise Forbidden("organiser_needed", "只有书记、副书记、组织委员和组织者可以查找人员")
