"""Routes that give or take files: poster, QR code, calendar entry, and the replay as one MP4.

Files are found by the id of their broadcast and never by a path from the request. What is downloaded is an attachment with a
name of its own (RFC 6266); pictures are shown in pages and carry a validator.
"""

import asyncio
import re
from urllib.parse import quote

from aiohttp import ETag, web

from ..core.errors import Conflict, NotFound, TooLarge
from ..core.http import Routes
from ..identity import caller, require_member
from .context import id_of, links_of, service_of, show
from .ics import calendar
from .limits import MAX_POSTER_BYTES
from .links import download_path, qr_svg
from .media_control import Download
from .model import Broadcast
from .views import progress_of
from .wire import BroadcastOut, DownloadStatusOut

_ONE = "/api/v1/broadcasts/{broadcast}"
# Not allowed in file names by one system or another, or able to turn a name round on screen.
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')


def add_files(routes: Routes) -> None:
    _add_poster(routes)
    _add_links(routes)
    _add_download(routes)


def _add_poster(routes: Routes) -> None:
    @routes.put(f"{_ONE}/poster", who="its host", summary="Set the poster: JPEG, PNG or WebP up to 4 MB", answer=BroadcastOut)
    async def set_poster(request: web.Request) -> BroadcastOut:
        member = await require_member(request)
        service = service_of(request)
        await service.require_host(member, id_of(request))
        data = await _body(request)
        return await show(request, await service.set_poster(member, id_of(request), data), member)

    @routes.delete(f"{_ONE}/poster", who="its host", summary="Remove the poster")
    async def remove_poster(request: web.Request) -> BroadcastOut:
        member = await require_member(request)
        return await show(request, await service_of(request).set_poster(member, id_of(request), None), member)

    @routes.get(f"{_ONE}/poster.jpg", who="viewer", summary="The poster, 1280×720", content_type="image/jpeg")
    async def poster(request: web.Request) -> web.Response:
        path, name = await service_of(request).poster(await caller(request), id_of(request))
        # The address in BroadcastOut changes with the picture; one without that mark must be asked for again.
        kept = "private, max-age=31536000, immutable" if name.startswith(request.query.get("v", "-")) else "private, no-cache"
        answer = web.Response(headers={"Cache-Control": kept, "Content-Type": "image/jpeg"})
        answer.etag = name
        if ETag(name) in (request.if_none_match or ()):
            answer.set_status(304)
            return answer
        try:
            answer.body = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound("poster_not_found", "这场直播没有封面") from None
        return answer


def _add_links(routes: Routes) -> None:
    @routes.get(f"{_ONE}/qr.svg", who="viewer", summary="QR code of the link to the room", content_type="image/svg+xml")
    async def qr(request: web.Request) -> web.Response:
        broadcast = await service_of(request).find(await caller(request), id_of(request))
        picture = await asyncio.to_thread(qr_svg, links_of(request).room(broadcast.id))
        headers = {"Cache-Control": "private, max-age=86400"}
        return web.Response(body=picture, content_type="image/svg+xml", headers=headers)

    @routes.get(f"{_ONE}/calendar.ics", who="viewer", summary="Calendar entry (RFC 5545)", content_type="text/calendar")
    async def ics(request: web.Request) -> web.Response:
        service, links = service_of(request), links_of(request)
        broadcast = await service.find(await caller(request), id_of(request))
        entry = calendar(
            broadcast,
            link=links.room(broadcast.id),
            host=await service.name_of(broadcast.host_id),
            domain=links.host,
            now=service.now(),
        )
        headers = {"Content-Type": "text/calendar; charset=utf-8", "Content-Disposition": attachment(broadcast, "ics")}
        return web.Response(body=entry, headers=headers)


def _add_download(routes: Routes) -> None:
    @routes.post(
        f"{_ONE}/download", status=202, who="viewer, where the host allows it", summary="Have the replay made into one MP4"
    )
    async def start_download(request: web.Request) -> DownloadStatusOut:
        member = await require_member(request)
        service = service_of(request)
        broadcast = await service.find(member, id_of(request))
        return _status(broadcast, await service.download(broadcast, member, start=True))

    @routes.get(f"{_ONE}/download", who="viewer, where the host allows it", summary="How far the MP4 is")
    async def download(request: web.Request) -> DownloadStatusOut:
        service, member = service_of(request), await caller(request)
        broadcast = await service.find(member, id_of(request))
        return _status(broadcast, await service.download(broadcast, member))

    @routes.get(
        f"{_ONE}/download.mp4", who="viewer, where the host allows it", summary="The MP4; takes Range", content_type="video/mp4"
    )
    async def file(request: web.Request) -> web.StreamResponse:
        service, member = service_of(request), await caller(request)
        broadcast = await service.find(member, id_of(request))
        path = (await service.download(broadcast, member)).path
        if path is None:
            raise Conflict("download_not_ready", "下载文件尚未生成")
        headers = {
            "Content-Type": "video/mp4",
            "Content-Disposition": attachment(broadcast, "mp4"),
            "Cache-Control": "private, no-cache",
        }
        return web.FileResponse(path, headers=headers)


def attachment(broadcast: Broadcast, extension: str) -> str:
    """Content-Disposition of RFC 6266: the title for clients of today (RFC 8187), plain ASCII for all others."""
    day = broadcast.starts_at.strftime("%Y-%m-%d")
    title = " ".join(_UNFIT.sub(" ", broadcast.title).split()).strip(" .") or "直播"
    name = quote(f"{title} {day}.{extension}", safe="")
    return f"attachment; filename=\"hongbo-{day}.{extension}\"; filename*=UTF-8''{name}"


def _status(broadcast: Broadcast, download: Download) -> DownloadStatusOut:
    now = progress_of(download)
    url = download_path(broadcast.id) if now.state == "ready" else None
    return DownloadStatusOut(state=now.state, progress=now.progress, url=url)


async def _body(request: web.Request) -> bytes:
    """The raw body, read no further than the limit."""
    refusal = TooLarge("poster_too_large", "图片不能超过 4 MB")
    if request.content_length is not None and request.content_length > MAX_POSTER_BYTES:
        raise refusal
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > MAX_POSTER_BYTES:
            raise refusal
    return bytes(data)
