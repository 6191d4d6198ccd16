"""Publications: frozen, prepared in the background, opened for five working days, objected to, answered.

What a publication holds is decided the moment it is made: the heads of all chains are written down, after the sealer has come
to its end, and rows beyond them never count. So it can be prepared in many short transactions, stopped anywhere and gone on
with by whoever comes next; nobody waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Invalid, NotFound, TooMany
from ..core.ids import new_id
from ..core.tasks import Tasks
from ..core.texts import written
from ..core.workdays import after_workdays
from ..identity import Identity, Member, party_count, party_roll
from ..notices import Outbox
from . import outward
from . import publication as rules
from . import publication_store as store
from . import store as ledger_store
from .model import day_of
from .publication import Objection, ObjectionState, Publication, PublicationState, Published, published
from .rulebook import Rulebook
from .sealing import Sealer
from .service import Ledger

log = structlog.get_logger(__name__)
_AT_ONCE = 2_000  # members in one transaction
_LOOK = 1.0  # s
MOST_OBJECTIONS = 20  # of one person to one publication


@dataclass(frozen=True, slots=True)
class HeadedBranch:
    """`hash`: the newest of its chain that is published."""

    id: str
    name: str
    members: int
    hash: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a publication."""

    publication: Publication
    branches: list[HeadedBranch]


