"""Writing comments: decide, then join the next group commit, answer when it is durable.

Whether somebody may write is decided on what is remembered of the broadcast for a few seconds; a broadcast that ends in this
process closes its comments at once. The same `client_id` gives the same answer, also after a restart; with other words it is a
mistake and is refused.

What moderation holds is written in the same commit as everything else, with the offset 0: so it is known by its `client_id`
from then on, whatever becomes of it, and whatever word lists or the room's mode have become meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from ..broadcasts import BroadcastService, author_of, channel_of, keeps_room, placed, remover
from ..core.audit import Act
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, NotFound, Unavailable
from ..core.ids import digest, new_id
from ..core.journal import Draft, Entry, GroupCommit, Journal, at_offsets, newest
from ..core.texts import tidied, written
from ..identity import Member, Speaker, member_of
from ..moderation import Held, HeldState, Hit, Moderation, ReportReason, Said
from . import store
from .evidence import CommentEvidence
from .held import KIND, HeldComments, held_comment, said_of
from .model import MOST_CHARACTERS, POSTED, REMOVED, check_open, is_pre_moderated
from .slow import too_soon
from .store import Kept, Removed
from .timeline import Moment, Timelines, at_milliseconds, milliseconds

log = structlog.get_logger(__name__)

SHOWN = 100  # comments in a snapshot
_SCANNED = 500
_SPANS = 200  # of a heat


class _Write(NamedTuple):
    """A comment to be said now (`draft`), or to be held."""

    id: str
    draft: Draft | None
    held: Held | None
    hits: Sequence[Hit]  # of a comment to be said: what a list has marked in it
    slow_seconds: int  # that must lie between this comment and the author's last one here
    broadcast_id: str
    author_id: str
    client_id: str
    digest: str

    @property
    def key(self) -> tuple[str, str]:
        return (self.author_id, self.client_id)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said in a room, for reports: the moments of the comments that stand, how many were taken back, and who wrote."""

    moments: list[datetime]
    removed: int
    people: set[str]


