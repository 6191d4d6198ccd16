"""Comments of a broadcast's room: written over the socket, durable before they are acknowledged, read from the journal."""

from .live import COMMENTS_PART
from .routes import COMMENTS, comment_routes
from .service import CommentService, Spoken
from .sockets import comment_events

__all__ = ["COMMENTS", "COMMENTS_PART", "CommentService", "Spoken", "comment_events", "comment_routes"]
