"""Watch time as it is kept: added up in the database by group commits, and acknowledged once it is durable.

The report before is remembered with its connection, in this process alone: a page that connects anew begins anew, and loses
what lay between. The time is its member's own evidence; nobody else is shown it, and by itself it earns nothing. What it proves
is where the picture of a replay has been: there its roll-calls are opened (`replays`), in the same transaction.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..broadcasts import Broadcast, BroadcastService
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.journal import GroupCommit
from ..identity import Member
from . import watch_store
from .replay_model import Prompt, is_replay
from .replays import Replays, Step
from .watched import Earned, Interval, Report, earned

_REMEMBERED = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Add:
    broadcast_id: str
    member_id: str
    earned: Earned
    replay: tuple[Broadcast, Interval] | None  # what the picture of a replay has moved on

    @property
    def key(self) -> watch_store.Key:
        return self.broadcast_id, self.member_id


@dataclass(frozen=True, slots=True)
class Heard:
    """What a report came to: the ms that its member has watched of the broadcast, ever, and what they are asked now."""

    ms: int
    prompt: Prompt | None = None


class Watching:
    def __init__(self, database: Database, broadcasts: BroadcastService, replays: Replays, clock: Clock) -> None:
        self._database, self._broadcasts, self._replays, self._clock = database, broadcasts, replays, clock
        self._commits: GroupCommit[_Add, Heard] = GroupCommit(database, self._write, name="watching")
        self._last: OrderedDict[tuple[str, str], Report] = OrderedDict()  # by connection and broadcast

    async def close(self) -> None:
        await self._commits.aclose()

    async def report(
        self, member: Member, broadcast_id: str, connection: str, *, media_at: datetime, playing: bool, visible: bool
    ) -> Heard:
        """Raise NotFound as `find` does."""
        broadcast = await self._broadcasts.find_now(member, broadcast_id)
        now = self._clock.now()
        if broadcast.live_at is None:
            return Heard(0)
        report = Report(_ms(now - _EPOCH), _ms(media_at - broadcast.live_at), playing and visible)
        before = self._last.pop((connection, broadcast_id), None)
        self._last[connection, broadcast_id] = report
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        found = earned(before, report, _aired(broadcast, now))
        if found is None:
            return Heard(await self.watched(member, broadcast_id))
        moved = (before.media, report.media) if before is not None and is_replay(broadcast) else None
        replay = None if moved is None else (broadcast, moved)
        return await self._commits.submit(_Add(broadcast_id, member.id, found, replay))

    async def watched(self, member: Member, broadcast_id: str) -> int:
        async with self._database.reading() as session:
            return (await watch_store.read(session, broadcast_id, member.id)).ms

    async def purge(self, session: Session, broadcast_id: str) -> None:
        await watch_store.purge(session, broadcast_id)

    async def _write(self, session: Session, adds: Sequence[_Add], careful: bool) -> list[Heard]:
        kept = await watch_store.hold(session, {each.key for each in adds})
        watched = []
        for each in adds:
            kept[each.key] = kept[each.key].plus(each.earned)
            watched.append(kept[each.key].ms)
        await watch_store.save(session, kept)
        steps = [
            Step(each.replay[0], each.member_id, each.replay[1], ms)
            for each, ms in zip(adds, watched, strict=True)
            if each.replay
        ]
        asked = await self._replays.passed(session, steps) if steps else {}
        return [Heard(ms, asked.get(each.key)) for each, ms in zip(adds, watched, strict=True)]


def _aired(broadcast: Broadcast, now: datetime) -> int:
    """How many ms of it there are to be seen."""
    start = broadcast.live_at or now
    return max(0, _ms(min(broadcast.ended_at or now, now) - start))


def _ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
