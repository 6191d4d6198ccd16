"""Draws and offers. A draw reads one row of the closed list, however long that is; nothing of a list is kept in memory.

Whoever cannot have it (came up in this round already, was drawn in this session, has talked in another one since they shook,
sits in a talk, is no member any more) is passed over where everybody can see it, and the next draw counts. What is offered
stands until it is answered, its time is over, or its secretary takes it back; in these cases the next is drawn for the same
secretary in the same transaction. An acceptance begins the talk in its own transaction. Everything that decides holds the
session's row, and the indexes of `shake_draws` hold over all sessions, so that nobody has two offers: who loses such a race
draws again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import structlog

from ..core.again import reused
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.ids import digest, is_id, new_id
from ..core.journal import Draft, Journal
from ..identity import Member, on_roll
from . import draw_store, model, shown, store, ticket_store
from .draw import place
from .live import names_of
from .model import Draw, DrawState, Limits, Passed, Round, Shake
from .service import Shakes
from .talks import Talks
from .vault import Vault

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
_TRIES = 5


class Drawing:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        shakes: Shakes,
        talks: Talks,
        vault: Vault,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._database, self._journal, self._shakes, self._talks = database, journal, shakes, talks
        self._vault, self._limits, self._clock = vault, limits, clock

    # By a secretary

    async def draw(self, member: Member, shake_id: str, number: int, *, client_id: str) -> Draw:
        """The next of the newest revealed round. The same client id again gives the same draw. Raise NotFound, Forbidden
        `secretary_needed`, Conflict `shake_over`, `round_not_newest`, `secretary_busy`, `withdrawals_used_up`,
        `list_exhausted`, `client_id_reused`."""
        asked = digest(f"{shake_id}\n{number}")

        async def work(session: Session) -> Draw | None:
            shake = await self._shakes.hold(session, member, shake_id)
            model.require_secretary(shake, member)
            if (before := await draw_store.asked_under(session, member.id, client_id)) is not None:
                if before[1] != asked:
                    raise reused()
                return before[0]
            model.check_running(shake, self._clock.now())
            newest = await store.newest_revealed(session, shake_id)
            if newest is None or newest.number != number:
                raise Conflict("round_not_newest", "请从最近公布的一轮中抽取")
            if not await self.is_free(session, member.id):
                raise Conflict("secretary_busy", "您还有一次邀请或谈话没有结束")
            model.check_drawable(await self._withdrawn(session, shake_id, member.id), number)
            made, _, drafts = await self.following(session, shake, newest, member.id, client_id=client_id, asked=asked)
            await self._journal.append(session, *drafts)
            return made

        made = await self.retried(work)
        if made is None:
            raise Conflict("list_exhausted", "这一轮名单上的人都抽到过了，请再摇一轮")
        return made

    async def withdraw(self, member: Member, draw_id: str, *, go_on: bool) -> Draw:
        """Take an offer back, by its secretary; `go_on`: and draw the next at once, a few times in a session. Raise NotFound,
        Conflict `offer_over`, `withdrawals_used_up`."""
        found = await self._recall(draw_id)
        if found.secretary_id != member.id:
            raise _not_there()

        async def work(session: Session) -> Draw:
            shake, draw = await self._held(session, found)
            if draw.state is DrawState.WITHDRAWN:
                return draw
            if draw.state is not DrawState.OFFERED:
                raise Conflict("offer_over", "这次邀请已经结束")
            if go_on:
                model.check_replaceable(await self._withdrawn(session, shake.id, member.id))
            return await self._end(session, shake, draw, DrawState.WITHDRAWN, go_on=go_on)

        return await self.retried(work)

    # By the one who was drawn

    async def accept(self, member: Member, draw_id: str) -> Draw:
        """Begin the talk. The second time the answer is the same. Raise NotFound, Conflict `offer_over`, `in_a_talk`."""
        received_at, found = self._clock.now(), await self._own(member, draw_id)

        async def work(session: Session) -> Draw:
            shake, draw = await self._held(session, found)
            if draw.state is DrawState.ACCEPTED:
                return draw
            model.check_answerable(draw, received_at)
            talk = await self._talks.begin(
                session,
                secretary_id=draw.secretary_id,
                member_id=draw.member_id,
                minutes=shake.plan.talk_minutes,
                source=f"draw:{draw.id}",
            )
            draw = replace(draw, state=DrawState.ACCEPTED, answered_at=self._clock.now(), talk_id=talk.id)
            await draw_store.save(session, draw)
            names = await names_of(session, {draw.secretary_id, draw.member_id})
            await self._journal.append(session, shown.accepted(draw), shown.answered(draw), shown.at_desk(draw, names))
            return draw

        draw = await self.retried(work)
        log.info("shake_accepted", shake_id=draw.shake_id, number=draw.number, n=draw.n)
        return draw

    async def decline(self, member: Member, draw_id: str) -> Draw:
        """Without any penalty. The second time the answer is the same. Raise NotFound, Conflict `offer_over`."""
        received_at, found = self._clock.now(), await self._own(member, draw_id)

        async def work(session: Session) -> Draw:
            shake, draw = await self._held(session, found)
            if draw.state is DrawState.DECLINED:
                return draw
            model.check_answerable(draw, received_at)
            return await self._end(session, shake, draw, DrawState.DECLINED)

        return await self.retried(work)

    # By the clock

    async def look(self) -> None:
        """Offers whose time is over lapse, and the next is drawn."""
        async with self._database.reading() as session:
            waiting = await draw_store.offers(session)
        for each in waiting:
            if model.lapsed(each, self._clock.now()):
                await self._lapse(each)

    async def _lapse(self, found: Draw) -> None:
        async def work(session: Session) -> None:
            shake, draw = await self._held(session, found)
            if model.lapsed(draw, self._clock.now()):
                await self._end(session, shake, draw, DrawState.LAPSED)

        await self.retried(work)

    # For whoever holds the session

    async def is_free(self, session: Session, secretary_id: str) -> bool:
        """Whether a secretary neither waits for an answer nor sits in a talk."""
        if await draw_store.offer_of(session, secretary_id=secretary_id) is not None:
            return False
        return not await self._talks.busy(session, [secretary_id])

    async def following(
        self,
        session: Session,
        shake: Shake,
        found: Round,
        secretary_id: str,
        *,
        client_id: str | None = None,
        asked: str | None = None,
    ) -> tuple[Draw | None, Round, list[Draft]]:
        """The next who can have it, with the entries that say so; None if everybody on the list has come up. `found` is
        revealed, and saved here."""
        seed = self._vault.open(shake.id, shake.sealed).seed
        fixed = seed, bytes.fromhex(found.list_hash or ""), bytes.fromhex(found.nonce or "")
        names = await names_of(session, {secretary_id})
        came_up = await draw_store.came_up(session, shake.id, found.number)
        drafts: list[Draft] = []
        made: Draw | None = None
        while made is None and len(came_up) < found.size:
            n = found.next_n
            member_id, pseudonym = await ticket_store.at_place(session, found, place(*fixed, n, found.total_weight))
            found = replace(found, next_n=n + 1)
            now = self._clock.now()
            one = Draw(
                new_id(), shake.id, found.number, n, secretary_id, member_id, pseudonym, DrawState.OFFERED, offered_at=now
            )
            why = await self._why_not(session, shake, member_id, came_up)
            came_up.add(member_id)
            if why is not None:
                one = replace(one, state=DrawState.PASSED, reason=why.value)
                await draw_store.add(session, one)
                drafts.append(shown.passed(one))
                continue
            made = replace(one, answer_by=now + self._limits.answer)
            await draw_store.add(session, made, client_id=client_id, digest=asked)
            drafts += [shown.drawn(made, names), shown.offered(made, shake, names), shown.at_desk(made, names)]
        await store.save_round(session, found)
        return made, found, drafts

    async def retried(self, work: Callable[[Session], Awaitable[Result]]) -> Result:
        """In a transaction, and in another where somebody else was first."""
        for _ in range(_TRIES):
            try:
                async with self._database.transaction() as session:
                    return await work(session)
            except store.Raced:
                continue
        raise Conflict("draw_raced", "刚才有人同时操作，请再试一次")

    # Inside

    async def _why_not(self, session: Session, shake: Shake, member_id: str, came_up: set[str]) -> Passed | None:
        accepted = (await draw_store.accepted(session, [member_id])).get(member_id, ())
        if member_id in came_up or any(shake_id == shake.id for shake_id, _ in accepted):
            return Passed.DRAWN_BEFORE
        since = self._clock.now() - timedelta(days=shake.plan.exclusion_days)
        if any(at > since for _, at in accepted):
            return Passed.RECENTLY
        if await on_roll(session, member_id) is None:
            return Passed.GONE
        offered = await draw_store.offer_of(session, member_id=member_id) is not None
        return Passed.BUSY if offered or await self._talks.busy(session, [member_id]) else None

    async def _withdrawn(self, session: Session, shake_id: str, secretary_id: str) -> list[Draw]:
        """What a secretary has taken back in a session."""
        draws = await draw_store.of_shake(session, shake_id)
        return [each for each in draws if each.secretary_id == secretary_id and each.state is DrawState.WITHDRAWN]

    async def _end(self, session: Session, shake: Shake, draw: Draw, state: DrawState, *, go_on: bool = True) -> Draw:
        """Without a talk, and draw the next for the same secretary, as long as the session lasts."""
        now = self._clock.now()
        draw = replace(draw, state=state, answered_at=now)
        await draw_store.save(session, draw)
        names = await names_of(session, {draw.secretary_id})
        drafts = [shown.passed(draw), shown.answered(draw), shown.at_desk(draw, names)]
        lasts = not shake.over and now < shake.plan.closes_at and draw.secretary_id in shake.plan.secretaries
        if go_on and lasts and await self.is_free(session, draw.secretary_id):
            newest = await store.newest_revealed(session, shake.id)
            if newest is not None:
                _, _, more = await self.following(session, shake, newest, draw.secretary_id)
                drafts += more
        await self._journal.append(session, *drafts)
        log.info("shake_offer_ended", shake_id=draw.shake_id, number=draw.number, n=draw.n, state=state.value)
        return draw

    async def _held(self, session: Session, found: Draw) -> tuple[Shake, Draw]:
        """Its session, held, and the draw as it stands now."""
        shake = await store.hold(session, found.shake_id)
        draw = await draw_store.find(session, found.id)
        if shake is None or draw is None:
            raise _not_there()
        return shake, draw

    async def _own(self, member: Member, draw_id: str) -> Draw:
        found = await self._recall(draw_id)
        if found.member_id != member.id:
            raise _not_there()
        return found

    async def _recall(self, draw_id: str) -> Draw:
        async with self._database.reading() as session:
            found = await draw_store.find(session, draw_id) if is_id(draw_id) else None
        if found is None or found.state is DrawState.PASSED:
            raise _not_there()
        return found


def _not_there() -> NotFound:
    return NotFound("offer_not_found", "没有这次邀请")