class Publishing:
    def __init__(
        self,
        database: Database,
        identity: Identity,
        rulebook: Rulebook,
        sealer: Sealer,
        ledger: Ledger,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._database, self._identity, self._rulebook, self._clock = database, identity, rulebook, clock
        self._sealer, self._ledger, self._outbox = sealer, ledger, outbox
        self._tasks = Tasks("publishing")

    def start(self) -> None:
        self._tasks.every(_LOOK, self.work, "prepare and close")

    async def close(self) -> None:
        await self._tasks.aclose()

    # The committee's

    async def make(self, member: Member, year: int, quarter: int) -> Publication:
        """Freeze the year as it stands after a quarter; it opens once it is prepared. The second time it is the one there is.
        Raise Forbidden, Invalid `quarter_invalid`, Conflict `quarter_not_over`, `publication_exists`."""
        rules.check_publishes(member)
        now = self._clock.now()
        until = rules.quarter_end(year, quarter, day_of(now))
        scale = (await self._rulebook.current()).scale(until)
        while await self._sealer.seal():
            pass
        async with self._database.transaction() as session:
            if (made := await store.of_quarter(session, year, quarter)) is not None:
                return made
            publication = Publication(
                id=new_id(),
                title=rules.title_of(year, quarter),
                year=year,
                quarter=quarter,
                until=until,
                state=PublicationState.PREPARING,
                scale=scale,
                total=await party_count(session),
                prepared=0,
                cursor="",
                made_at=now,
                opened_at=None,
                closes_on=None,
                deadline_sure=True,
                closed_at=None,
            )
            await store.add(session, publication, await ledger_store.chain_ends(session), member.id)
        log.info("publication_made", publication_id=publication.id, year=year, quarter=quarter, by=member.id)
        return publication

    # In the background

    async def work(self) -> None:
        """Go on with what is being prepared, and close what has been open long enough."""
        async with self._database.reading() as session:
            waiting = await store.listed(session, [PublicationState.PREPARING])
            open_ = await store.listed(session, [PublicationState.OPEN])
        for each in waiting:
            while await self._prepare_some(each.id):
                pass
        today = day_of(self._clock.now())
        for each in open_:
            if each.closes_on is not None and today > each.closes_on:
                await self._close(each.id)

    async def _close(self, publication_id: str) -> None:
        async with self._database.transaction() as session:
            again = await store.find(session, publication_id, lock=True)
            if again is None or again.state is not PublicationState.OPEN:
                return  # somebody else was quicker
            closed = replace(again, state=PublicationState.CLOSED, closed_at=self._clock.now())
            await store.change(session, publication_id, state=closed.state.value, closed_at=closed.closed_at)
            await outward.tell(self._outbox, session, closed)

    async def _prepare_some(self, publication_id: str) -> bool:
        """The next members; whether there may be more."""
        async with self._database.snapshot() as session:
            publication = await store.find(session, publication_id)
            if publication is None or publication.state is not PublicationState.PREPARING:
                return False
            roll = await party_roll(session, after=publication.cursor, limit=_AT_ONCE)
            rows: list[Published] = []
            if roll:
                sums = await store.frozen_sums(session, publication, first=roll[0].id, last=roll[-1].id)
                exempt = await store.exempt(session, publication.year)
                rows = [
                    published(
                        publication.scale, each.id, each.branch_id, each.name, sums.get(each.id, {}), exempt=each.id in exempt
                    )
                    for each in roll
                ]
        async with self._database.transaction() as session:
            again = await store.find(session, publication_id, lock=True)
            if again is None or again.cursor != publication.cursor or again.state is not PublicationState.PREPARING:
                return True  # somebody else has written these
            if rows:
                await store.add_published(session, publication_id, rows)
                done = again.prepared + len(rows)
                await store.change(session, publication_id, cursor=roll[-1].id, prepared=done, total=max(done, again.total))
                return True
            now = self._clock.now()
            deadline = after_workdays(day_of(now), rules.OPEN_WORKDAYS)
            await store.change(
                session,
                publication_id,
                state=PublicationState.OPEN.value,
                total=again.prepared,
                opened_at=now,
                closes_on=deadline.day,
                deadline_sure=deadline.sure,
            )
            opened = replace(again, state=PublicationState.OPEN, total=again.prepared, opened_at=now, closes_on=deadline.day)
            await outward.tell(self._outbox, session, opened)
        if not deadline.sure:
            log.warning("holidays_unknown", year=deadline.day.year)
        log.info("publication_opened", publication_id=publication_id, members=again.prepared)
        return False

    # Reading

    async def seen(self, member: Member) -> list[Publication]:
        """The newest first; what is being prepared is for those who publish."""
        states = [PublicationState.OPEN, PublicationState.CLOSED]
        if member.has(*rules.COMMITTEE):
            states.append(PublicationState.PREPARING)
        async with self._database.reading() as session:
            return await store.listed(session, states)

    async def heading(self, member: Member, publication_id: str) -> Heading:
        """Raise NotFound."""
        publication = await self._find(member, publication_id)
        async with self._database.reading() as session:
            counts = await store.branches(session, publication_id)
            heads = await store.heads(session, publication_id)
        names = {each.id: each.name for each in await self._identity.directory.branches()}
        order = {branch_id: nth for nth, branch_id in enumerate(names)}
        branches = [
            HeadedBranch(
                id=each.branch_id,
                name=names.get(each.branch_id, "未分配支部"),
                members=each.members,
                hash=heads.get(each.branch_id, (0, None))[1],
            )
            for each in sorted(counts, key=lambda each: order.get(each.branch_id, len(order)))
        ]
        return Heading(publication, branches)

    async def members(
        self, member: Member, publication_id: str, branch_id: str, *, after: int, limit: int
    ) -> tuple[Publication, list[Published]]:
        """Of one branch, in the order of names; none before it is open. Raise NotFound."""
        publication = await self._find(member, publication_id)
        if publication.state is PublicationState.PREPARING:
            return publication, []
        async with self._database.reading() as session:
            return publication, await store.members(session, publication_id, branch_id, after=after, limit=limit)

    # Objections

    async def object(
        self, member: Member, publication_id: str, about_id: str, text: str, *, entry_id: str | None = None
    ) -> Objection:
        """Say that a published row is wrong. Raise NotFound, Conflict `publication_closed`, Invalid `text_empty`,
        `text_too_long`, TooMany `too_many_objections`."""
        words, now = written(text, most=rules.TEXT_MOST), self._clock.now()
        publication = await self._find(member, publication_id)
        rules.check_objects(publication, day_of(now))
        async with self._database.transaction() as session:
            row = await store.member(session, publication_id, about_id)
            if row is None:
                raise NotFound("not_published", "公示中没有这个人")
            if entry_id is not None:
                entry = await ledger_store.find(session, entry_id)
                if entry is None or entry.member_id != about_id:
                    raise NotFound("entry_not_found", "没有这一条积分记录")
            await store.find(session, publication_id, lock=True)  # one after the other, so that the bound holds
            if await store.count_objections(session, publication_id, member.id) >= MOST_OBJECTIONS:
                raise TooMany("too_many_objections", "您对这次公示提出的异议太多了，请直接联系支部", retry_after=3600)
            objection = Objection(
                id=new_id(),
                publication_id=publication_id,
                about_id=about_id,
                branch_id=row.branch_id,
                by_id=member.id,
                entry_id=entry_id,
                text=words,
                at=now,
                due_on=after_workdays(day_of(now), rules.ANSWER_WORKDAYS).day,
                state=ObjectionState.OPEN,
            )
            await store.add_objection(session, objection)
        return objection

    async def answer(
        self, member: Member, objection_id: str, state: ObjectionState, words: str, *, reverse: Sequence[str] = ()
    ) -> Objection:
        """Uphold or reject an objection, with words; what was wrong is reversed in the same transaction. Raise NotFound,
        Forbidden `own_matter`, Conflict `already_answered`, Invalid `answer_invalid`."""
        if state is ObjectionState.OPEN or (reverse and state is not ObjectionState.UPHELD):
            raise Invalid("answer_invalid", "请选择成立或不成立；只有成立时才更正记录")
        said, now = written(words, most=rules.TEXT_MOST), self._clock.now()
        async with self._database.transaction() as session:
            objection = await store.find_objection(session, objection_id, lock=True)
            if objection is None or not (rules.answers_for(member, objection.branch_id) or member.id == objection.by_id):
                raise NotFound("objection_not_found", "没有这个异议")
            rules.check_answers(member, objection)
            for each in reverse:
                entry = await ledger_store.find(session, each)
                if entry is None or entry.member_id != objection.about_id:
                    raise NotFound("entry_not_found", "没有这一条积分记录")
            await store.answer(session, objection_id, state, said, by=member.id, at=now, corrections=sorted(reverse))
            for each in sorted(reverse):
                await self._ledger.reverse(
                    session, each, by=objection.by_id, reviewer=member.id, reason=f"公示异议成立：{said}"[:500]
                )
        answered = replace(
            objection, state=state, answer=said, answered_by=member.id, answered_at=now, corrections=sorted(reverse)
        )
        log.info("objection_answered", objection_id=objection_id, state=state.value, by=member.id)
        return answered

    async def objections(self, member: Member, publication_id: str) -> list[Objection]:
        """One's own and those about oneself; for those who answer, their branches'. Raise NotFound."""
        await self._find(member, publication_id)
        async with self._database.reading() as session:
            found = await store.objections(session, publication_id)
        return [each for each in found if member.id in (each.by_id, each.about_id) or rules.answers_for(member, each.branch_id)]

    async def _find(self, member: Member, publication_id: str) -> Publication:
        async with self._database.reading() as session:
            publication = await store.find(session, publication_id)
        hidden = (
            publication is not None and publication.state is PublicationState.PREPARING and not member.has(*rules.COMMITTEE)
        )
        if publication is None or hidden or not member.is_party_member:
            raise NotFound("publication_not_found", "没有这个公示")
        return publication
