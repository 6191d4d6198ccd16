"""Talks: begun by whoever draws, opened when the pages have agreed on keys, ended by time or by one of the two.

Whatever happens to a talk holds its conversation's row, so it happens once, over all processes: two ends are one, and nothing
is taken after it. The credit for a talk that was held is written in the transaction of its end, and says only that it took
place. Nobody is in two talks at once: whoever begins one takes both their places.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from ..conversations import ERASED, Conversation, Conversations, channel_of
from ..core.audit import Act, Actor, Audit
from ..core.buckets import Buckets
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict
from ..core.ids import is_id, new_id
from ..core.journal import Author, Draft, Journal
from ..identity import Member, member_channel
from ..points import Cause, Ledger
from . import model, store
from .live import names_of
from .model import COMPLETED, ErasedBy, Reason, Side, Talk, TalkState
from .shown import changed, own, since_begun

log = structlog.get_logger(__name__)

OnEnd = Callable[[Session, Talk], Awaitable[None]]
"""Called in the transaction of an end, after both were told in their own channels, and before the credit."""

_ERASERS = {ErasedBy.BOTH: Actor("", "谈话的双方"), ErasedBy.RETENTION: Actor("", "保存期限")}
_ONE_OF_TWO = Actor("", "谈话的一方")
"""The audit says that a talk was erased, and how that came: that it was nobody with the database's key. Its readers are not the
two, and are not told who those were."""
_AT_ONCE = 100  # talks whose time of keeping is over


@dataclass(frozen=True, slots=True)
class Shown:
    """A talk as one of the two meets it, and what both are called."""

    talk: Talk
    side: Side
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of talks that were held: how many, how many of their ratings are shown, and what these come to."""

    held: int
    rated: int
    mean: float | None


