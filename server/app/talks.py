"""Talks for two, and the conversations under them: sealed messages, their end in time, and their erasure."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.conversations import CONVERSATIONS, FOLDER, BlobFolder, Conversations, conversation_routes
from server.core.fanout import HUB
from server.core.http import Routes
from server.core.tasks import Tasks
from server.points import LEDGER
from server.talks import AFTERWARDS, SCRUBBED, TALK_SETTINGS, TALKS, Afterwards, TalkRetention, Talks, join_pulse, talk_routes

from .ground import HOUSEKEEPING_SECONDS, PULSE, Ground

RETENTION = web.AppKey("TALK_RETENTION", TalkRetention)


def wire(app: web.Application, ground: Ground) -> None:
    """After the points: a talk that was held is credited."""
    database, journal, clock, settings = ground.database, ground.journal, ground.clock, ground.settings
    conversations = Conversations(database, journal, clock, BlobFolder(settings.data_dir / FOLDER), beside=SCRUBBED)
    app[CONVERSATIONS] = conversations
    app[TALKS] = Talks(database, journal, conversations, app[LEDGER], ground.audit, clock)
    app[AFTERWARDS] = Afterwards(app[TALKS], journal, settings.secret_key, clock, conversations.eraser.wake)
    app[TALK_SETTINGS] = settings.talks
    app[RETENTION] = TalkRetention(app[TALKS], clock, settings.talks.keep_sealed)


def routes() -> list[Routes]:
    return [conversation_routes(), talk_routes()]


def start(stack: AsyncExitStack, app: web.Application) -> None:
    """After the hub: it tells who is writing."""
    conversations = app[CONVERSATIONS]
    stack.push_async_callback(conversations.typing.close)
    conversations.typing.start(app[HUB])
    join_pulse(app[TALKS], app[PULSE])


def start_erasing(stack: AsyncExitStack, app: web.Application) -> None:
    """Whoever erases finishes it at once; the worker what others have left."""
    stack.push_async_callback(app[CONVERSATIONS].eraser.close)
    app[CONVERSATIONS].eraser.start()


def work(tasks: Tasks, app: web.Application) -> None:
    tasks.every(HOUSEKEEPING_SECONDS, app[RETENTION].purge, "purge talks")
