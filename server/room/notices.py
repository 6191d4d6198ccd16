"""Notices of those who keep a room: one is pinned above the comments, others are announced once, over them.

Both are entries of the room's journal, so that a replay shows them at their time. The same `client_id` again says nothing
twice; with other words it is refused. A notice that is pinned takes the place of the one before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..broadcasts import BroadcastService, author_of, channel_of, placed
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.fanout import Part, State
from ..core.ids import new_id
from ..core.journal import Draft, Entry, Journal
from ..core.texts import written
from ..identity import Member
from . import notice_store
from .model import MOST_CHARACTERS, NoticeKind, check_keeper
from .notice_store import Notice

log = structlog.get_logger(__name__)

PINNED = "notice.pinned"
UNPINNED = "notice.unpinned"
ANNOUNCED = "notice.announced"
_TYPES = {NoticeKind.PINNED: PINNED, NoticeKind.ANNOUNCED: ANNOUNCED}
_MOST = 200  # of one broadcast, on its page


@dataclass(frozen=True, slots=True)
class Said:
    """A notice, its entry, and how long it was pinned."""

    notice: Notice
    entry: Entry

    @property
    def until(self) -> datetime | None:
        return self.notice.unpinned_at


class Notices:
    def __init__(self, database: Database, journal: Journal, broadcasts: BroadcastService, clock: Clock) -> None:
        self._database, self._journal, self._broadcasts, self._clock = database, journal, broadcasts, clock

    async def say(self, member: Member, broadcast_id: str, kind: NoticeKind, text: str, *, client_id: str) -> Notice:
        """Raise NotFound for a broadcast that is not theirs to see, Forbidden `keeper_needed`, Conflict `broadcast_over`,
        `client_id_reused`, Invalid `text_empty`, `text_too_long`."""
        words, now = written(text, most=MOST_CHARACTERS), self._clock.now()
        broadcast = await self._broadcasts.find(member, broadcast_id)
        check_keeper(broadcast, member)
        asked = Notice(new_id(), broadcast_id, kind, words, member.id, client_id)
        async with self._database.transaction() as session:
            kept = await notice_store.claim(session, asked)
            if kept.said != asked.said:
                raise Conflict("client_id_reused", "这个 client_id 已用于另一条公告")
            if kept is not asked:
                return kept
            if kind is NoticeKind.PINNED:
                await notice_store.unpin(session, broadcast_id, now, other_than=asked.id)
            data = {"id": asked.id, "text": words}
            draft = Draft(
                channel_of(broadcast_id), _TYPES[kind], data, author_of(broadcast, member), placed(broadcast, None, now)
            )
            (entry,) = await self._journal.append(session, draft)
            await notice_store.settle(session, asked.id, entry.offset)
        log.info("notice_said", broadcast_id=broadcast_id, notice_id=asked.id, kind=kind.value, by=member.id)
        return asked

    async def unpin(self, member: Member, notice_id: str) -> None:
        """The second time nothing happens. Raise NotFound `notice_not_found`, and as `say` does."""
        async with self._database.reading() as session:
            notice = await notice_store.find(session, notice_id)
        if notice is None:
            raise NotFound("notice_not_found", "没有这条公告")
        broadcast, now = await self._broadcasts.find(member, notice.broadcast_id), self._clock.now()
        check_keeper(broadcast, member)
        async with self._database.transaction() as session:
            found = await notice_store.find(session, notice_id)
            if (
                found is None
                or found.unpinned_at is not None
                or not await notice_store.unpin(session, notice.broadcast_id, now)
            ):
                return
            at = placed(broadcast, None, now)
            draft = Draft(
                channel_of(notice.broadcast_id), UNPINNED, {"id": notice_id}, author_of(broadcast, member), media_at=at
            )
            await self._journal.append(session, draft)
        log.info("notice_unpinned", broadcast_id=notice.broadcast_id, notice_id=notice_id, by=member.id)

    async def purge(self, session: Session, broadcast_id: str) -> None:
        """Delete what is kept of a broadcast's notices beside the journal. Numbers of people and reactions name nobody, and
        stay."""
        await notice_store.purge(session, broadcast_id)

    async def all_of(self, member: Member | None, broadcast_id: str) -> list[Said]:
        """What was pinned and announced, in order."""
        await self._broadcasts.find(member, broadcast_id)
        async with self._database.reading() as session:
            notices = await notice_store.all_of(session, broadcast_id, limit=_MOST)
            return [Said(notice, await _entry(self._journal, session, notice)) for notice in notices]


async def _entry(journal: Journal, session: AsyncSession, notice: Notice) -> Entry:
    (entry,) = await journal.read_in(session, channel_of(notice.broadcast_id), after=notice.offset - 1, limit=1)
    return entry


def notices_part(journal: Journal) -> Part:
    """The notices' part of a room's snapshot: what is pinned, and the last announcement."""

    async def snapshot(session: AsyncSession, key: str) -> State:
        shown: dict[str, Any] = {"pinned": None, "announced": None}
        for kind in NoticeKind:
            notice = await notice_store.newest(session, key, kind)
            if notice is not None and notice.unpinned_at is None:
                shown[kind.value] = (await _entry(journal, session, notice)).wire()
        return shown

    return Part("notices", snapshot, _apply)


def _apply(state: State, entry: Entry) -> State:
    if entry.type == PINNED:
        return {**state, "pinned": entry.wire()}
    if entry.type == ANNOUNCED:
        return {**state, "announced": entry.wire()}
    if entry.type == UNPINNED:
        return {**state, "pinned": None}
    return state