class CommentService:
    def __init__(
        self, database: Database, journal: Journal, broadcasts: BroadcastService, moderation: Moderation, clock: Clock
    ) -> None:
        self._database, self._journal, self._broadcasts, self._clock = database, journal, broadcasts, clock
        self._moderation = moderation
        moderation.register(KIND, HeldComments(), CommentEvidence(database, journal))
        self._commits: GroupCommit[_Write, Kept] = GroupCommit(database, self._write, name="comments", at_once=True)
        self._timelines = Timelines(database)

    async def close(self) -> None:
        await self._commits.aclose()

    async def post(
        self,
        who: Speaker,
        broadcast_id: str,
        text: str,
        *,
        client_id: str,
        media_at: datetime | None = None,
        reply_to: str | None = None,
    ) -> Kept:
        """It may be held, and is not `said` then. Raise NotFound for a broadcast that is not the caller's to see, Conflict
        `comments_off`, `comments_closed`, `client_id_reused`, `reply_gone`, `comment_rejected`, Forbidden `muted`,
        `visitors_closed`, Unprocessable `text_refused`, Unavailable `queue_full`, Invalid `text_empty`, `text_too_long`."""
        words = written(text, most=MOST_CHARACTERS)
        asked = digest(f"{broadcast_id}\n{reply_to}\n{words}")
        data: dict[str, Any] = {"id": new_id(), "text": words}
        try:
            broadcast = await self._broadcasts.find_ready(member_of(who), broadcast_id, lambda found: check_open(found, who))
            self._moderation.check_may_write(who, broadcast_id)
            if reply_to is not None:
                data |= {"reply_to": reply_to, "reply_name": await self._answered(broadcast_id, reply_to)}
            verdict = self._moderation.screen(
                [words], pre_moderated=is_pre_moderated(broadcast, who), trusted=keeps_room(broadcast, who)
            )
            verdict.check()
        except AppError:
            # It may have been written before the broadcast ended, or what it answers was removed, and the answer lost.
            if (kept := await self._kept(who.id, client_id)) is None:
                raise
            return await self._again(kept, asked)
        now = self._clock.now()
        at = placed(broadcast, media_at, now)
        draft = held = None
        if verdict.held:
            held = held_comment(broadcast, who, data, verdict, at=now, media_at=at)
        else:
            draft = Draft(channel_of(broadcast_id), POSTED, data, by=author_of(broadcast, who), media_at=at)
        slow = 0 if keeps_room(broadcast, who) else broadcast.slow_seconds
        write = _Write(data["id"], draft, held, verdict.hits, slow, broadcast_id, who.id, client_id, asked)
        kept = await self._commits.submit(write)
        return kept if kept.id == data["id"] else await self._again(kept, asked)

    async def _again(self, kept: Kept, asked: str) -> Kept:
        """What was written under the client_id before, if it is what is asked for now. Raise Conflict `client_id_reused`, or
        `comment_rejected` with the reason."""
        if kept.digest != asked:
            raise Conflict("client_id_reused", "这个 client_id 已用于另一条评论")
        if not kept.said:
            async with self._database.reading() as session:
                held = await self._moderation.holding.find(session, kept.id)
                if held is not None and held.state is HeldState.APPROVED:  # between the two looks
                    return await store.find(session, kept.id) or kept
            if held is not None and held.state is not HeldState.HELD:
                raise _not_said(held)
        return kept

    async def remove(self, who: Speaker, comment_id: str, *, reason: str = "") -> None:
        """Take a comment back from all screens and the replay; its words stay for whoever must answer for it. The second time
        nothing happens. Raise NotFound for what is not there or not the caller's to see, Forbidden `not_yours`."""
        async with self._database.reading() as session:
            kept = await store.find(session, comment_id)
        if kept is not None and not kept.said and kept.author_id == who.id:
            await self._moderation.holding.withdraw(who, comment_id)
            return
        if kept is None or not kept.said:
            raise _not_there()
        broadcast = await self._broadcasts.find(member_of(who), kept.broadcast_id)
        why = remover(broadcast, who, kept.author_id).value
        async with self._database.transaction() as session:
            await store.find(session, comment_id, lock=True)
            if await store.is_removed(session, comment_id):
                return
            channel = channel_of(kept.broadcast_id)
            (said,) = await self._journal.read_in(session, channel, after=kept.offset - 1, limit=1)
            store.note_removed(session, Removed(comment_id, self._clock.now(), who.id, why, tidied(reason), said.data["text"]))
            settled = await self._moderation.reporting.removed(session, comment_id, who)
            told = Draft(channel, REMOVED, {"id": comment_id})
            await self._journal.redact(session, told, offset=kept.offset, left=_left(comment_id, why))
            await self._journal.append(session, *settled)  # its channel's name comes later than the room's
            if (member := member_of(who)) is not None and member.id != kept.author_id:
                more = {"author": kept.author_id, "right": why}
                act = Act("comment.removed", KIND, comment_id, kept.broadcast_id, tidied(reason), more)
                self._moderation.note(session, act, member)
        log.info("comment_removed", comment_id=comment_id, broadcast_id=kept.broadcast_id, by=who.id, why=why)

    async def report(self, member: Member, comment_id: str, reason: ReportReason, words: str, *, client_id: str) -> None:
        """Bring a comment before those who keep the room. Raise NotFound for what is not there or not the member's to see,
        and as `moderation.Reporting.file` does."""
        async with self._database.reading() as session:
            kept = await store.find(session, comment_id)
        if kept is None or not kept.said:
            raise _not_there()
        await self._broadcasts.find(member, kept.broadcast_id)
        (entry,) = await self._journal.read(channel_of(kept.broadcast_id), after=kept.offset - 1, limit=1)
        if entry.by is None:
            raise _not_there()  # taken back already
        said = Said(comment_id, kept.broadcast_id, KIND, entry.by, entry.data["text"], entry.at, entry.media_at)
        await self._moderation.reporting.file(member, said, reason, words, client_id=client_id)

    async def purge(self, session: Session, broadcast_id: str) -> None:
        """Delete what is kept of a broadcast's comments beside the journal."""
        await store.purge(session, broadcast_id)

    async def _answered(self, broadcast_id: str, comment_id: str) -> str:
        """Whose comment is answered. Raise Conflict `reply_gone`."""
        async with self._database.reading() as session:
            kept = await store.find(session, comment_id)
            if kept is not None and kept.broadcast_id == broadcast_id and kept.said:
                said = await self._journal.read_in(session, channel_of(broadcast_id), after=kept.offset - 1, limit=1)
                if said and said[0].by is not None:
                    return said[0].by.name
        raise Conflict("reply_gone", "要回复的评论已经不在了")

    async def page(self, member: Member | None, broadcast_id: str, *, after: int, limit: int) -> tuple[list[Entry], int | None]:
        """Comments with offsets above `after` and the offset to go on from; None at the end."""
        await self._broadcasts.find(member, broadcast_id)
        found: list[Entry] = []
        while len(found) < limit:
            entries = await self._journal.read(channel_of(broadcast_id), after=after, limit=_SCANNED)
            if not entries:
                return found, None
            for entry in entries:
                after = entry.offset
                if entry.type == POSTED:
                    found.append(entry)
                if len(found) == limit:
                    break
        return found, after

    async def page_before(
        self, member: Member | None, broadcast_id: str, *, before: int, limit: int
    ) -> tuple[list[Entry], int | None]:
        """The last comments with offsets below `before`, in order, and the offset to go on from towards the beginning; None
        there."""
        await self._broadcasts.find(member, broadcast_id)
        async with self._database.reading() as session:
            found = await newest(session, channel_of(broadcast_id), POSTED, limit=limit + 1, before=before)
        shown = found[-limit:]
        return shown, shown[0].offset if len(found) > limit else None

    async def said_after(
        self, member: Member | None, broadcast_id: str, moment: Moment, *, limit: int
    ) -> tuple[list[Entry], Moment | None]:
        """Comments that stand, in the order of their moments, and the moment to go on from; None at the end."""
        await self._broadcasts.find(member, broadcast_id)
        found, more = (await self._timelines.of(broadcast_id)).after(moment, limit)
        return await self._entries(broadcast_id, found), found[-1] if more else None

    async def said_before(
        self, member: Member | None, broadcast_id: str, moment: Moment, *, limit: int
    ) -> tuple[list[Entry], Moment | None]:
        """The last comments that stand before the moment, in order, and the moment to go on from towards the beginning."""
        await self._broadcasts.find(member, broadcast_id)
        found, more = (await self._timelines.of(broadcast_id)).before(moment, limit)
        return await self._entries(broadcast_id, found), found[0] if more else None

    async def heat(self, member: Member | None, broadcast_id: str) -> tuple[datetime | None, int, list[int]]:
        """From when on, how many seconds each span lasts, and how many comments each holds."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        if broadcast.live_at is None:
            return None, 1, []
        timeline = await self._timelines.of(broadcast_id)
        end = broadcast.ended_at or self._clock.now()
        return broadcast.live_at, *timeline.heat(milliseconds(broadcast.live_at), milliseconds(end), _SPANS)

    async def said(self, broadcast_id: str) -> Spoken:
        """For reports, which ask for leave themselves."""
        timeline = await self._timelines.of(broadcast_id)
        async with self._database.reading() as session:
            posted, people = await store.authors(session, broadcast_id)
        standing = [at_milliseconds(ms) for ms, _ in timeline.moments]
        return Spoken(standing, max(posted - len(standing), 0), people)

    async def _entries(self, broadcast_id: str, found: Sequence[Moment]) -> list[Entry]:
        async with self._database.reading() as session:
            entries = await at_offsets(session, channel_of(broadcast_id), [int(offset) for _, offset in found])
        # Of a room that is just being purged some are missing.
        return [entries[int(offset)] for _, offset in found if int(offset) in entries]

    async def _kept(self, author_id: str, client_id: str) -> Kept | None:
        async with self._database.reading() as session:
            return (await store.written(session, [(author_id, client_id)])).get((author_id, client_id))

    async def _write(self, session: Session, writes: Sequence[_Write], careful: bool) -> list[Kept | AppError]:
        """Hardly any comment is sent again, so at first nothing is looked for: the constraint finds it, and care follows."""
        kept = await store.written(session, [write.key for write in writes]) if careful else {}
        fresh = {write.key: write for write in reversed(writes) if write.key not in kept}  # the first of two alike stays
        ordered = [write for write in writes if fresh.get(write.key) is write]
        refused: dict[tuple[str, str], AppError] = {}
        if any(write.slow_seconds for write in ordered):
            now = self._clock.now()
            refused = await too_soon(session, [write for write in ordered if write.slow_seconds], now)
            kept |= await store.written(session, list(refused))  # sent again: it has its answer
            ordered = [write for write in ordered if write.key not in refused]
        told: list[Draft] = []
        if held := [write.held for write in ordered if write.held is not None]:
            told, full = await self._moderation.holding.hold(session, held)
            refused |= {write.key: _queue_full() for write in ordered if write.id in full}
            ordered = [write for write in ordered if write.id not in full]
        if marked := [(said_of(write.draft, self._clock.now()), write.hits) for write in ordered if write.draft and write.hits]:
            told += await self._moderation.reporting.mark(session, marked)
        drafts = [write.draft for write in ordered if write.draft is not None]
        entries = await self._journal.append(session, *drafts, *told)
        offsets = {draft.data["id"]: entry.offset for draft, entry in zip(drafts, entries, strict=False)}
        for write in ordered:
            kept[write.key] = Kept(
                id=write.id,
                broadcast_id=write.broadcast_id,
                offset=offsets.get(write.id, 0),
                author_id=write.author_id,
                client_id=write.client_id,
                digest=write.digest,
            )
        await store.add(session, [kept[write.key] for write in ordered])
        return [kept.get(write.key) or refused.get(write.key) or NotFound() for write in writes]


def _queue_full() -> Unavailable:
    return Unavailable("queue_full", "等待审核的内容太多，请稍后再发", retry_after=10)


def _not_said(held: Held) -> Conflict:
    if held.state is HeldState.WITHDRAWN:
        return Conflict("comment_withdrawn", "您已撤回这条评论")
    why = f"：{held.reason}" if held.reason else ""
    return Conflict("comment_rejected", f"这条评论没有通过审核{why}", extra={"reason": held.reason})


def _not_there() -> NotFound:
    return NotFound("comment_not_found", "没有这条评论，可能已被移除")


def _left(comment_id: str, why: str) -> dict[str, str]:
    """What stands in the journal where a removed comment was."""
    return {"id": comment_id, "removed": why}
