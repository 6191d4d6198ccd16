"""Opening, answering and closing roll-calls, and recording who was present.

An answer joins the next group commit and is acknowledged when it is durable. The answer that makes somebody present is recorded
and credited in the same transaction, so the credit arrives while they are still in the room. What is opened or closed by the
clock happens once, whichever process comes first: each decides on the plan it holds, read anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from ..broadcasts import BEFORE_AIR, OVER, Broadcast, BroadcastService, State, author_of, channel_of, placed, rights
from ..core.again import made_before, reused
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden, NotFound
from ..core.ids import digest, new_id
from ..core.journal import Draft, GroupCommit, Journal
from ..identity import Member
from . import model, store
from .credits import Arrived, Credits
from .model import Chance, Origin, Plan, Proof, ReplayCheck, RollCall, Rules
from .shown import CLOSED, OPENED, shown
from .standing import Standing

log = structlog.get_logger(__name__)

_REMEMBERED = 1000
_AT_ONCE = 200  # credited in one transaction once a broadcast is over


@dataclass(frozen=True, slots=True)
class _Answer:
    roll_call: RollCall  # as remembered
    member_id: str
    branch_id: str | None
    client_id: str
    received_at: datetime

    @property
    def key(self) -> str:
        return digest(f"{self.member_id}\n{self.client_id}")


@dataclass(frozen=True, slots=True)
class Own:
    """A broadcast's roll-calls as one member meets them. `answered`: the numbers of those they answered."""

    plan: Plan
    roll_calls: list[RollCall]
    answered: list[int]
    confirmed_at: datetime | None
    way: Proof | None


