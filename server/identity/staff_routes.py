"""Members, branches, roles and the roster over HTTP, for administrators and affairs staff."""

from aiohttp import web

from ..core.errors import NotFound, TooLarge, Unsupported
from ..core.http import Page, Routes
from ..core.ids import is_id
from .access import IDENTITY, require_role
from .directory import Activation, Changes
from .model import MEMBER_STAFF, MemberSort, MemberState, Role, Status
from .service import require_mobile
from .sheets import MOST_BYTES
from .store import AccountFilter
from .wire import (
    AccountQuery,
    ActivationOut,
    BranchesOut,
    BranchIn,
    BranchOut,
    BranchPatch,
    GrantedOut,
    InvitedOut,
    MemberIn,
    MemberOut,
    MemberPatch,
    MembersQuery,
    RolesIn,
    RosterOut,
    RosterQuery,
)

STAFF = "administrator, affairs_staff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Windows calls CSV files by Excel's old type; a browser that knows nothing says octet-stream.
ROSTER_TYPES = frozenset({"text/csv", "application/csv", "application/vnd.ms-excel", XLSX, "application/octet-stream"})

staff_routes = Routes("identity")


@staff_routes.get("/api/v1/members", who=STAFF, summary="Members, filtered and paged")
async def members(request: web.Request, query: MembersQuery) -> Page[MemberOut]:
    await require_role(request, *MEMBER_STAFF)
    directory = request.app[IDENTITY].directory
    found, following = await directory.listed(_filter(query), after=query.after, limit=query.limit)
    return Page(items=[MemberOut.of(account) for account in found], next=following)


@staff_routes.post("/api/v1/members", who=STAFF, summary="Add a member; the activation code is shown once", status=201)
async def add_member(request: web.Request, body: MemberIn) -> InvitedOut:
    actor = await require_role(request, *MEMBER_STAFF)
    account, activation = await request.app[IDENTITY].directory.add(
        actor, name=body.name, mobile=require_mobile(body.mobile), branch_id=body.branch_id, status=body.status
    )
    return InvitedOut(member=MemberOut.of(account), activation=_activation(activation))


@staff_routes.get("/api/v1/members.xlsx", who=STAFF, summary="The same list as a file", content_type=XLSX)
async def export_members(request: web.Request, query: AccountQuery) -> web.Response:
    actor = await require_role(request, *MEMBER_STAFF)
    content = await request.app[IDENTITY].directory.exported(actor, _filter(query))
    # RFC 6266: an ASCII name for old programs, the real one in UTF-8.
    disposition = "attachment; filename=\"members.xlsx\"; filename*=UTF-8''%E6%88%90%E5%91%98%E5%90%8D%E5%8D%95.xlsx"
    return web.Response(body=content, content_type=XLSX, headers={"Content-Disposition": disposition})


@staff_routes.patch("/api/v1/members/{id}", who=STAFF, summary="Change a member")
async def change_member(request: web.Request, body: MemberPatch) -> MemberOut:
    actor = await require_role(request, *MEMBER_STAFF)
    account = await request.app[IDENTITY].directory.change(actor, _id(request), _changes(body))
    return MemberOut.of(account)


@staff_routes.post("/api/v1/members/{id}/activation", who=STAFF, summary="A new activation code, shown once")
async def new_activation(request: web.Request) -> ActivationOut:
    actor = await require_role(request, *MEMBER_STAFF)
    return _activation(await request.app[IDENTITY].directory.new_activation(actor, _id(request)))


@staff_routes.delete("/api/v1/members/{id}/sessions", who=STAFF, summary="End all sessions of a member")
async def end_sessions(request: web.Request) -> None:
    actor = await require_role(request, *MEMBER_STAFF)
    await request.app[IDENTITY].directory.end_sessions(actor, _id(request))


@staff_routes.put("/api/v1/members/{id}/roles", who="administrator", summary="Give and take roles")
async def set_roles(request: web.Request, body: RolesIn) -> GrantedOut:
    actor = await require_role(request, Role.ADMINISTRATOR)
    directory = request.app[IDENTITY].directory
    account, code_void = await directory.set_roles(actor, _id(request), frozenset(body.roles))
    return GrantedOut(**dict(MemberOut.of(account)), code_void=code_void)


@staff_routes.post("/api/v1/roster", who=STAFF, summary="Import a roster file (CSV or XLSX as the body)")
async def upload_roster(request: web.Request, query: RosterQuery) -> RosterOut:
    actor = await require_role(request, *MEMBER_STAFF)
    if request.content_type not in ROSTER_TYPES:
        raise Unsupported("roster_type", "请上传 CSV 或 XLSX 文件")
    content = await _read_file(request)
    return await request.app[IDENTITY].import_roster(content, dry_run=query.dry_run, actor=actor)


@staff_routes.get("/api/v1/branches", who=STAFF, summary="Branches with their number of members")
async def branches(request: web.Request) -> BranchesOut:
    await require_role(request, *MEMBER_STAFF)
    found = await request.app[IDENTITY].directory.branches()
    return BranchesOut(items=[BranchOut.of(branch) for branch in found])


@staff_routes.post("/api/v1/branches", who=STAFF, summary="Add a branch", status=201, idempotent=True)
async def add_branch(request: web.Request, body: BranchIn) -> BranchOut:
    actor = await require_role(request, *MEMBER_STAFF)
    branch = await request.app[IDENTITY].directory.add_branch(actor, name=body.name, city=body.city)
    return BranchOut.of(branch)


@staff_routes.patch("/api/v1/branches/{id}", who=STAFF, summary="Rename or move a branch")
async def change_branch(request: web.Request, body: BranchPatch) -> BranchOut:
    actor = await require_role(request, *MEMBER_STAFF)
    directory = request.app[IDENTITY].directory
    return BranchOut.of(await directory.change_branch(actor, _id(request), name=body.name, city=body.city))


def _filter(query: AccountQuery) -> AccountFilter:
    return AccountFilter(
        q=query.q,
        branch_id=query.branch,
        status=Status(query.status) if query.status is not None else None,
        role=Role(query.role) if query.role is not None else None,
        state=MemberState(query.state) if query.state is not None else None,
        sort=MemberSort(query.sort) if query.sort is not None else None,
    )


def _changes(body: MemberPatch) -> Changes:
    changes = Changes()
    if body.name is not None:
        changes["name"] = body.name
    if body.mobile is not None:
        changes["mobile"] = require_mobile(body.mobile)
    if "branch_id" in body.model_fields_set:
        changes["branch_id"] = body.branch_id
    if body.status is not None:
        changes["status"] = body.status
    if body.disabled is not None:
        changes["disabled"] = body.disabled
    return changes


def _id(request: web.Request) -> str:
    """An id that cannot be one is like one that does not exist."""
    text = request.match_info["id"]
    if not is_id(text):
        raise NotFound
    return text


async def _read_file(request: web.Request) -> bytes:
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > MOST_BYTES:
            raise TooLarge("roster_too_large", f"文件不能超过 {MOST_BYTES // 1024 // 1024} MB")
    return bytes(content)


def _activation(activation: Activation) -> ActivationOut:
    return ActivationOut(code=activation.code, expires_at=activation.expires_at)
