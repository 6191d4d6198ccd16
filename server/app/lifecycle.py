"""What must be awaited, in the order of need; undone in the opposite order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import structlog
from aiohttp import web

from server import __version__
from server.attendance import VISITS, WATCHING
from server.broadcasts import BROADCASTS
from server.comments import COMMENTS
from server.core.tasks import Tasks
from server.moderation import MODERATION
from server.polls import POLLS
from server.questions import QUESTIONS
from server.room import NOTICES
from server.settings import Settings

from . import broadcasting, ground, meetings, points, rooms, shaking, sockets, talks, telling
from .ground import DATABASE, FURNISHING, HOUSEKEEPING_SECONDS, PULSE
from .parts import Part

log = structlog.get_logger(__name__)


async def lifecycle(app: web.Application, settings: Settings, part: Part) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        await ground.start(stack, app, settings)
        telling.start(stack, app)
        if Part.MEDIA in part:
            await broadcasting.start(stack, app, settings.media.recordings_dir)
        if part & (Part.WEB | Part.MEDIA):
            sockets.start_hints(stack, app, part)
            rooms.start_counting(stack, app)
        if Part.WEB in part:
            await points.start(app)
            for furnish in app[FURNISHING]:
                await furnish(app)
            await rooms.start(stack, app)
            sockets.start(stack, app)
            rooms.start_watching(app)
            meetings.start(stack, app)
            talks.start(stack, app)
            shaking.start(stack, app)
            sockets.open_door(stack, app)
            await ground.start_commands(stack, app, settings)
        if part & (Part.WEB | Part.WORKER):
            points.start_sealing(stack, app)
            talks.start_erasing(stack, app)
        if Part.WORKER in part:
            points.start_publishing(app)
            telling.start_couriers(stack, app)
            _keep_house(stack, app)
        stack.push_async_callback(app[PULSE].close)
        app[PULSE].start()
        log.info("started", version=__version__, part=str(part), database=app[DATABASE].url.get_backend_name())
        yield
        log.info("stopping")


def _keep_house(stack: AsyncExitStack, app: web.Application) -> None:
    """What is done now and then, by one process of all."""
    tasks = Tasks("worker")
    stack.push_async_callback(tasks.aclose)
    for area in (ground, telling, rooms, meetings, talks):
        area.work(tasks, app)
    # A room is forgotten as a whole: each feature that keeps something of it deletes it in the same transaction.
    kept = (MODERATION, COMMENTS, POLLS, QUESTIONS, NOTICES, WATCHING, VISITS)
    retention = app[BROADCASTS].retention([app[each].purge for each in kept])
    tasks.every(HOUSEKEEPING_SECONDS, retention.purge, "purge rooms")