class RollCalls:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        broadcasts: BroadcastService,
        credits_: Credits,
        clock: Clock,
        chance: Chance,
        offered: Collection[ReplayCheck] = tuple(ReplayCheck),
    ) -> None:
        """`offered`: what may make a replay count."""
        self._offered = offered
        self._database, self._journal, self._broadcasts, self._clock = database, journal, broadcasts, clock
        self._credits, self._chance = credits_, chance
        self._commits: GroupCommit[_Answer, Standing] = GroupCommit(database, self._write, name="roll-calls")
        self._known: dict[str, RollCall] = {}  # what of them never changes

    async def close(self) -> None:
        await self._commits.aclose()

    # The rules of one broadcast

    async def rules(self, member: Member, broadcast_id: str) -> Rules:
        """Raise NotFound, Forbidden `host_needed`."""
        _require_host(await self._broadcasts.find(member, broadcast_id), member)
        async with self._database.reading() as session:
            plan = await store.find_plan(session, broadcast_id)
        return (plan or Plan(broadcast_id)).rules

    async def set_rules(self, member: Member, broadcast_id: str, rules: Rules) -> Rules:
        """Before it is on air; what makes the replay count at any time. Raise NotFound, Forbidden `host_needed`, Conflict
        `on_air`, `quiz_off`, Invalid `roll_calls_invalid`."""
        model.checked(rules)
        _require_host(await self._broadcasts.find(member, broadcast_id), member)
        async with self._database.transaction() as session:
            plan = await store.hold_plan(session, broadcast_id)
            if plan.rules == rules:
                return rules
            broadcast = await self._broadcasts.find(member, broadcast_id)
            if rules.replay not in self._offered and rules.replay is not plan.rules.replay:
                raise Conflict("quiz_off", "还没有审定过的题库，不能用短测验")
            if rules.of_live != plan.rules.of_live:
                if broadcast.state not in BEFORE_AIR or plan.due is not None:
                    raise Conflict("on_air", "开播后不能再修改点名设置")
                plan = replace(plan, needed=rules.needed)
            await store.save_plan(session, replace(plan, rules=rules))
        log.info("roll_call_rules_set", broadcast_id=broadcast_id, by=member.id, number=rules.number, replay=rules.replay.value)
        return rules

    # In the room

    async def open(self, member: Member, broadcast_id: str, *, client_id: str, seconds: int | None = None) -> RollCall:
        """By hand, at once. The same client id again gives the same answer. Raise Forbidden `keeper_needed`, Conflict
        `roll_calls_closed`, `roll_call_open`, `roll_calls_full`, `client_id_reused`."""
        asked = digest(f"{broadcast_id}\n{seconds}")
        broadcast = await self._broadcasts.find(member, broadcast_id)
        model.require_keeper(broadcast, member)
        try:
            model.check_live(broadcast)
            async with self._database.transaction() as session:
                plan = await store.hold_plan(session, broadcast_id)
                plan = await self._drawn(session, plan, broadcast, self._clock.now())
                length = timedelta(seconds=seconds or plan.rules.seconds)
                made = await self._open(session, broadcast, plan, length, member, client_id=client_id, asked=asked)
        except Conflict as refusal:
            async with self._database.reading() as session:
                return made_before(await store.opened_under(session, member.id, client_id), asked, refusal)
        log.info("roll_call_opened", roll_call_id=made.id, broadcast_id=broadcast_id, by=member.id)
        return made

    async def end(self, member: Member, roll_call_id: str) -> None:
        """Before its time; the second time nothing happens. Raise NotFound, Forbidden `keeper_needed`."""
        found = await self._recall(roll_call_id)
        try:
            broadcast = await self._broadcasts.find(member, found.broadcast_id)
        except NotFound:
            raise _not_there() from None
        model.require_keeper(broadcast, member)
        async with self._database.transaction() as session:
            await store.hold_plan(session, broadcast.id)
            present = _require(await store.find(session, roll_call_id))
            if present.open:
                await self._close(session, present, broadcast, model.Why.HOST)

    async def answer(self, member: Member, roll_call_id: str, *, client_id: str) -> Standing:
        """Raise NotFound for a roll-call that is not the member's to see, Conflict `roll_call_closed`, `client_id_reused`."""
        received_at = self._clock.now()
        roll_call = await self._recall(roll_call_id)
        try:
            await self._broadcasts.find_now(member, roll_call.broadcast_id)
        except NotFound:
            raise _not_there() from None
        return await self._commits.submit(_Answer(roll_call, member.id, member.branch_id, client_id, received_at))

    async def own(self, member: Member, broadcast_id: str) -> Own:
        """Raise as `find` does."""
        await self._broadcasts.find_now(member, broadcast_id)
        async with self._database.snapshot() as session:
            plan = await store.find_plan(session, broadcast_id) or Plan(broadcast_id)
            roll_calls = await store.of_broadcast(session, broadcast_id)
            numbers = await store.answered(session, [broadcast_id], [member.id])
            confirmed_at, way = await store.confirmation(session, broadcast_id, member.id) or (None, None)
        return Own(plan, roll_calls, numbers.get((broadcast_id, member.id), []), confirmed_at, way)

    # By the clock

    async def look(self) -> list[RollCall]:
        """Draw, open, close and settle what is due. Gives the roll-calls that stay open."""
        on_air = {each.id: each for each in await self._broadcasts.on_air()}
        async with self._database.reading() as session:
            plans = {plan.broadcast_id: plan for plan in await store.unsettled(session)}
            roll_calls = await store.all_open(session)
        others = {*plans, *(each.broadcast_id for each in roll_calls)} - on_air.keys()
        over = {each.id: each for each in await self._broadcasts.present(others)} if others else {}
        staying = [each for each in roll_calls if not await self._follow(each, (on_air | over)[each.broadcast_id])]
        for broadcast in on_air.values():
            await self._go_on(broadcast, plans.get(broadcast.id))
        for broadcast in over.values():
            if broadcast.state in OVER and broadcast.id in plans:
                await self._settle(broadcast)
        return staying

    async def count(self, roll_call: RollCall) -> int:
        """How many have answered."""
        async with self._database.reading() as session:
            return await store.count_answers(session, roll_call.id)

    async def _go_on(self, broadcast: Broadcast, plan: Plan | None) -> None:
        now = self._clock.now()
        if plan is None:
            await self._draw(broadcast, now)
        elif broadcast.state is State.INTERRUPTED:
            if model.waits_for_picture(plan, now):
                async with self._database.transaction() as session:
                    plan = await store.hold_plan(session, broadcast.id)
                    await store.save_plan(session, model.put_off(plan, now, self._chance))
        elif plan.due and plan.due[0] <= now:
            await self._open_due(broadcast.id)

    async def _draw(self, broadcast: Broadcast, now: datetime) -> None:
        async with self._database.transaction() as session:
            await self._drawn(session, await store.hold_plan(session, broadcast.id), broadcast, now)

    async def _drawn(self, session: Session, plan: Plan, broadcast: Broadcast, now: datetime) -> Plan:
        """Once, when it has gone on air. `plan` is held."""
        if plan.due is not None:
            return plan
        planned = timedelta(minutes=broadcast.minutes_planned)
        rest = max(planned - (now - (broadcast.live_at or now)), planned / 4)
        plan = replace(plan, due=model.drawn(plan.rules, now, rest, self._chance))
        await store.save_plan(session, plan)
        return plan

    async def _open_due(self, broadcast_id: str) -> None:
        async with self._database.transaction() as session:
            plan = await store.hold_plan(session, broadcast_id)
            (broadcast,) = await self._broadcasts.present([broadcast_id])
            roll_calls = await store.of_broadcast(session, broadcast_id)
            now = self._clock.now()
            if broadcast.state is not State.LIVE or not model.is_due(plan, roll_calls, now):
                return
            await store.save_plan(session, model.without_first(plan))
            made = await self._open(session, broadcast, plan, timedelta(seconds=plan.rules.seconds), None)
        log.info("roll_call_opened", roll_call_id=made.id, broadcast_id=broadcast_id)

    async def _follow(self, roll_call: RollCall, broadcast: Broadcast) -> bool:
        """Whether it is closed now."""
        if broadcast.state is State.INTERRUPTED and not roll_call.interrupted:
            async with self._database.transaction() as session:
                await store.hold_plan(session, broadcast.id)
                await store.note_interrupted(session, roll_call.id)
        if model.why_closed(roll_call, broadcast, self._clock.now()) is None:
            return False
        async with self._database.transaction() as session:
            plan = await store.hold_plan(session, broadcast.id)
            present, now = await store.find(session, roll_call.id), self._clock.now()
            why = None if present is None or not present.open else model.why_closed(present, broadcast, now)
            if present is None or why is None:
                return True
            if present.interrupted and present.origin is Origin.DRAWN and why is model.Why.TIME:
                await store.save_plan(session, model.made_good(plan, now, self._chance))
            await self._close(session, present, broadcast, why)
        return True

    async def _settle(self, broadcast: Broadcast) -> None:
        """It is over, and what was on its way has come: whoever answered all that could be answered was present too."""
        if self._clock.now() < (broadcast.ended_at or broadcast.created_at) + model.GRACE + timedelta(seconds=1):
            return
        while True:
            async with self._database.transaction() as session:
                plan = await store.hold_plan(session, broadcast.id)
                roll_calls = await store.of_broadcast(session, broadcast.id)
                if plan.settled_at is not None or any(each.open for each in roll_calls):
                    return
                needed = model.needed_at_last(plan, len(roll_calls))
                found = await store.proven(session, broadcast.id, needed, limit=_AT_ONCE)
                if not found:
                    await store.save_plan(session, replace(plan, needed=needed, due=(), settled_at=self._clock.now()))
                    break
                fresh = await store.confirm(session, broadcast.id, found, self._clock.now(), Proof.LIVE)
                members = {each: found[each] for each in sorted(fresh)}
                await self._credits.present(session, [Arrived(broadcast, plan.rules.topic, members)])
        log.info("attendance_settled", broadcast_id=broadcast.id, roll_calls=len(roll_calls))

    # Inside

    async def _close(self, session: Session, roll_call: RollCall, broadcast: Broadcast, why: model.Why) -> None:
        """The plan is held."""
        now = self._clock.now()
        await store.close(session, model.closed(roll_call, now, why))
        data = {"id": roll_call.id, "closed_by": why.value}
        at = placed(broadcast, broadcast.ended_at, now)
        await self._journal.append(session, Draft(channel_of(broadcast.id), CLOSED, data, media_at=at))
        log.info("roll_call_closed", roll_call_id=roll_call.id, broadcast_id=broadcast.id, why=why.value)

    async def _open(
        self,
        session: Session,
        broadcast: Broadcast,
        plan: Plan,
        length: timedelta,
        by: Member | None,
        *,
        client_id: str | None = None,
        asked: str | None = None,
    ) -> RollCall:
        """`plan` is held."""
        roll_calls = await store.of_broadcast(session, broadcast.id)
        if len(roll_calls) >= model.MOST_ROLL_CALLS:
            raise Conflict("roll_calls_full", f"一场直播最多点名 {model.MOST_ROLL_CALLS} 次")
        if any(each.open for each in roll_calls):
            raise Conflict("roll_call_open", "还有一次点名没有结束")
        now = self._clock.now()
        made = RollCall(
            id=new_id(),
            broadcast_id=broadcast.id,
            number=len(roll_calls) + 1,
            origin=Origin.DRAWN if by is None else Origin.HOST,
            opened_by=None if by is None else by.id,
            opened_at=now,
            media_at=placed(broadcast, None, now),
            closes_at=now + length,
        )
        author = None if by is None else author_of(broadcast, by)
        draft = Draft(channel_of(broadcast.id), OPENED, shown(made, plan.rules), by=author, media_at=made.media_at)
        (entry,) = await self._journal.append(session, draft)
        made = replace(made, offset=entry.offset)
        await store.add(session, made, client_id=client_id, digest=asked)
        return made

    async def _write(self, session: Session, answers: Sequence[_Answer], careful: bool) -> list[Standing | AppError]:
        plans = await store.share_plans(session, {each.roll_call.broadcast_id for each in answers})
        roll_calls = await store.by_ids(session, {each.roll_call.id for each in answers})
        known = await store.acknowledged(session, {each.key for each in answers})
        refused: dict[int, AppError] = {}
        fresh: dict[int, _Answer] = {}
        acks: dict[str, str] = {}
        for place, each in enumerate(answers):
            try:
                before = known.get(each.key) or acks.get(each.key)
                if before is None:
                    model.check_answerable(_require(roll_calls.get(each.roll_call.id)), each.received_at)
                    acks[each.key] = each.roll_call.id
                    fresh[place] = each
                elif before != each.roll_call.id:
                    raise reused()
            except AppError as refusal:
                refused[place] = refusal
        await store.acknowledge(session, list(acks.items()))
        await store.answer(session, [_row(each) for each in fresh.values()])
        numbers = await store.answered(session, plans.keys(), {each.member_id for each in answers})
        await self._confirm(session, list(fresh.values()), plans, numbers)
        return [
            refused.get(place) or _standing(each, plans[each.roll_call.broadcast_id], numbers)
            for place, each in enumerate(answers)
        ]

    async def _confirm(
        self, session: Session, fresh: Sequence[_Answer], plans: dict[str, Plan], numbers: store.Answered
    ) -> None:
        """Record and credit those whom one of these answers has made present."""
        arrived: list[Arrived] = []
        for broadcast_id in sorted({each.roll_call.broadcast_id for each in fresh}):
            plan = plans[broadcast_id]
            enough = {
                each.member_id: each.branch_id
                for each in fresh
                if each.roll_call.broadcast_id == broadcast_id
                and len(numbers.get((broadcast_id, each.member_id), ())) >= plan.needed
            }
            new = await store.confirm(session, broadcast_id, enough, self._clock.now(), Proof.LIVE)
            if new:
                (broadcast,) = await self._broadcasts.present([broadcast_id])
                arrived.append(Arrived(broadcast, plan.rules.topic, {each: enough[each] for each in sorted(new)}))
        await self._credits.present(session, arrived)

    async def _recall(self, roll_call_id: str) -> RollCall:
        if (known := self._known.get(roll_call_id)) is not None:
            return known
        async with self._database.reading() as session:
            found = _require(await store.find(session, roll_call_id))
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[roll_call_id] = found
        return found


def _standing(answer: _Answer, plan: Plan, numbers: store.Answered) -> Standing:
    """As it was with this answer: the same whenever it is asked for again."""
    mine = numbers.get((plan.broadcast_id, answer.member_id), ())
    return Standing(sum(number <= answer.roll_call.number for number in mine), plan.rules.needed)


def _row(answer: _Answer) -> store.Answer:
    roll_call = answer.roll_call
    return store.Answer(roll_call.id, answer.member_id, roll_call.broadcast_id, answer.branch_id, answer.received_at)


def _require_host(broadcast: Broadcast, member: Member) -> None:
    if not rights(broadcast, member).manage:
        raise Forbidden("host_needed", "只有这场直播的主播可以设置点名")


def _require(roll_call: RollCall | None) -> RollCall:
    if roll_call is None:
        raise _not_there()
    return roll_call


def _not_there() -> NotFound:
    return NotFound("roll_call_not_found", "没有这次点名")
