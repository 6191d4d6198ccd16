"""Broadcasts and their media: media asks broadcasts who may publish and watch, broadcasts ask media what becomes of streams."""

from contextlib import AsyncExitStack
from pathlib import Path

import structlog
from aiohttp import web

from server.broadcasts import BROADCASTS, BroadcastService, broadcast_routes, install_broadcasts
from server.core.control import FolderLock
from server.core.http import Routes
from server.core.http.fastlane import RESPONDER
from server.media import MEDIA, MediaService, fast_hls, media_routes

from .ground import PULSE, Ground
from .parts import Part

log = structlog.get_logger(__name__)


def wire(app: web.Application, ground: Ground) -> None:
    settings = ground.settings
    broadcasts = BroadcastService(
        ground.database,
        ground.identity,
        settings.broadcasts,
        ground.clock,
        ground.journal,
        secret=settings.secret_key,
        data_dir=settings.data_dir,
    )
    media = MediaService(settings.media, broadcasts.authority, ground.clock)
    broadcasts.attach(media)
    install_broadcasts(app, broadcasts)
    app[MEDIA] = media


def serve(app: web.Application) -> None:
    """HLS goes around the frame that all other requests pass (decision 0201)."""
    app[RESPONDER] = fast_hls(app[MEDIA], app[BROADCASTS].access.allows_now)


def routes(part: Part) -> list[Routes]:
    """A media process answers for its own streams too (state, end, download); nginx sends those addresses to it."""
    tables = [broadcast_routes()]
    if Part.MEDIA in part:
        tables.append(media_routes())
    return tables


async def start(stack: AsyncExitStack, app: web.Application, recordings: Path) -> None:
    """Closed in the opposite order: first nobody decides about streams any more, then the streams are sealed."""
    _hold_recordings(stack, recordings)
    stack.push_async_callback(app[MEDIA].close)
    await app[MEDIA].start()
    stack.push_async_callback(app[BROADCASTS].close)
    await app[BROADCASTS].start()
    app[BROADCASTS].join(app[PULSE])


def _hold_recordings(stack: AsyncExitStack, folder: Path) -> None:
    """A second process that writes recordings would cut off what the first is writing: Conflict. A folder that cannot be
    written, or locked, is no reason to keep the broadcasts from going on air."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(FolderLock(folder, "recordings.lock"))
    except OSError as error:
        log.error("recordings_not_locked", alarm=True, reason=str(error))