class Talks:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        conversations: Conversations,
        ledger: Ledger,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database, self._journal, self._clock = database, journal, clock
        self._conversations, self._ledger, self._audit = conversations, ledger, audit
        self._on_end: list[OnEnd] = []
        self._acts = Buckets(model.ACTS_AT_ONCE, model.ACTS_PER_SECOND)
        conversations.keys.on_agreed(self._agreed)

    def on_end(self, call: OnEnd) -> None:
        self._on_end.append(call)

    def now(self) -> datetime:
        return self._clock.now()

    # For whoever draws, in its own transaction

    async def begin(self, session: Session, *, secretary_id: str, member_id: str, minutes: int, source: str) -> Talk:
        """Begin the talk that `source` has led to; the same source again gives the same talk.

        Both are told in their own channels (`member:`): append what you have to tell after this, and hold nothing that others
        hold while they wait for these. Raise Conflict `in_a_talk`, after which the transaction is as it was.
        """
        if (known := await store.of_source(session, source)) is not None:
            return known
        now = self._clock.now()
        talk = Talk(new_id(), secretary_id, member_id, source, minutes, TalkState.WAITING, now)
        if not await store.take_places(session, talk):
            if (known := await store.of_source(session, source)) is not None:
                return known  # by somebody else who was quicker
            raise Conflict("in_a_talk", "其中一方正在谈话中")
        sides = {Side.SECRETARY.value: secretary_id, Side.MEMBER.value: member_id}
        await self._conversations.begin(session, talk.id, sides)
        await store.add(session, talk)
        names = await names_of(session, [talk])
        drafts = [Draft(member_channel(talk.on(side)), model.BEGUN, own(talk, side, names)) for side in Side]
        await self._journal.append(session, *drafts)
        log.info("talk_begun", talk_id=talk.id, minutes=minutes)
        return talk

    async def busy(self, session: Session, ids: Collection[str]) -> set[str]:
        """Who of these is in a talk that is not over."""
        return await store.busy(session, ids)

    async def of_source(self, session: Session, source: str) -> Talk | None:
        return await store.of_source(session, source)

    async def unfinished_of(self, session: Session, person_id: str) -> Talk | None:
        """The talk somebody is in now."""
        return await store.unfinished_of(session, person_id)

    # For the two

    async def show(self, member: Member, talk_id: str) -> Shown:
        """Raise NotFound `talk_not_found`."""
        side = await self.require_side(member, talk_id)
        async with self._database.reading() as session:
            talk = await store.find(session, talk_id)
            if talk is None:
                raise model.not_there()
            return Shown(talk, side, await names_of(session, [talk]))

    async def listed(
        self, member: Member, *, due: bool = False, wished: bool = False, before: str | None, limit: int
    ) -> tuple[list[Shown], str | None]:
        """Those somebody has been in, the newest first, with the cursor of what follows; see `store.of_person`."""
        async with self._database.reading() as session:
            found = await store.of_person(session, member.id, due=due, wished=wished, before=before, limit=limit + 1)
            names = await names_of(session, found[:limit])
        sides = [(talk, talk.side_of(member.id)) for talk in found[:limit]]
        shown = [Shown(talk, side, names) for talk, side in sides if side is not None]
        return shown, found[limit - 1].id if len(found) > limit and not due else None

    async def figures(self, member: Member) -> Figures:
        """Of somebody's own talks as a secretary: ratings by fives, so that none can be told from the others."""
        async with self._database.reading() as session:
            held, stars = await store.held_by(session, member.id), await store.stars_of(session, member.id)
        together = stars[: len(stars) - len(stars) % model.RATED_TOGETHER]
        return Figures(held, len(together), model.mean_of(together) if together else None)

    async def extend(self, member: Member, talk_id: str, *, agree: bool) -> Talk:
        """See `model.answered_extension`. Raise NotFound `talk_not_found`."""
        async with self.held(member, talk_id) as (session, conversation, before, side):
            after = model.answered_extension(before, side, agree=agree)
            if after == before:
                return before
            await store.save(session, after)
            extended = after.extensions > before.extensions
            if extended and after.ends_at is not None:
                await self._conversations.run_until(session, conversation, after.ends_at)
            kind = model.EXTENDED if extended else model.EXTENSION_ASKED if agree else model.EXTENSION_DECLINED
            await self._tell(session, kind, before, after, member)
        return after

    async def end(self, member: Member, talk_id: str) -> Talk:
        """The second time nothing happens. Raise NotFound `talk_not_found`."""
        async with self.held(member, talk_id) as (session, conversation, talk, side):
            if talk.over:
                return talk
            return await self._end(session, conversation, talk, Reason(side.value), member)

    async def keep_nothing(self, member: Member, talk_id: str, *, nothing: bool) -> Talk:
        """When both want nothing kept and it is over, all of it is erased at once. Raise NotFound, Conflict `talk_erased`."""
        async with self.held(member, talk_id) as (session, conversation, before, side):
            after = model.kept_by(before, side, nothing=nothing)
            if after == before:
                return before
            await store.save(session, after)
            if after.over and len(after.keeping) == len(Side):
                after = await self._erase(session, conversation, after, ErasedBy.BOTH)
            else:
                await self._tell(session, model.KEEPING, before, after, member)
        return after

    async def erase(self, member: Member, talk_id: str) -> Talk:
        """At the wish of either; it ends if it was not over. The second time nothing happens. Raise NotFound."""
        async with self.held(member, talk_id) as (session, conversation, talk, side):
            if talk.erased_at is not None:
                return talk
            after = talk
            if not talk.over:
                after = model.ended(talk, Reason.ERASED, self._clock.now())
                await store.free_places(session, after.id)
            after = await self._erase(session, conversation, after, ErasedBy(side.value))
            if not talk.over:
                await self._over(session, after)
        log.info("talk_erased", talk_id=talk_id)
        return after

    # By the clock

    async def look(self) -> list[Talk]:
        """End what is due; whoever comes first. Gives those that go on."""
        async with self._database.reading() as session:
            found = await store.unfinished(session)
        now, staying = self._clock.now(), []
        for each in found:
            if model.why_over(each, now) is None:
                staying.append(each)
                continue
            async with self._database.transaction() as session:
                conversation, talk = await self._hold(session, each.id)
                if (why := model.why_over(talk, self._clock.now())) is not None:
                    await self._end(session, conversation, talk, why, None)
        return staying

    async def erase_old(self, closed_before: datetime) -> int:
        """Sealed talks whose time of keeping is over; gives how many."""
        ids = await self._conversations.closed_before(closed_before, limit=_AT_ONCE)
        for talk_id in ids:
            async with self._database.transaction() as session:
                conversation, talk = await self._hold(session, talk_id)
                if talk.erased_at is None:
                    await self._erase(session, conversation, talk, ErasedBy.RETENTION)
        return len(ids)

    # Inside

    @asynccontextmanager
    async def held(self, member: Member, talk_id: str) -> AsyncIterator[tuple[Session, Conversation, Talk, Side]]:
        """A transaction in which one of the two does something to their talk. Raise NotFound `talk_not_found`, TooMany
        `too_fast`."""
        await self.require_side(member, talk_id)
        self._acts.require(member.id, self._clock.monotonic(), "操作太快了，请稍等一下")
        async with self._database.transaction() as session:
            conversation, talk = await self._hold(session, talk_id)
            side = talk.side_of(member.id)
            if side is None:
                raise model.not_there()
            yield session, conversation, talk, side

    async def require_side(self, member: Member, talk_id: str) -> Side:
        """Raise NotFound `talk_not_found`, for what does not exist and for what is between others."""
        sides = await self._conversations.register.sides(talk_id) if is_id(talk_id) else {}
        if member.id not in sides:
            raise model.not_there()
        return Side(sides[member.id])

    async def _hold(self, session: Session, talk_id: str) -> tuple[Conversation, Talk]:
        conversation = await self._conversations.hold(session, talk_id)
        talk = await store.find(session, talk_id)
        if conversation is None or talk is None:
            raise model.not_there()
        return conversation, talk

    async def _agreed(self, session: Session, conversation_id: str) -> None:
        """Both pages have the same keys: the time begins to run. The conversation is held."""
        conversation, before = await self._hold(session, conversation_id)
        if before.state is not TalkState.WAITING:
            return
        after = model.opened(before, self._clock.now())
        await store.save(session, after)
        assert after.ends_at is not None  # noqa: S101  # it was opened just now
        await self._conversations.run_until(session, conversation, after.ends_at)
        await self._tell(session, model.OPENED, before, after)
        log.info("talk_opened", talk_id=after.id)

    async def _end(
        self, session: Session, conversation: Conversation, before: Talk, reason: Reason, member: Member | None
    ) -> Talk:
        """All of it is held. The credit is the last thing."""
        after = model.ended(before, reason, self._clock.now())
        await store.save(session, after)
        await store.free_places(session, after.id)
        if len(after.keeping) == len(Side):
            after = await self._erase(session, conversation, after, ErasedBy.BOTH)
        else:
            await self._conversations.close(session, conversation)
            await self._tell(session, model.ENDED, before, after, member)
        await self._over(session, after)
        log.info("talk_ended", talk_id=after.id, reason=reason.value)
        return after

    async def _erase(self, session: Session, conversation: Conversation, talk: Talk, by: ErasedBy) -> Talk:
        after = model.erased(talk, by, self._clock.now())
        await store.save(session, after)
        self._audit.note(session, Act("talk.erased", "talk", talk.id, more={"by": by.value}), _ERASERS.get(by, _ONE_OF_TWO))
        await self._conversations.erase(session, conversation, Draft(channel_of(talk.id), ERASED, since_begun(after)))
        return after

    async def _tell(self, session: Session, kind: str, before: Talk, after: Talk, by: Member | None = None) -> None:
        author = None if by is None else Author(by.id, by.name)
        await self._journal.append(session, Draft(channel_of(after.id), kind, changed(before, after), by=author))

    async def _over(self, session: Session, talk: Talk) -> None:
        """What follows from the end. That it took place is credited, and nothing else of it; that is the last thing."""
        data = {"id": talk.id, "reason": None if talk.reason is None else talk.reason.value}
        await self._journal.append(session, *[Draft(member_channel(each), model.OVER, data) for each in talk.people])
        for call in self._on_end:
            await call(session, talk)
        if model.counts(talk) and talk.ended_at is not None:
            cause = Cause(talk.member_id, COMPLETED, talk.id, talk.ended_at, title="书记聊一聊", link=f"/talks/{talk.id}")
            await self._ledger.award(session, [cause])
