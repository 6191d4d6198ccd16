"""What is live: which channels there are, of which parts their snapshots are made, and the door that people come in by."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.attendance import ROLL_CALLS_PART, attendance_events
from server.broadcasts import BROADCASTS, KIND, STATE_PART, BroadcastSurface
from server.comments import COMMENTS_PART, comment_events
from server.conversations import (
    CHANNEL_KIND,
    CONVERSATION_PARTS,
    CONVERSATIONS,
    ConversationSurface,
    conversation_events,
)
from server.core.fanout import HUB, Hub, channel_events
from server.core.sockets import Dispatch, Door, socket_route
from server.identity import IDENTITY, MEMBER_KIND, Callers, MemberSurface
from server.moderation import (
    DESK_HELD_PART,
    DESK_KIND,
    DESK_MUTES_PART,
    MODERATION,
    OWN_HELD_PART,
    OWN_MUTES_PART,
    DeskSurface,
    reports_part,
)
from server.polls import POLLS_PART, poll_events
from server.questions import QUESTIONS_PART, question_events
from server.room import ROOM, notices_part, room_events
from server.settings import Settings
from server.shake import OWN_SHAKE_PART, SHAKE_KIND, SHAKE_PART, ShakeSurface, shake_events
from server.talks import OWN_TALK_PART, TALK_PART

from .ground import HINTS, JOURNAL, Ground
from .parts import Part

DOOR = web.AppKey("DOOR", Door)
EVENTS = (
    channel_events,
    attendance_events,
    comment_events,
    conversation_events,
    poll_events,
    question_events,
    room_events,
    shake_events,
)


def wire(app: web.Application, ground: Ground) -> None:
    settings = ground.settings
    hub = Hub(ground.database, ground.journal, app[HINTS], settings.fanout)
    _add_rooms(hub, app, settings)
    _add_desks(hub, app, settings)
    _add_members(hub)
    _add_talks(hub, app)
    hub.surface(SHAKE_KIND, ShakeSurface(ground.database))
    hub.part(SHAKE_KIND, SHAKE_PART)
    app[ROOM].serve(hub)
    app[HUB] = hub
    door = Door(Callers(app[IDENTITY]), Dispatch(EVENTS), hub.leave, settings.sockets, settings.http.origins, ground.clock)
    app[DOOR] = door

    async def say_goodbye(_: web.Application) -> None:
        await door.close()  # before the server waits for its handlers: each open socket is one

    app.on_shutdown.append(say_goodbye)
    socket_route(app, door)


def _add_rooms(hub: Hub, app: web.Application, settings: Settings) -> None:
    hub.surface(KIND, BroadcastSurface(app[BROADCASTS].access, settings.broadcasts))
    parts = (STATE_PART, COMMENTS_PART, POLLS_PART, QUESTIONS_PART, ROLL_CALLS_PART, notices_part(app[JOURNAL]))
    for part in parts:
        hub.part(KIND, part)


def _add_desks(hub: Hub, app: web.Application, settings: Settings) -> None:
    hub.surface(DESK_KIND, DeskSurface(app[MODERATION].rooms))
    for part in (DESK_HELD_PART, DESK_MUTES_PART, reports_part(settings.moderation.reports_to_top)):
        hub.part(DESK_KIND, part)


def _add_members(hub: Hub) -> None:
    hub.surface(MEMBER_KIND, MemberSurface())
    for part in (OWN_HELD_PART, OWN_MUTES_PART, OWN_SHAKE_PART, OWN_TALK_PART):
        hub.part(MEMBER_KIND, part)


def _add_talks(hub: Hub, app: web.Application) -> None:
    hub.surface(CHANNEL_KIND, ConversationSurface(app[CONVERSATIONS].register))
    for part in (TALK_PART, *CONVERSATION_PARTS):
        hub.part(CHANNEL_KIND, part)


def start_hints(stack: AsyncExitStack, app: web.Application, part: Part) -> None:
    stack.push_async_callback(app[HINTS].close)
    app[HINTS].start(app[HUB].hint if Part.WEB in part else _ignore)


def start(stack: AsyncExitStack, app: web.Application) -> None:
    stack.push_async_callback(app[HUB].close)
    app[HUB].start()


def open_door(stack: AsyncExitStack, app: web.Application) -> None:
    """Last: whoever comes in finds everything running."""
    stack.push_async_callback(app[DOOR].close)
    app[DOOR].start()


def _ignore(channel: str, head: int) -> None:
    """A process that serves no sockets only tells."""
