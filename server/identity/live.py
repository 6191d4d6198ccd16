"""What one member alone is told: the channel `member:<id>`. Features add their parts to it."""

from ..core.fanout import Rule
from ..core.journal import channel_name
from ..core.sockets import Who

MEMBER_KIND = "member"


def member_channel(member_id: str) -> str:
    return channel_name(MEMBER_KIND, member_id)


class MemberSurface:
    """Nobody but the member listens; other people's channels look like none. Whether there is such a member need not be asked:
    only they have the id."""

    async def rule(self, key: str) -> Rule | None:
        return lambda who: _is(who, key)


def _is(who: Who | None, key: str) -> bool:
    return who is not None and who.id == key
