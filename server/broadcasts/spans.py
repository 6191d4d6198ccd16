"""When a broadcast had a picture to send, as its journal tells: from each going on air to the interruption or the end."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.journal import of_type
from .live import TYPES, channel_of
from .model import Broadcast, State

_ALL = 2**62


async def sent(session: AsyncSession, broadcast: Broadcast) -> list[tuple[datetime, datetime]]:
    """In order. Where the journal knows nothing any more, all of its time."""
    start, end = broadcast.live_at, broadcast.ended_at
    if start is None or end is None:
        return []
    turns = [(start, True)]
    for state, there in ((State.LIVE, True), (State.INTERRUPTED, False)):
        entries = await of_type(session, channel_of(broadcast.id), TYPES[state], after=0, upto=_ALL)
        turns += [(min(max(entry.at, start), end), there) for entry in entries]
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for at, there in [*sorted(turns), (end, False)]:
        if there:
            since = since or at
        elif since is not None:
            if since < at:
                found.append((since, at))
            since = None
    return found
