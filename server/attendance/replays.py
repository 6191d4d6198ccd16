"""Whoever watches a replay is asked in it, and counts as present once they have answered often enough.

The steps of the picture come from `Watching`, in the transaction that adds them to what was watched: what is opened is opened
there, once, whatever process hears of it. An answer, the record and the credit are one transaction, as in the live room; who
was recorded there is asked nothing here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from ..broadcasts import Broadcast, BroadcastService, sent
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.ids import digest, new_id
from ..identity import Member
from . import replay_model, replay_store, store
from .credits import Arrived, Credits
from .model import GRACE, Chance, Plan, Proof, ReplayCheck, Rules
from .replay_model import Prompt
from .replay_store import Key
from .standing import Standing
from .watched import Interval, Intervals

log = structlog.get_logger(__name__)

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """What the picture of one page has moved on, believed, in ms of the broadcast. `watched`: ms in all, with it."""

    broadcast: Broadcast
    member_id: str
    media: Interval
    watched: int

    @property
    def key(self) -> Key:
        return self.broadcast.id, self.member_id


@dataclass(frozen=True, slots=True)
class OwnReplay:
    """How a member stands to a replay that counts. `until`: None before the broadcast has ended. `open`: it counts now.
    `missed`: roll-calls that ran out, and come again where that part is watched again."""

    check: ReplayCheck
    days: int
    until: datetime | None
    open: bool
    number: int
    needed: int
    answered: int
    missed: int
    prompt: Prompt | None


class Replays:
    def __init__(
        self, database: Database, broadcasts: BroadcastService, credits_: Credits, clock: Clock, chance: Chance
    ) -> None:
        self._database, self._broadcasts, self._credits = database, broadcasts, credits_
        self._clock, self._chance = clock, chance

    async def passed(self, session: Session, steps: Sequence[Step]) -> Mapping[Key, Prompt]:
        """Gives what is asked of whom now. The watch times of these members are held."""
        now = self._clock.now()
        plans = await store.plans(session, {each.broadcast.id for each in steps})
        counting = [each for each in steps if _asks(plans.get(each.broadcast.id), each.broadcast, now)]
        if not counting:
            return {}
        known = await store.recorded(session, {each.key for each in counting})
        prompts = await replay_store.of_members(session, {each.key for each in counting} - known)
        asked: dict[Key, Prompt] = {}
        for each in counting:
            if each.key not in known:
                prompts[each.key] = await self._step(session, each, plans[each.broadcast.id].rules, prompts[each.key], now)
                if (open_ := _open(prompts[each.key], now)) is not None:
                    asked[each.key] = open_
        return asked

    async def answer(self, member: Member, prompt_id: str, *, client_id: str) -> Standing:
        """Raise NotFound `replay_prompt_not_found`, Conflict `roll_call_closed`, `client_id_reused`."""
        received_at = self._clock.now()
        key = digest(f"{member.id}\n{client_id}")
        await self._require_seen(member, prompt_id)
        async with self._database.transaction() as session:
            prompt = await replay_store.hold(session, prompt_id)
            if prompt is None or prompt.opened_at is None:
                raise _not_there()
            if await replay_store.acknowledged(session, key) not in (None, prompt.id):
                raise _reused()
            if prompt.answered_at is None:
                _check_answerable(prompt, received_at)
                prompt = replace(prompt, answered_at=received_at)
                await replay_store.answered(session, prompt)
            if await replay_store.acknowledge(session, key, prompt.id) != prompt.id:
                raise _reused()
            plan = await store.find_plan(session, prompt.broadcast_id) or Plan(prompt.broadcast_id)
            _, needed = replay_model.asked(plan.rules)
            mine = (prompt.broadcast_id, member.id)
            prompts = (await replay_store.of_members(session, [mine]))[mine]
            if len(replay_model.answered_parts(prompts)) >= needed:
                await self.confirm(session, plan, member)
        return Standing(len(replay_model.answered_parts(prompts, prompt.answered_at)), needed)

    async def confirm(self, session: Session, plan: Plan, member: Member) -> None:
        """Record and credit somebody who has watched, unless they were recorded before. The last thing in its transaction."""
        now = self._clock.now()
        if await store.confirm(session, plan.broadcast_id, [member.id], now, Proof.REPLAY):
            (broadcast,) = await self._broadcasts.present([plan.broadcast_id])
            arrived = Arrived(broadcast, plan.rules.topic, {member.id: member.branch_id}, Proof.REPLAY, now)
            await self._credits.present(session, [arrived])
            log.info("attended_by_replay", broadcast_id=broadcast.id, member_id=member.id)

    async def own(self, member: Member, broadcast_id: str) -> OwnReplay | None:
        """None where the replay does not count. Raise as `find` does."""
        broadcast = await self._broadcasts.find_now(member, broadcast_id)
        now, mine = self._clock.now(), (broadcast_id, member.id)
        async with self._database.snapshot() as session:
            plan = await store.find_plan(session, broadcast_id) or Plan(broadcast_id)
            prompts = (await replay_store.of_members(session, [mine]))[mine]
        if plan.rules.replay is ReplayCheck.NONE:
            return None
        number, needed = replay_model.asked(plan.rules)
        return OwnReplay(
            check=plan.rules.replay,
            days=plan.rules.replay_days,
            until=replay_model.until(plan.rules, broadcast),
            open=replay_model.counts(plan.rules, broadcast, now),
            number=number,
            needed=needed,
            answered=len(replay_model.answered_parts(prompts)),
            missed=len(replay_model.missed_parts(prompts, now)),
            prompt=_open(prompts, now),
        )

    async def _require_seen(self, member: Member, prompt_id: str) -> None:
        """It is the member's own, and of a broadcast that they may still see."""
        async with self._database.reading() as session:
            prompt = await replay_store.find(session, prompt_id)
        if prompt is None or prompt.member_id != member.id:
            raise _not_there()
        try:
            await self._broadcasts.find_now(member, prompt.broadcast_id)
        except NotFound:
            raise _not_there() from None

    async def _step(self, session: Session, step: Step, rules: Rules, before: list[Prompt], now: datetime) -> list[Prompt]:
        number, _ = replay_model.asked(rules)
        fresh: list[Prompt] = []
        whole = await _whole(session, step.broadcast) if (parts := replay_model.parts_to_draw(before, number, now)) else ()
        for part in parts:
            place = replay_model.drawn(whole, part, number, self._chance)
            fresh.append(Prompt(new_id(), step.broadcast.id, step.member_id, part, place))
        if fresh:
            await replay_store.add(session, fresh)
        prompts = {each.id: each for each in [*before, *fresh]}
        changed = {each.id: each for each in replay_model.passed(list(prompts.values()), step.media, now)}
        prompts |= changed
        recorded = int((step.broadcast.recorded_seconds or 0) * 1000)
        if (due := replay_model.to_open(list(prompts.values()), step.watched, recorded, number, now)) is not None:
            changed[due.id] = prompts[due.id] = replay_model.opened(due, rules, now)
        await replay_store.moved(session, list(changed.values()))
        return list(prompts.values())


async def _whole(session: Session, broadcast: Broadcast) -> Intervals:
    """What there is to be watched, in ms of the broadcast."""
    start = broadcast.live_at
    if start is None:
        return ()
    return tuple(((first - start) // _MS, (last - start) // _MS) for first, last in await sent(session, broadcast))


def _asks(plan: Plan | None, broadcast: Broadcast, now: datetime) -> bool:
    return plan is not None and plan.rules.replay is ReplayCheck.ROLL_CALL and replay_model.counts(plan.rules, broadcast, now)


def _open(prompts: Sequence[Prompt], now: datetime) -> Prompt | None:
    return next((each for each in prompts if each.open(now)), None)


def _check_answerable(prompt: Prompt, received_at: datetime) -> None:
    if prompt.closes_at is None or received_at > prompt.closes_at + GRACE:
        raise Conflict("roll_call_closed", "这次点名已经结束。重看这一段时会再点一次")


def _not_there() -> NotFound:
    return NotFound("replay_prompt_not_found", "没有这次点名")


def _reused() -> Conflict:
    return Conflict("client_id_reused", "这个 client_id 已用于另一次操作")
