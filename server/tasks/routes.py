"""Tasks over HTTP. What somebody may not see is not found; what they see and may not do is refused in words."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from ..core.cabinet import MOST_BYTES, too_large
from ..core.http import Routes
from ..core.http.paging import Page, PageQuery
from ..core.http.uploads import body_within, handed_back
from ..identity import COMMITTEE, OF_BRANCH, home_of, manages, require_member, require_role
from .model import TaskState
from .service import Shown, TaskService
from .sheets import workbook
from .wire import (
    ConfirmedForOut,
    ConfirmForIn,
    KeptTaskOut,
    OwnTaskOut,
    OwnTasksOut,
    TakeBackIn,
    TaskBurdenOut,
    TaskBurdensOut,
    TaskConfirmIn,
    TaskFileOut,
    TaskFileQuery,
    TaskIn,
    TaskOut,
    TaskPeopleOut,
    TaskPersonOut,
    TaskRemindedOut,
    TasksWaitingOut,
    TaskVersionOut,
    TaskWithdrawIn,
)

TASKS: web.AppKey[TaskService] = web.AppKey("TASKS")
_ALL = "/api/v1/tasks"
_ONE = "/api/v1/tasks/{task}"
_ASKED = "who is asked, those in charge"
_RUN = "those who gave it"
_KEEP = "those in charge, of their own branch"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONG = 256 * 1024  # bytes; a text of 20 000 characters as JSON


def task_routes() -> Routes:
    routes = Routes("tasks")
    _add_own(routes)
    _add_writing(routes)
    _add_moves(routes)
    _add_files(routes)
    _add_roll(routes)
    return routes


def _id(request: web.Request) -> str:
    return request.match_info["task"]


async def _out(request: web.Request, shown: Shown) -> TaskOut:
    return TaskOut.of(shown, await request.app[TASKS].branch_names())


def _add_own(routes: Routes) -> None:
    @routes.get("/api/v1/me/tasks", who="members", summary="What the caller is asked to read and confirm")
    async def own(request: web.Request) -> OwnTasksOut:
        member, service = await require_member(request), request.app[TASKS]
        found, branches = await service.confirming.mine(member), await service.branch_names()
        items = [OwnTaskOut.of(task, title, part, branches) for task, title, part in found]
        keeps = manages(member, None) or (member.branch_id is not None and member.has(*OF_BRANCH))
        return OwnTasksOut(items=items, waiting=await service.confirming.waiting(member), keeps=keeps)

    @routes.get("/api/v1/me/tasks/waiting", who="members", summary="How many wait for the caller")
    async def waiting(request: web.Request) -> TasksWaitingOut:
        member = await require_member(request)
        return TasksWaitingOut(waiting=await request.app[TASKS].confirming.waiting(member))

    @routes.get(_ONE, who=_ASKED, summary="One task, as it stands")
    async def one(request: web.Request) -> TaskOut:
        member = await require_member(request)
        return await _out(request, await request.app[TASKS].show(member, _id(request)))

    @routes.get(f"{_ONE}/versions/{{number}}", who="those in charge, who confirmed it", summary="The text of one version")
    async def version(request: web.Request) -> TaskVersionOut:
        member, number = await require_member(request), request.match_info["number"]
        found = await request.app[TASKS].version(
            member, _id(request), int(number) if number.isdecimal() and len(number) < 7 else 0
        )
        return TaskVersionOut.of(found)

    @routes.post(f"{_ONE}/confirm", who="who is asked", summary="I have read this version and confirm it; once")
    async def confirm(request: web.Request, body: TaskConfirmIn) -> TaskOut:
        member, service = await require_member(request), request.app[TASKS]
        await service.confirming.confirm(member, _id(request), number=body.version, hashed=body.hash)
        return await _out(request, await service.show(member, _id(request)))

    @routes.post(f"{_ONE}/burden", who="who is asked", summary="Tell the committee that this is too much, without a name")
    async def burden(request: web.Request) -> None:
        await request.app[TASKS].confirming.complain(await require_member(request), _id(request))

    @routes.get("/api/v1/task-burdens", who="the committee and its staff", summary="What members found too much")
    async def burdens(request: web.Request) -> TaskBurdensOut:
        await require_role(request, *COMMITTEE)
        service = request.app[TASKS]
        found, branches = await service.confirming.burdens(), await service.branch_names()
        return TaskBurdensOut(items=[TaskBurdenOut.of(task, title, many, day, branches) for task, title, many, day in found])


def _add_writing(routes: Routes) -> None:
    @routes.get(_ALL, who="members; those in charge see theirs", summary="Tasks the caller is in charge of, the newest first")
    async def listed(request: web.Request, query: PageQuery) -> Page[KeptTaskOut]:
        member, service = await require_member(request), request.app[TASKS]
        found, after = await service.kept(member, before=query.after, limit=query.limit)
        branches = await service.branch_names()
        return Page(items=[KeptTaskOut.of(each, branches) for each in found], next=after)

    @routes.post(
        _ALL,
        status=201,
        idempotent=True,
        max_body=_LONG,
        who="organisers, secretaries and their deputies",
        summary="Write one; it is a draft of the caller's branch, or of the committee",
    )
    async def create(request: web.Request, body: TaskIn) -> TaskOut:
        member = await require_member(request)
        return await _out(request, await request.app[TASKS].create(member, home_of(member), body.wanted()))

    @routes.put(_ONE, max_body=_LONG, who=_RUN, summary="Rewrite a draft; what was given gets another version")
    async def change(request: web.Request, body: TaskIn) -> TaskOut:
        member = await require_member(request)
        return await _out(request, await request.app[TASKS].change(member, _id(request), body.wanted()))

    @routes.delete(_ONE, who=_RUN, summary="Throw a draft away")
    async def drop(request: web.Request) -> None:
        await request.app[TASKS].drop(await require_member(request), _id(request))


def _add_moves(routes: Routes) -> None:
    @routes.post(f"{_ONE}/give", who=_RUN, summary="Give it to those it is for")
    async def give(request: web.Request) -> TaskOut:
        return await _out(request, await request.app[TASKS].give(await require_member(request), _id(request)))

    @routes.post(f"{_ONE}/close", who=_RUN, summary="Nobody confirms any more")
    async def close(request: web.Request) -> TaskOut:
        member = await require_member(request)
        return await _out(request, await request.app[TASKS].end(member, _id(request), TaskState.CLOSED))

    @routes.post(f"{_ONE}/withdraw", who=_RUN, summary="It should not have been given, and why")
    async def withdraw(request: web.Request, body: TaskWithdrawIn) -> TaskOut:
        member = await require_member(request)
        return await _out(request, await request.app[TASKS].end(member, _id(request), TaskState.WITHDRAWN, body.reason))


def _add_files(routes: Routes) -> None:
    @routes.post(
        f"{_ONE}/files", who=_RUN, summary="Hand in a picture or a PDF of 16 MB at most, as the body", answer=TaskFileOut
    )
    async def hand_in(request: web.Request, query: TaskFileQuery) -> TaskFileOut:
        member, service = await require_member(request), request.app[TASKS]
        await service.require_runs(member, _id(request))
        content = await body_within(request, MOST_BYTES, too_large)
        return TaskFileOut.of(await service.hand_in(member, _id(request), query.name, content), set())

    @routes.get(f"{_ONE}/files/{{id}}", who=_ASKED, summary="One of its files", content_type="application/octet-stream")
    async def file(request: web.Request) -> web.Response:
        member = await require_member(request)
        found, path = await request.app[TASKS].file(member, _id(request), request.match_info["id"])
        return await handed_back(request, path, found.name, found.kind, found.sha256)


def _add_roll(routes: Routes) -> None:
    @routes.get(f"{_ONE}/people", who=_KEEP, summary="Who has confirmed which version, and who has not")
    async def people(request: web.Request) -> TaskPeopleOut:
        member = await require_member(request)
        roster = await request.app[TASKS].keeping.roster(member, _id(request))
        items = [TaskPersonOut.of(line, member.id) for line in roster.lines]
        return TaskPeopleOut(items=items, version=roster.seen.version.number)

    @routes.get(f"{_ONE}/people.xlsx", who=_KEEP, summary="The same as a file", content_type=_XLSX)
    async def exported(request: web.Request) -> web.Response:
        roster = await request.app[TASKS].keeping.exported(await require_member(request), _id(request))
        content = await asyncio.to_thread(workbook, roster)
        # RFC 6266: an ASCII name for old programs, the real one in UTF-8.
        name = quote(f"确认名单 {roster.seen.version.content.title}.xlsx", safe="")
        disposition = f"attachment; filename=\"confirmations.xlsx\"; filename*=UTF-8''{name}"
        headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
        return web.Response(body=content, content_type=_XLSX, headers=headers)

    @routes.post(f"{_ONE}/remind", who=_KEEP, summary="Remind those who have not confirmed")
    async def remind(request: web.Request) -> TaskRemindedOut:
        reminded, lately = await request.app[TASKS].keeping.remind(await require_member(request), _id(request))
        return TaskRemindedOut(reminded=reminded, lately=lately)

    @routes.post(f"{_ONE}/confirmations", who=_KEEP, summary="Confirm for people without a phone, and why; never for oneself")
    async def confirm_for(request: web.Request, body: ConfirmForIn) -> ConfirmedForOut:
        member, keeping = await require_member(request), request.app[TASKS].keeping
        return ConfirmedForOut(confirmed=await keeping.confirm_for(member, _id(request), set(body.members), body.reason))

    @routes.post(f"{_ONE}/confirmations/take-back", who=_KEEP, summary="Take back what was confirmed for somebody")
    async def take_back(request: web.Request, body: TakeBackIn) -> None:
        member = await require_member(request)
        await request.app[TASKS].keeping.take_back(member, _id(request), body.member, body.reason)
