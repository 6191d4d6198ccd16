"""What goes on around a broadcast: who is there, what is said, asked and voted on, who keeps order, and the report of it."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.broadcasts import BROADCASTS, BroadcastRooms
from server.comments import COMMENTS, CommentService, comment_routes
from server.core.fanout import HUB
from server.core.http import Routes
from server.core.tasks import Tasks
from server.moderation import MODERATION, Moderation, moderation_routes
from server.points import LEDGER
from server.polls import POLLS, PollService, PollWatch, poll_routes
from server.questions import QUESTIONS, QuestionService, question_routes
from server.reports import REPORTS, ReportService, report_routes
from server.room import NOTICES, ROOM, Notices, RoomService, room_routes

from .ground import HOUSEKEEPING_SECONDS, PULSE, Ground


def wire(app: web.Application, ground: Ground) -> None:
    """After the points: an adopted question is credited."""
    database, journal, clock, broadcasts = ground.database, ground.journal, ground.clock, app[BROADCASTS]
    moderation = Moderation(
        database,
        journal,
        ground.identity,
        ground.audit,
        clock,
        BroadcastRooms(broadcasts),
        ground.settings.moderation,
    )
    app[MODERATION] = moderation
    app[COMMENTS] = CommentService(database, journal, broadcasts, moderation, clock)
    app[POLLS] = PollService(database, journal, broadcasts, clock)
    app[QUESTIONS] = QuestionService(database, journal, broadcasts, moderation, app[LEDGER], clock)
    app[NOTICES] = Notices(database, journal, broadcasts, clock)
    app[ROOM] = RoomService(database, broadcasts, clock)
    app[REPORTS] = ReportService(broadcasts, app[COMMENTS], app[QUESTIONS], app[POLLS], app[ROOM])
    broadcasts.attach_audience(app[ROOM])


def routes() -> list[Routes]:
    return [moderation_routes(), comment_routes(), poll_routes(), report_routes(), question_routes(), room_routes()]


def start_counting(stack: AsyncExitStack, app: web.Application) -> None:
    """Who watches is counted where they come in, and where they watch."""
    stack.push_async_callback(app[ROOM].close)
    app[ROOM].start()


async def start(stack: AsyncExitStack, app: web.Application) -> None:
    await app[MODERATION].start(app[PULSE])
    stack.push_async_callback(app[COMMENTS].close)
    stack.push_async_callback(app[POLLS].close)
    stack.push_async_callback(app[QUESTIONS].close)
    app[QUESTIONS].start()


def start_watching(app: web.Application) -> None:
    """What the hub's listeners are told without anybody writing: how a poll goes."""
    PollWatch(app[POLLS], app[HUB]).join(app[PULSE])


def work(tasks: Tasks, app: web.Application) -> None:
    tasks.every(HOUSEKEEPING_SECONDS, app[ROOM].reactions.purge, "purge reaction batches")
