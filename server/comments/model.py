"""What a comment may be, when one may be written, and at which moment of the broadcast it stands. Pure rules."""

from ..broadcasts import ON_AIR, Broadcast, CommentMode, keeps_room
from ..core.errors import Conflict
from ..identity import Member

POSTED = "comment.posted"
REMOVED = "comment.removed"
MOST_CHARACTERS = 200


def check_open(broadcast: Broadcast, member: Member) -> None:
    """Raise Conflict unless this member can write comments to this broadcast now."""
    if broadcast.comment_mode is CommentMode.OFF:
        raise Conflict("comments_off", "主播关闭了评论")
    if broadcast.state not in ON_AIR:
        raise Conflict("comments_closed", "不在直播中，暂时不能评论")
    if broadcast.muted and not keeps_room(broadcast, member):
        raise Conflict("room_muted", "主播开启了全员禁言，请稍后再发")


def is_pre_moderated(broadcast: Broadcast) -> bool:
    """Whether what people write waits for a moderator; what those write who keep the room never does."""
    return broadcast.comment_mode is CommentMode.PRE_MODERATED
