"""The `comment` event."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .routes import COMMENTS
from .wire import CommentAck, CommentIn

comment_events = Events("comments")


@comment_events.on("comment", who="viewer", summary="Say something in a broadcast's room")
async def comment(connection: Connection, payload: CommentIn) -> CommentAck:
    kept = await connection.app[COMMENTS].post(
        require_socket_member(connection),
        payload.broadcast,
        payload.text,
        client_id=payload.client_id,
        media_at=payload.media_at,
        reply_to=payload.reply_to,
    )
    return CommentAck(id=kept.id, offset=kept.offset, held=False)
