"""Comments in the order of the moments they belong to, as a replay shows them.

The journal knows the order in which they were written; whoever watches some seconds behind, or had paused, writes of an
earlier moment than others did before. An index for that in the database would be paid for by every comment while the room is
busy. So the moments of a broadcast are read from the journal when somebody watches its replay, and kept; every question first
reads what was written since, hence the answer is never older than the database, in whichever process.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, inf

from ..broadcasts import channel_of
from ..core.db import Database
from ..core.flight import SingleFlight
from ..core.journal import REDACTS, Position, moments, of_type, position
from .model import POSTED, REMOVED

Moment = tuple[int, float]
"""ms since the epoch, and the offset that orders what belongs to the same millisecond."""

_KEPT = 64  # broadcasts
_AT_ONCE = 4_000  # offsets read in one go
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """As clients read it: what is finer is cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def at_milliseconds(ms: int) -> datetime:
    return _EPOCH + ms * _MILLISECOND


def moment_of(text: str, *, last: bool) -> Moment:
    """`<ms>` or `<ms>.<offset>`; without an offset it lies after all of that millisecond (`last`), or before them."""
    ms, _, offset = text.partition(".")
    return (int(ms), float(offset) if offset else inf if last else -inf)


class Timeline:
    """Those comments of one broadcast that stand. Pure."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def add(self, said: Iterable[tuple[int, datetime]], taken_back: Iterable[int]) -> None:
        """Offsets with their moments, and offsets of what was taken back since."""
        self.moments += [(milliseconds(at), offset) for offset, at in said]
        if gone := set(taken_back):
            self.moments = [each for each in self.moments if each[1] not in gone]
        self.moments.sort()

    def after(self, moment: Moment, limit: int) -> tuple[list[Moment], bool]:
        """The first that follow, and whether there are more."""
        start = bisect_right(self.moments, moment)
        return self.moments[start : start + limit], start + limit < len(self.moments)

    def before(self, moment: Moment, limit: int) -> tuple[list[Moment], bool]:
        """The last in front of it, in order, and whether there are more."""
        end = bisect_left(self.moments, moment)
        return self.moments[max(0, end - limit) : end], end > limit

    def heat(self, start: int, end: int, most: int) -> tuple[int, list[int]]:
        """How many seconds each of at most `most` equal spans lasts, and how many comments each holds."""
        seconds = max(1, ceil((end - start) / 1000 / most))
        edges = range(start, max(end, start + 1) + seconds * 1000, seconds * 1000)
        places = [bisect_left(self.moments, (edge, -inf)) for edge in edges]
        return seconds, [later - earlier for earlier, later in pairwise(places)][:most]


class Timelines:
    """Those of the broadcasts that were asked for last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, tuple[Timeline, Position]] = OrderedDict()
        self._flight: SingleFlight[Timeline] = SingleFlight()

    async def of(self, broadcast_id: str) -> Timeline:
        return await self._flight.run(broadcast_id, lambda: self._read_on(broadcast_id))

    async def _read_on(self, broadcast_id: str) -> Timeline:
        channel = channel_of(broadcast_id)
        timeline, reached = self._kept.pop(broadcast_id, (Timeline(), Position()))
        async with self._database.reading() as session:
            now = await position(session, channel)
        if now.epoch != reached.epoch:
            timeline, reached = Timeline(), Position(now.epoch)
        head = reached.head
        while head < now.head:
            upto = min(now.head, head + _AT_ONCE)
            async with self._database.reading() as session:
                said = await moments(session, channel, POSTED, after=head, upto=upto)
                removals = await of_type(session, channel, REMOVED, after=head, upto=upto)
            timeline.add(said, (removal.data[REDACTS] for removal in removals))
            head = upto
        self._kept[broadcast_id] = (timeline, now)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return timeline
