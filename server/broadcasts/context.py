"""What every handler of the feature needs of its request, and the answer that most of them give."""

from aiohttp import web

from ..core.http.peer import HTTP_SETTINGS
from ..identity import Member
from .access import set_ticket
from .links import Links
from .model import Broadcast
from .service import BroadcastService
from .views import progress_of
from .visibility import may_download
from .wire import BroadcastOut

BROADCASTS = web.AppKey("BROADCASTS", BroadcastService)


def install_broadcasts(app: web.Application, service: BroadcastService) -> None:
    """Hand the service to the handlers, and let answers carry the viewing tickets it gives."""
    app[BROADCASTS] = service
    app.on_response_prepare.append(set_ticket)


def service_of(request: web.Request) -> BroadcastService:
    return request.app[BROADCASTS]


def links_of(request: web.Request) -> Links:
    return Links(request.app[HTTP_SETTINGS].public_url)


def id_of(request: web.Request) -> str:
    return request.match_info["broadcast"]


async def show(request: web.Request, broadcast: Broadcast, member: Member | None) -> BroadcastOut:
    """The answer for one broadcast, with the ticket that opens its playlists where the caller may watch now."""
    service = service_of(request)
    progress = None
    if may_download(broadcast, member, service.settings):
        progress = progress_of(await service.download(broadcast, member))
    ticket = service.access.admit(request, broadcast, member)
    return await service.views.one(broadcast, member, links_of(request), ticket=ticket, download=progress)
