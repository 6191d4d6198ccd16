"""Publications: frozen, prepared in the background, opened for five working days, read by branch in the order of names.

What a publication holds is decided the moment it is made: the heads of all chains are written down, after the sealer has come
to its end, and rows beyond them never count. So it can be prepared in many short transactions, stopped anywhere and gone on
with by whoever comes next; nobody waits for it.
"""

from dataclasses import dataclass, replace

import structlog

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import NotFound
from ..core.ids import is_id, new_id
from ..core.pulse import Pulse
from ..core.texts import tidied
from ..core.workdays import after_workdays
from ..identity import Identity, Member, party_count, party_roll
from ..notices import Outbox
from . import outward
from . import publication as rules
from . import publication_store as store
from . import store as ledger_store
from .model import day_of
from .objecting_model import sees_rows
from .overview import readable
from .publication import Publication, PublicationState, Published, published
from .publication_sums import frozen_sums
from .rulebook import Rulebook
from .sealing import Sealer
from .service import Row

log = structlog.get_logger(__name__)
_AT_ONCE = 2_000  # members in one transaction
_NAME_MOST = 40


@dataclass(frozen=True, slots=True)
class HeadedBranch:
    """`number` and `hash`: of the newest row of its chain that is published."""

    id: str
    name: str
    members: int
    number: int
    hash: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a publication; `own`: the caller's own row, once there is one."""

    publication: Publication
    branches: list[HeadedBranch]
    own: Published | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One published member. `rows`: what the sums consist of, as far as the caller may see them; None where not."""

    publication: Publication
    row: Published
    rows: list[Row] | None
    following: str | None


class Publishing:
    def __init__(
        self,
        database: Database,
        identity: Identity,
        rulebook: Rulebook,
        sealer: Sealer,
        audit: Audit,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._database, self._identity, self._rulebook, self._clock = database, identity, rulebook, clock
        self._sealer, self._audit, self._outbox = sealer, audit, outbox

    def join(self, pulse: Pulse) -> None:
        """Where publications are prepared and closed."""
        pulse.add("publishing", store.any_unfinished(), self.work)

    # The committee's

    async def make(self, member: Member, year: int, quarter: int) -> Publication:
        """Freeze the year as it stands after a quarter; it opens once it is prepared. The second time it is the one there is.
        Raise Forbidden, Invalid `quarter_invalid`, Conflict `quarter_not_over`, `publication_exists`."""
        rules.check_publishes(member)
        now = self._clock.now()
        until = rules.quarter_end(year, quarter, day_of(now))
        scale = (await self._rulebook.current()).scale(until)
        await self._sealer.catch_up()
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
            actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
            self._audit.note(session, Act("publication.made", "points", publication.id), actor)
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
                sums = await frozen_sums(session, publication, first=roll[0].id, last=roll[-1].id)
                exempt = await store.exempt(session, publication.year, at=publication.made_at)
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
        publication = await self.find(member, publication_id)
        async with self._database.reading() as session:
            counts = await store.branches(session, publication_id)
            heads = await store.heads(session, publication_id)
            own = await store.member(session, publication_id, member.id)
        names = {each.id: each.name for each in await self._identity.directory.branches()}
        order = {branch_id: nth for nth, branch_id in enumerate(names)}
        branches = [
            HeadedBranch(
                id=each.branch_id,
                name=names.get(each.branch_id, "未分配支部"),
                members=each.members,
                number=heads.get(each.branch_id, (0, None))[0],
                hash=heads.get(each.branch_id, (0, None))[1],
            )
            for each in sorted(counts, key=lambda each: order.get(each.branch_id, len(order)))
        ]
        return Heading(publication, branches, None if publication.state is PublicationState.PREPARING else own)

    async def members(
        self, member: Member, publication_id: str, branch_id: str, *, after: int, limit: int
    ) -> tuple[Publication, list[Published]]:
        """Of one branch, in the order of names; none before it is open. Raise NotFound."""
        publication = await self.find(member, publication_id)
        if publication.state is PublicationState.PREPARING:
            return publication, []
        async with self._database.reading() as session:
            return publication, await store.members(session, publication_id, branch_id, after=after, limit=limit)

    async def named(
        self, member: Member, publication_id: str, name: str, *, after: int, limit: int
    ) -> tuple[Publication, list[Published]]:
        """Those of all branches whose name has this in it, in the order of names. Raise NotFound."""
        publication, wanted = await self.find(member, publication_id), tidied(name)[:_NAME_MOST]
        if publication.state is PublicationState.PREPARING or not wanted:
            return publication, []
        async with self._database.reading() as session:
            return publication, await store.named(session, publication_id, wanted, after=after, limit=limit)

    async def detail(self, member: Member, publication_id: str, about_id: str, *, before: str | None, limit: int) -> Detail:
        """One published member; with the rows that were published, the newest first, for whoever may see them, and what has
        become of them since. Raise NotFound."""
        publication = await self.find(member, publication_id)
        async with self._database.reading() as session:
            row = await store.member(session, publication_id, about_id) if is_id(about_id) else None
            if row is None or publication.state is PublicationState.PREPARING:
                raise NotFound("not_published", "公示中没有这个人")
            if not sees_rows(member, about_id, row.branch_id):
                return Detail(publication, row, None, None)
            found = await store.frozen_rows(session, publication, about_id, before=before, limit=limit + 1)
            back = await ledger_store.reversals(session, [each.id for each in found])
        rows = [readable(member, row.branch_id, Row(each, back.get(each.id))) for each in found[:limit]]
        return Detail(publication, row, rows, found[limit - 1].id if len(found) > limit else None)

    async def find(self, member: Member, publication_id: str) -> Publication:
        """Raise NotFound."""
        async with self._database.reading() as session:
            publication = await store.find(session, publication_id) if is_id(publication_id) else None
        hidden = (
            publication is not None and publication.state is PublicationState.PREPARING and not member.has(*rules.COMMITTEE)
        )
        if publication is None or hidden or not member.is_party_member:
            raise NotFound("publication_not_found", "没有这个公示")
        return publication
