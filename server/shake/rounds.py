"""Rounds: a secretary's page commits to its nonce, the secretary's shake opens the round, after its close the nonce is told.

What is revealed draws for its secretary in the same transaction, so that there is no moment in which the draw is known and not
yet said. A nonce that is not revealed in time makes the round void: nobody is kept waiting, and everybody can see it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from ..core.clock import Clock, rfc3339
from ..core.db import Database, Session
from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..core.journal import Author, Draft, Journal
from ..identity import Member
from . import model, shown, store
from .draw import keeps
from .drawing import Drawing
from .listing import Listing
from .model import Limits, Round, RoundState, ShakeState
from .service import Shakes

log = structlog.get_logger(__name__)


class Rounds:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        shakes: Shakes,
        drawing: Drawing,
        listing: Listing,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._database, self._journal, self._shakes = database, journal, shakes
        self._drawing, self._listing, self._limits, self._clock = drawing, listing, limits, clock

    async def prepare(self, member: Member, shake_id: str, nonce_commitment: str) -> Round:
        """The same commitment again, before the opening, gives the same round. Raise Forbidden `secretary_needed`, Conflict
        `round_under_way`, `rounds_used_up`, `shake_over`."""
        async with self._database.transaction() as session:
            shake = await self._shakes.hold(session, member, shake_id)
            model.require_secretary(shake, member)
            rounds = await store.rounds(session, shake_id)
            for each in rounds:
                if each.nonce_commitment == nonce_commitment:
                    if each.secretary_id == member.id and each.state is RoundState.PREPARED:
                        return each
                    raise Invalid("nonce_used", "这个随机数已经用过，请刷新页面")
            model.check_preparable(shake, rounds, self._clock.now())
            drafts = await self._shakes.give_up(session, rounds)
            made = Round(shake_id, len(rounds) + 1, member.id, nonce_commitment, RoundState.PREPARED)
            await store.add_round(session, made)
            by = {"id": member.id, "name": member.name}
            data = {"round": made.number, "nonce_commitment": nonce_commitment, "by_secretary": by}
            drafts.append(Draft(shown.channel_of(shake_id), shown.PREPARED, data, by=_author(member)))
            await self._journal.append(session, *drafts)
        return made

    async def open(self, member: Member, shake_id: str, number: int | None = None) -> Round:
        """The round this secretary has prepared; the second time the answer is the same. Raise Forbidden `secretary_needed`,
        NotFound, Conflict `round_not_prepared`, `shake_not_open`, `shake_over`."""
        async with self._database.transaction() as session:
            shake = await self._shakes.hold(session, member, shake_id)
            model.require_secretary(shake, member)
            found = _mine(await store.rounds(session, shake_id), member, number)
            if found.opened_at is not None:
                return found
            now = self._clock.now()
            model.check_openable(shake, now)
            if found.state is not RoundState.PREPARED:
                raise _not_prepared()
            if shake.state is ShakeState.ANNOUNCED:
                shake = await self._shakes.opened(session, shake)
            closes_at = now + timedelta(seconds=shake.plan.round_seconds)
            found = replace(found, state=RoundState.OPEN, opened_at=now, closes_at=closes_at)
            await store.save_round(session, found)
            data = {"round": found.number, "opened_at": rfc3339(now), "closes_at": rfc3339(closes_at)}
            await self._journal.append(session, Draft(shown.channel_of(shake_id), shown.OPENED, data, by=_author(member)))
        log.info("shake_round_opened", shake_id=shake_id, number=found.number, by=member.id)
        return found

    async def reveal(self, member: Member, shake_id: str, number: int, nonce: str) -> Round:
        """And draw for this secretary, if they are free. The second time the answer is the same. Raise NotFound, Forbidden
        `not_yours`, Invalid `nonce_wrong`, Conflict `round_not_closed`, `round_void`."""

        async def work(session: Session) -> Round:
            shake = await self._shakes.hold(session, member, shake_id)
            model.require_secretary(shake, member)
            found = _require(await store.hold_round(session, shake_id, number))
            if found.secretary_id != member.id:
                raise Forbidden("not_yours", "这一轮是另一位书记准备的")
            if not keeps(bytes.fromhex(nonce), found.nonce_commitment):
                raise Invalid("nonce_wrong", "与事先公布的承诺不符")
            if found.state is RoundState.REVEALED:
                return found
            model.check_revealable(found, self._clock.now(), self._limits)
            found = replace(found, state=RoundState.REVEALED, nonce=nonce)
            told = {"round": number, "nonce": nonce}
            drafts = [Draft(shown.channel_of(shake_id), shown.REVEALED, told, by=_author(member))]
            if await self._drawing.is_free(session, member.id):
                _, found, more = await self._drawing.following(session, shake, found, member.id)
                drafts += more
            else:
                await store.save_round(session, found)
            await self._journal.append(session, *drafts)
            return found

        found = await self._drawing.retried(work)
        log.info("shake_revealed", shake_id=shake_id, number=number)
        return found

    async def open_now(self) -> list[Round]:
        async with self._database.reading() as session:
            return [each for each in await store.under_way(session) if each.state is RoundState.OPEN]

    async def look(self) -> None:
        """Close and void what is due."""
        async with self._database.reading() as session:
            found = await store.under_way(session)
        now = self._clock.now()
        for each in found:
            if model.is_due_to_close(each, now) or each.state is RoundState.CLOSING:
                await self._listing.close(each)
            elif model.overdue_reveal(each, now, self._limits):
                await self._void(each)

    async def _void(self, of: Round) -> None:
        async with self._database.transaction() as session:
            await store.hold(session, of.shake_id)
            found = await store.hold_round(session, of.shake_id, of.number)
            if found is None or not model.overdue_reveal(found, self._clock.now(), self._limits):
                return
            await store.save_round(session, replace(found, state=RoundState.VOID))
            await self._journal.append(session, Draft(shown.channel_of(of.shake_id), shown.VOIDED, {"round": of.number}))
        log.info("shake_round_void", shake_id=of.shake_id, number=of.number)


def _mine(rounds: Sequence[Round], member: Member, number: int | None) -> Round:
    """The one of this number, or the newest that is this secretary's to open, or is open."""
    if number is not None:
        found = _require(next((each for each in rounds if each.number == number), None))
        if found.secretary_id != member.id:
            raise Forbidden("not_yours", "这一轮是另一位书记准备的")
        return found
    newest = rounds[-1] if rounds else None
    if newest is not None and newest.secretary_id == member.id and newest.state in (RoundState.PREPARED, RoundState.OPEN):
        return newest
    raise _not_prepared()


def _require(found: Round | None) -> Round:
    if found is None:
        raise NotFound("round_not_found", "没有这一轮")
    return found


def _not_prepared() -> Conflict:
    return Conflict("round_not_prepared", "请先准备好这一轮")


def _author(member: Member) -> Author:
    return Author(member.id, member.name, "secretary")
