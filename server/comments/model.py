"""What a comment may be, when one may be written, and at which moment of the broadcast it stands. Pure rules."""

from ..broadcasts import ON_AIR, Broadcast, CommentMode, keeps_room
from ..core.errors import Conflict, Forbidden
from ..identity import Speaker, Visitor

POSTED = "comment.posted"
REMOVED = "comment.removed"
MOST_CHARACTERS = 200


def check_open(broadcast: Broadcast, who: Speaker) -> None:
    """Raise Conflict unless they can write comments to this broadcast now; Forbidden `visitors_closed` for a visitor whom its
    host does not let write."""
    if isinstance(who, Visitor) and not broadcast.visitors_comment:
        raise Forbidden("visitors_closed", "主播没有开放访客评论，登录后可以评论")
    if broadcast.comment_mode is CommentMode.OFF:
        raise Conflict("comments_off", "主播关闭了评论")
    if broadcast.state not in ON_AIR:
        raise Conflict("comments_closed", "不在直播中，暂时不能评论")
    if broadcast.muted and not keeps_room(broadcast, who):
        raise Conflict("room_muted", "主播开启了全员禁言，请稍后再发")


def is_pre_moderated(broadcast: Broadcast, who: Speaker) -> bool:
    """Whether what they write waits for a moderator: a visitor's always, that of those who keep the room never."""
    return isinstance(who, Visitor) or broadcast.comment_mode is CommentMode.PRE_MODERATED
