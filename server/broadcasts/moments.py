"""Where and as whom somebody is seen in a broadcast's room: what comments, questions and polls have in common. Pure rules."""

import enum
from datetime import datetime

from ..core.errors import Forbidden
from ..core.journal import Author
from ..identity import Member, Speaker, Visitor, member_of
from .model import Broadcast
from .visibility import rights


def placed(broadcast: Broadcast, media_at: datetime | None, now: datetime) -> datetime:
    """The moment of the broadcast that something belongs to: what its writer was seeing, within what can have been seen."""
    return min(max(media_at or now, broadcast.live_at or now), now)


def author_of(broadcast: Broadcast, who: Speaker) -> Author:
    """As everybody in the room sees them: hosts, co-hosts, secretaries and visitors with their badge."""
    if isinstance(who, Visitor):
        return Author(who.id, who.name, "visitor")
    if broadcast.publisher(who.id) is not None:
        return Author(who.id, who.name, "host")
    return Author(who.id, who.name, "secretary" if who.is_secretary else None)


def keeps_room(broadcast: Broadcast, who: Speaker) -> bool:
    """Whether they may write while everybody else must not: whoever sends or moderates it, and secretaries."""
    return isinstance(who, Member) and (rights(broadcast, who).insider or who.is_secretary)


class Remover(enum.StrEnum):
    """By whose right a comment goes; that much everybody is told."""

    AUTHOR = "author"
    HOST = "host"
    MODERATOR = "moderator"


def remover(broadcast: Broadcast, who: Speaker, author_id: str) -> Remover:
    """Authors take back what they said, hosts and co-hosts keep order in their room, moderators everywhere. Raise Forbidden."""
    if who.id == author_id:
        return Remover.AUTHOR
    held = rights(broadcast, member_of(who))
    if held.publish:
        return Remover.HOST
    if held.moderate:
        return Remover.MODERATOR
    raise Forbidden("not_yours", "只能撤回自己发的内容")
