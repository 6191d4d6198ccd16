"""Saying something, and taking it back."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member, require_socket_speaker
from .routes import COMMENTS
from .wire import CommentAck, CommentIn, CommentRemoveIn, CommentReportIn

comment_events = Events("comments")


@comment_events.on("comment", who="viewer; visitors where the host lets them", summary="Say something in a broadcast's room")
async def comment(connection: Connection, payload: CommentIn) -> CommentAck:
    kept = await connection.app[COMMENTS].post(
        require_socket_speaker(connection),
        payload.broadcast,
        payload.text,
        client_id=payload.client_id,
        media_at=payload.media_at,
        reply_to=payload.reply_to,
    )
    return CommentAck(id=kept.id, offset=kept.offset if kept.said else None, held=not kept.said)


@comment_events.on("comment.remove", who="its author, hosts of the broadcast, moderators", summary="Take a comment back")
async def remove(connection: Connection, payload: CommentRemoveIn) -> None:
    who = require_socket_speaker(connection)
    await connection.app[COMMENTS].remove(who, payload.comment, reason=payload.reason)


@comment_events.on(
    "comment.report", who="whoever may see the broadcast", summary="Bring a comment before those who keep the room"
)
async def report(connection: Connection, payload: CommentReportIn) -> None:
    member = require_socket_member(connection)
    await connection.app[COMMENTS].report(member, payload.comment, payload.reason, payload.words, client_id=payload.client_id)
