"""What a comment may be, when one may be written, and at which moment of the broadcast it stands. Pure rules."""

import enum
import unicodedata
from datetime import datetime

from ..broadcasts import ON_AIR, Broadcast, CommentMode, rights
from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member

MOST_CHARACTERS = 200
# Bidirectional overrides and isolates turn the words of others around; zero-width fillers hide words from whoever moderates.
# The joiners stay: emoji and several scripts are written with them.
_REMOVED = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E}


def cleaned(text: str) -> str:
    """The text as it is kept, see `tidied`. Raise Invalid `text_empty`, `text_too_long`."""
    kept = tidied(text)
    if not kept:
        raise Invalid("text_empty", "请输入内容")
    if len(kept) > MOST_CHARACTERS:
        raise Invalid("text_too_long", f"最多 {MOST_CHARACTERS} 个字")
    return kept


def tidied(text: str) -> str:
    """Composed, on one line, without control and invisible characters."""
    kept = unicodedata.normalize("NFC", text)
    if not kept.isprintable():  # all that is removed counts as unprintable, and most comments have nothing of it
        kept = "".join(" " if character.isspace() else character for character in kept if _visible(character))
    return " ".join(kept.split())


def check_open(broadcast: Broadcast) -> None:
    """Raise Conflict unless comments can be written to this broadcast now."""
    if broadcast.comment_mode is CommentMode.OFF:
        raise Conflict("comments_off", "主播关闭了评论")
    if broadcast.comment_mode is CommentMode.PRE_MODERATED:
        raise Conflict("comments_held", "本场评论须先审核，审核功能尚未开放")
    if broadcast.state not in ON_AIR:
        raise Conflict("comments_closed", "不在直播中，暂时不能评论")


class Remover(enum.StrEnum):
    """By whose right a comment goes; that much everybody is told."""

    AUTHOR = "author"
    HOST = "host"
    MODERATOR = "moderator"


def remover(broadcast: Broadcast, member: Member, author_id: str) -> Remover:
    """Authors take back what they said, hosts and co-hosts keep order in their room, moderators everywhere. Raise Forbidden."""
    if member.id == author_id:
        return Remover.AUTHOR
    held = rights(broadcast, member)
    if held.publish:
        return Remover.HOST
    if held.moderate:
        return Remover.MODERATOR
    raise Forbidden("not_yours", "只能撤回自己的评论")


def placed(broadcast: Broadcast, media_at: datetime | None, now: datetime) -> datetime:
    """The moment of the broadcast a comment belongs to: what its writer was seeing, within what can have been seen."""
    return min(max(media_at or now, broadcast.live_at or now), now)


def _visible(character: str) -> bool:
    return character.isspace() or (ord(character) not in _REMOVED and unicodedata.category(character) not in ("Cc", "Cs"))
