"""Sessions: announcing, changing, cancelling and closing them. Rounds, tickets and draws have files of their own.

A session is announced with the hash of its seed and the key of its receipts, before anybody can know who will take part. It
opens at its time; it closes by its owner, one of its secretaries, or the clock, and then the seed is told.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from ..core.buckets import Buckets
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.flight import SingleFlight
from ..core.ids import is_id, new_id
from ..core.journal import Author, Draft, Journal
from ..identity import Identity, Member, Person, Role, branch_names
from . import draw_store, model, shown, store
from .draw import commitment
from .live import names_of
from .model import Draw, DrawState, Plan, Round, RoundState, Shake, ShakeState
from .vault import Secrets, Vault

log = structlog.get_logger(__name__)

_REMEMBERED = 200
_LASTS = 1.0  # s


@dataclass(frozen=True, slots=True)
class Seen:
    """A session with the names it mentions, as one member sees it."""

    shake: Shake
    names: dict[str, str]
    branches: dict[str, str]


class Shakes:
    def __init__(self, database: Database, journal: Journal, identity: Identity, vault: Vault, clock: Clock) -> None:
        self._database, self._journal, self._identity = database, journal, identity
        self._vault, self._clock = vault, clock
        self._loads: SingleFlight[Shake | None] = SingleFlight()
        self._known: dict[str, tuple[float, Shake]] = {}  # until when, by `clock.monotonic`
        self._pace = Buckets(model.SHAKES_AT_ONCE, model.SHAKES_PER_SECOND)

    def now(self) -> datetime:
        return self._clock.now()

    # Looking

    async def find(self, member: Member, shake_id: str) -> Shake:
        """Raise NotFound for one that is not this member's to see."""
        async with self._database.reading() as session:
            return await self.find_in(session, member, shake_id)

    async def recall(self, member: Member, shake_id: str) -> Shake:
        """As `find`, for hot paths: what this process has seen a moment ago."""
        known = self._known.get(shake_id)
        if known is None or self._clock.monotonic() >= known[0]:
            shake = await self._loads.run(shake_id, lambda: self._load(shake_id))
            return _require(shake, member)
        return _require(known[1], member)

    def check_pace(self, member: Member) -> None:
        """Before a shake, for each client id of one is remembered. Raise TooMany `too_fast`."""
        self._pace.require(member.id, self._clock.monotonic(), "摇得太快了，请稍等一下")

    async def _load(self, shake_id: str) -> Shake | None:
        now = self._clock.monotonic()
        async with self._database.reading() as session:
            shake = await store.find(session, shake_id) if is_id(shake_id) else None
        if shake is not None:
            if len(self._known) >= _REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[shake_id] = (now + _LASTS, shake)
        return shake

    async def find_in(self, session: Session, member: Member, shake_id: str) -> Shake:
        shake = await store.find(session, shake_id) if is_id(shake_id) else None
        return _require(shake, member)

    async def hold(self, session: Session, member: Member, shake_id: str) -> Shake:
        """As `find`, and nobody else decides on it until the end of the transaction."""
        shake = await store.hold(session, shake_id) if is_id(shake_id) else None
        return _require(shake, member)

    async def seen(self, member: Member, shake_id: str) -> Seen:
        async with self._database.reading() as session:
            shake = await self.find_in(session, member, shake_id)
            return Seen(shake, await _names(session, [shake]), await branch_names(session))

    async def listed(
        self, member: Member, states: Collection[ShakeState], *, before: str | None, limit: int
    ) -> tuple[list[Seen], str | None]:
        """The newest first, and where to read on."""
        async with self._database.reading() as session:
            found = await store.listed(
                session,
                member.id,
                member.branch_id,
                party=member.is_party_member,
                everything=member.has(Role.COMMITTEE_SECRETARY),
                states=states,
                before=before,
                limit=limit + 1,
            )
            names, branches = await _names(session, found), await branch_names(session)
        page = [Seen(each, names, branches) for each in found[:limit]]
        return page, found[limit - 1].id if len(found) > limit else None

    async def choices(self, member: Member) -> tuple[list[Person], dict[str, str]]:
        """Whom the caller may name as secretaries, and which branches they may invite."""
        people = await self._identity.party_members(roles=model.TALKERS)
        async with self._database.reading() as session:
            branches = await branch_names(session)
        if not member.has(Role.COMMITTEE_SECRETARY):
            branches = {each: name for each, name in branches.items() if each == member.branch_id}
        return people, branches

    # Its life

    async def announce(self, member: Member, wanted: Plan) -> Shake:
        """Raise Forbidden `branch_not_yours`, Invalid `shake_invalid`, `secretary_invalid`, `branch_invalid`, of texts."""
        plan = await self._checked(member, wanted)
        shake_id, secrets_ = new_id(), Secrets.fresh()
        shake = Shake(
            id=shake_id,
            owner_id=member.id,
            plan=plan,
            state=ShakeState.ANNOUNCED,
            seed_commitment=commitment(secrets_.seed),
            receipt_key=secrets_.receipt_key,
            sealed=self._vault.seal(shake_id, secrets_),
            revision=0,
            created_at=self._clock.now(),
        )
        async with self._database.transaction() as session:
            await store.add(session, shake)
            await self._tell(session, shake, shown.ANNOUNCED, member)
        log.info("shake_announced", shake_id=shake.id, by=member.id)
        return shake

    async def change(self, member: Member, shake_id: str, changes: Mapping[str, Any]) -> Shake:
        """Before it opens; `changes` by the names of `Plan`. Raise as `announce`, Forbidden `not_yours`, Conflict `shake_open`,
        `shake_over`."""
        found = await self.find(member, shake_id)
        model.require_runs(found, member)
        model.check_changeable(found, self._clock.now())
        plan = await self._checked(member, replace(found.plan, **changes))
        async with self._database.transaction() as session:
            shake = await self.hold(session, member, shake_id)
            model.require_runs(shake, member)
            model.check_changeable(shake, self._clock.now())
            if plan == shake.plan:
                return shake
            shake = replace(shake, plan=plan, revision=shake.revision + 1)
            await store.save(session, shake)
            await store.rename(session, shake)
            await self._tell(session, shake, shown.CHANGED, member)
        return shake

    async def cancel(self, member: Member, shake_id: str) -> Shake:
        """As long as nothing was drawn of it; the second time the answer is the same. Raise Conflict `shake_open`,
        `shake_over`."""
        async with self._database.transaction() as session:
            shake = await self.hold(session, member, shake_id)
            model.require_runs(shake, member)
            if shake.state is ShakeState.CANCELLED:
                return shake
            rounds = await store.rounds(session, shake_id)
            if shake.over:
                raise model.shake_over()
            if any(each.opened_at is not None for each in rounds):
                raise Conflict("shake_open", "已经摇过一轮，不能取消，可以结束本场")
            shake = replace(shake, state=ShakeState.CANCELLED, revision=shake.revision + 1, closed_at=self._clock.now())
            voided = await self.give_up(session, rounds)
            await store.save(session, shake)
            await self._tell(session, shake, shown.CANCELLED, member, before=voided)
        log.info("shake_cancelled", shake_id=shake.id, by=member.id)
        return shake

    async def close(self, member: Member, shake_id: str) -> Shake:
        """By its owner or one of its secretaries; offers that wait are taken back. The second time the answer is the same.
        Raise Forbidden `not_yours`, Conflict `round_under_way`, `shake_over`."""
        async with self._database.transaction() as session:
            shake = await self.hold(session, member, shake_id)
            model.require_desk(shake, member)
            if shake.state is ShakeState.CLOSED:
                return shake
            if shake.over:
                raise model.shake_over()
            shake = await self._close(session, shake, member)
        log.info("shake_closed", shake_id=shake.id, by=member.id)
        return shake

    # By the clock

    async def look(self) -> None:
        """Open and close what is due."""
        now = self._clock.now()
        async with self._database.reading() as session:
            found = await store.running(session)
        for shake in found:
            if shake.state is ShakeState.ANNOUNCED and shake.plan.opens_at <= now < shake.plan.closes_at:
                await self._open_due(shake.id)
            elif now >= shake.plan.closes_at + model.GRACE:
                await self._close_due(shake.id)

    async def _open_due(self, shake_id: str) -> None:
        async with self._database.transaction() as session:
            shake = await store.hold(session, shake_id)
            if shake is None or shake.state is not ShakeState.ANNOUNCED or self._clock.now() < shake.plan.opens_at:
                return
            await self.opened(session, shake)

    async def opened(self, session: Session, shake: Shake) -> Shake:
        """Its time has come. It is held."""
        shake = replace(shake, state=ShakeState.OPEN)
        await store.save(session, shake)
        await self._tell(session, shake, shown.CHANGED, None)
        return shake

    async def _close_due(self, shake_id: str) -> None:
        async with self._database.transaction() as session:
            shake = await store.hold(session, shake_id)
            if shake is None or shake.over or self._clock.now() < shake.plan.closes_at + model.GRACE:
                return
            rounds, draws = await store.rounds(session, shake_id), await draw_store.of_shake(session, shake_id)
            if any(map(_runs_on, rounds)) or any(each.state is DrawState.OFFERED for each in draws):
                return
            await self._close(session, shake, None)
        log.info("shake_closed", shake_id=shake_id)

    # Inside

    async def _close(self, session: Session, shake: Shake, member: Member | None) -> Shake:
        """It is held."""
        rounds = await store.rounds(session, shake.id)
        if any(map(_runs_on, rounds)):
            raise Conflict("round_under_way", "还有一轮没有结束，请稍候")
        now = self._clock.now()
        drafts = await self.give_up(session, rounds) + await self._take_back(session, shake, now)
        seed = self._vault.open(shake.id, shake.sealed).seed.hex()
        shake = replace(shake, state=ShakeState.CLOSED, closed_at=now, seed=seed, revision=shake.revision + 1)
        await store.save(session, shake)
        by = None if member is None else Author(member.id, member.name)
        drafts.append(Draft(shown.channel_of(shake.id), shown.CLOSED, {"seed": seed}, by=by))
        await self._journal.append(session, *drafts)
        return shake

    async def give_up(self, session: Session, rounds: Collection[Round]) -> list[Draft]:
        """Rounds that were prepared and never opened. The session is held."""
        drafts = []
        for each in rounds:
            if each.state is RoundState.PREPARED:
                await store.save_round(session, replace(each, state=RoundState.VOID))
                drafts.append(Draft(shown.channel_of(each.shake_id), shown.VOIDED, {"round": each.number}))
        return drafts

    async def _take_back(self, session: Session, shake: Shake, now: datetime) -> list[Draft]:
        """Offers that wait for an answer."""
        drafts: list[Draft] = []
        open_ = [each for each in await draw_store.of_shake(session, shake.id) if each.state is DrawState.OFFERED]
        names = await names_of(session, {each.secretary_id for each in open_})
        for each in open_:
            draw: Draw = replace(each, state=DrawState.WITHDRAWN, answered_at=now)
            await draw_store.save(session, draw)
            drafts += [shown.passed(draw), shown.answered(draw), shown.at_desk(draw, names)]
        return drafts

    async def _checked(self, member: Member, wanted: Plan) -> Plan:
        plan = model.planned(wanted, self._clock.now())
        model.check_branches(member, plan.branches)
        people = await self._identity.people(plan.secretaries)
        model.check_secretaries(plan.secretaries, list(people.values()))
        async with self._database.reading() as session:
            model.check_known(plan.branches or (), await branch_names(session))
        return plan

    async def _tell(
        self, session: Session, shake: Shake, kind: str, member: Member | None, *, before: Collection[Draft] = ()
    ) -> None:
        data = shown.shown(shake, await _names(session, [shake]), await branch_names(session))
        by = None if member is None else Author(member.id, member.name)
        await self._journal.append(session, *before, Draft(shown.channel_of(shake.id), kind, data, by=by))


def _runs_on(of: Round) -> bool:
    return of.state in (RoundState.OPEN, RoundState.CLOSING, RoundState.CLOSED)


async def _names(session: Session, shakes: Collection[Shake]) -> dict[str, str]:
    named = {each.owner_id for each in shakes} | {id_ for each in shakes for id_ in each.plan.secretaries}
    return await names_of(session, named)


def _require(shake: Shake | None, member: Member) -> Shake:
    if shake is None or not model.may_see(shake, member):
        raise NotFound("shake_not_found", "没有这场摇一摇")
    return shake
