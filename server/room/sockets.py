"""Reacting, and what those who keep a room tell everybody."""

from aiohttp import web

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .model import NoticeKind
from .notices import Notices
from .service import RoomService
from .wire import NoticeAck, NoticeIn, NoticeUnpinIn, ReactIn

ROOM: web.AppKey[RoomService] = web.AppKey("ROOM")
NOTICES: web.AppKey[Notices] = web.AppKey("NOTICES")
room_events = Events("room")

_KEEPERS = "hosts of the broadcast, moderators"


@room_events.on("react", who="viewer", summary="Applaud: taps since the last batch")
async def react(connection: Connection, payload: ReactIn) -> None:
    await connection.app[ROOM].reactions.react(
        connection.who, connection.name, payload.broadcast, payload.kind, payload.count, client_id=payload.client_id
    )


@room_events.on("notice.pin", who=_KEEPERS, summary="Pin a notice above the comments, in the place of the one before")
async def pin(connection: Connection, payload: NoticeIn) -> NoticeAck:
    return await _say(connection, payload, NoticeKind.PINNED)


@room_events.on("notice.announce", who=_KEEPERS, summary="Announce something to everybody in the room, once")
async def announce(connection: Connection, payload: NoticeIn) -> NoticeAck:
    return await _say(connection, payload, NoticeKind.ANNOUNCED)


@room_events.on("notice.unpin", who=_KEEPERS, summary="Take a pinned notice down")
async def unpin(connection: Connection, payload: NoticeUnpinIn) -> None:
    await connection.app[NOTICES].unpin(require_socket_member(connection), payload.notice)


async def _say(connection: Connection, payload: NoticeIn, kind: NoticeKind) -> NoticeAck:
    member = require_socket_member(connection)
    notice = await connection.app[NOTICES].say(member, payload.broadcast, kind, payload.text, client_id=payload.client_id)
    return NoticeAck(id=notice.id)
