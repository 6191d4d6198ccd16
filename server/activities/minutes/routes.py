"""Records of meetings over HTTP."""

from urllib.parse import quote

from aiohttp import web

from ...core.cabinet import MOST_BYTES, too_large
from ...core.http import Routes
from ...core.http.uploads import body_within, handed_back
from ...identity import require_member
from ..serving import id_of
from .files import file_name, printed, workbook
from .service import Changed, MinutesDesk, Shown
from .wire import (
    AmendmentIn,
    AttachmentQuery,
    NamedIn,
    RecordIn,
    RecordOut,
    ReturnIn,
    VersionIn,
    WaitingRecordOut,
    WaitingRecordsOut,
)

MINUTES: web.AppKey[MinutesDesk] = web.AppKey("MINUTES")
_RECORD = "/api/v1/activities/{activity}/record"
_READERS = "who took part, once it is confirmed; before, who runs it, chairs it or writes"
_WRITERS = "the recorder, those who run it"
_CONFIRMERS = "the chair, the secretary; never the recorder"
_WHOLE = "who runs it, chairs it or writes its record"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_minutes(routes: Routes) -> None:
    _add_text(routes)
    _add_moves(routes)
    _add_files(routes)
    _add_attachments(routes)


def desk_of(request: web.Request) -> MinutesDesk:
    return request.app[MINUTES]


def _add_text(routes: Routes) -> None:
    @routes.get("/api/v1/me/records", who="members", summary="Records that wait for the caller, who chaired, to confirm them")
    async def waiting(request: web.Request) -> WaitingRecordsOut:
        found, people = await desk_of(request).waiting(await require_member(request))
        return WaitingRecordsOut(items=[WaitingRecordOut.of(each, people) for each in found])

    @routes.get(_RECORD, who=_READERS, summary="The record of the meeting")
    async def record(request: web.Request) -> RecordOut:
        return RecordOut.of(await desk_of(request).show(await require_member(request), id_of(request)))

    @routes.put(
        _RECORD,
        who=_WRITERS,
        max_body=1024 * 1024,
        summary="Save the text; 409 `record_changed` carries the newer one",
    )
    async def save(request: web.Request, body: RecordIn) -> RecordOut:
        member, desk, activity = await require_member(request), desk_of(request), id_of(request)
        try:
            return RecordOut.of(await desk.save(member, activity, body.version, body.content()))
        except Changed as changed:
            newer = RecordOut.of(await desk.show(member, activity))
            raise Changed(newer.version, record=newer.model_dump(mode="json")) from changed

    @routes.put(f"{_RECORD}/people", who="those who run it", summary="Name the chair and the recorder")
    async def named(request: web.Request, body: NamedIn) -> RecordOut:
        member = await require_member(request)
        return RecordOut.of(await desk_of(request).name(member, id_of(request), chair=body.chair, recorder=body.recorder))


def _add_moves(routes: Routes) -> None:
    @routes.post(f"{_RECORD}/submit", who="the recorder", summary="Hand it in for confirmation")
    async def submit(request: web.Request, body: VersionIn) -> RecordOut:
        return RecordOut.of(await desk_of(request).submit(await require_member(request), id_of(request), body.version))

    @routes.post(f"{_RECORD}/return", who=f"{_CONFIRMERS}; the recorder takes it back", summary="Send it back, and why")
    async def send_back(request: web.Request, body: ReturnIn) -> RecordOut:
        return RecordOut.of(await desk_of(request).send_back(await require_member(request), id_of(request), body.reason))

    @routes.post(f"{_RECORD}/confirm", who=_CONFIRMERS, summary="Confirm it; then it is only amended")
    async def confirm(request: web.Request, body: VersionIn) -> RecordOut:
        return RecordOut.of(await desk_of(request).confirm(await require_member(request), id_of(request), body.version))

    @routes.post(f"{_RECORD}/amendments", who=_WHOLE, summary="Put something right that is confirmed")
    async def amend(request: web.Request, body: AmendmentIn) -> RecordOut:
        member = await require_member(request)
        given = body.model_dump()
        return RecordOut.of(await desk_of(request).amend(member, id_of(request), **given))


def _add_files(routes: Routes) -> None:
    @routes.get(f"{_RECORD}.pdf", who=_WHOLE, summary="The complete file, for paper", content_type="application/pdf")
    async def pdf(request: web.Request) -> web.Response:
        desk = desk_of(request)
        shown = await desk.whole(await require_member(request), id_of(request))
        pictures = await desk.pictures(shown)
        content = await printed(desk.press, shown, pictures, await desk.branch_names(), desk.now())
        return _file(content, "application/pdf", shown, "pdf")

    @routes.get(f"{_RECORD}.xlsx", who=_WHOLE, summary="The complete file, as a workbook", content_type=_XLSX)
    async def xlsx(request: web.Request) -> web.Response:
        desk = desk_of(request)
        shown = await desk.whole(await require_member(request), id_of(request))
        return _file(await workbook(shown, await desk.branch_names(), desk.now()), _XLSX, shown, "xlsx")


def _add_attachments(routes: Routes) -> None:
    @routes.post(
        f"{_RECORD}/attachments", who=_WHOLE, summary="Add a picture or a PDF of 16 MB at most, as the body", answer=RecordOut
    )
    async def attach(request: web.Request, query: AttachmentQuery) -> RecordOut:
        member, desk, activity = await require_member(request), desk_of(request), id_of(request)
        await desk.require_attaches(member, activity)
        return RecordOut.of(await desk.attach(member, activity, query.name, await body_within(request, MOST_BYTES, too_large)))

    @routes.get(f"{_RECORD}/attachments/{{id}}", who=_READERS, summary="One of them", content_type="application/octet-stream")
    async def attachment(request: web.Request) -> web.Response:
        member, desk = await require_member(request), desk_of(request)
        found, path = await desk.attachment(member, id_of(request), request.match_info["id"])
        return await handed_back(request, path, found.name, found.kind, found.sha256)

    @routes.delete(f"{_RECORD}/attachments/{{id}}", who=_WHOLE, summary="Remove one, while it is a draft")
    async def detach(request: web.Request) -> RecordOut:
        member, desk = await require_member(request), desk_of(request)
        return RecordOut.of(await desk.detach(member, id_of(request), request.match_info["id"]))


def _file(content: bytes, kind: str, shown: Shown, extension: str) -> web.Response:
    """RFC 6266: an ASCII name for old programs, the real one in UTF-8."""
    name = quote(f"{file_name(shown.activity)}.{extension}", safe="")
    disposition = f"attachment; filename=\"record.{extension}\"; filename*=UTF-8''{name}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)
