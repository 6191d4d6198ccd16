"""Check-in by the members themselves, and what becomes of a claim from a phone that was offline.

However often and from wherever a member checks in, they are present once and credited once: it is decided under the row that
says what the member has to do with the activity, and credited in the same transaction.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Conflict, Invalid, NotFound
from ..core.journal import Journal
from ..core.spreadsheets import BEIJING
from ..core.texts import tidied
from ..identity import Member
from . import live, store
from .codes import Codes
from .credits import Credits
from .model import (
    Activity,
    Claim,
    ClaimState,
    Part,
    Way,
    check_open,
    check_records,
    check_tries,
    mistaken,
    present,
)
from .register import Register
from .store import Lock

log = structlog.get_logger(__name__)

_AHEAD = timedelta(minutes=2)  # how far a phone's clock may be ahead of ours


class CheckIn:
    def __init__(
        self, register: Register, database: Database, journal: Journal, codes: Codes, credits_: Credits, clock: Clock
    ) -> None:
        self._register, self._database, self._journal = register, database, journal
        self._codes, self._credits, self._clock = codes, credits_, clock

    async def check_in(self, member: Member, activity_id: str, code: str) -> Part:
        """The second time the same answer, whatever the code. Raise NotFound, Conflict `checkin_not_open`, `checkin_closed`,
        Invalid `code_wrong`, TooMany `too_many_codes`."""
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            part = await store.hold(session, activity_id, member.id)
            if part.present_at is not None:
                return part
            check_open(activity)
            now = self._clock.now()
            check_tries(part, now)
            good = self._codes.is_good(activity_id, code, now, on_air=activity.plan.broadcast_id is not None)
            part = present(part, now, Way.CODE) if good else mistaken(part, now)
            await store.keep(session, part)
            if good:
                await self._credits.arrived(session, activity, [part])
        if not good:  # after the commit, so that it counts
            log.info("checkin_refused", activity_id=activity_id, member_id=member.id, wrong=part.wrong)
            raise Invalid("code_wrong", "签到码不对或已过期，请看现在屏幕上的码")
        log.info("checked_in", activity_id=activity_id, member_id=member.id)
        return part

    # A phone that was offline

    async def claim(self, member: Member, activity_id: str, code: str, scanned_at: datetime) -> Claim | None:
        """For the person in charge to decide on, never by itself; None for whoever is present already. The second time what
        became of the first. Raise NotFound, Conflict `checkin_not_open`, Invalid `claim_time_invalid`."""
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            part = await store.hold(session, activity_id, member.id)
            if part.present_at is not None:
                return None
            now = self._clock.now()
            check_records(activity)
            if scanned_at > now + _AHEAD:
                raise Invalid("claim_time_invalid", "手机的时间不对，请联系负责人补签")
            genuine = self._codes.was_good(activity_id, code, scanned_at) and _within(activity, scanned_at)
            kept = await store.claim(session, Claim(activity_id, member.id, scanned_at, now, genuine))
        log.info("checkin_claimed", activity_id=activity_id, member_id=member.id, genuine=genuine)
        return kept

    async def decide(self, member: Member, activity_id: str, who: str, *, confirm: bool, reason: str) -> Claim:
        """The same decision again changes nothing. Raise NotFound, Forbidden `organiser_needed`, Conflict `claim_decided`,
        Invalid `reason_needed`."""
        words = tidied(reason)
        async with self._register.managed(member, activity_id, Lock.SHARE) as (session, activity):
            part = await store.hold(session, activity_id, who) if await store.find_claim(session, activity_id, who) else None
            claim = await store.find_claim(session, activity_id, who, lock=True)
            if claim is None or part is None:
                raise NotFound("claim_not_found", "没有这条补签申请")
            wanted = ClaimState.CONFIRMED if confirm else ClaimState.DECLINED
            if claim.state is wanted:
                return claim
            if claim.state is not ClaimState.WAITING:
                raise Conflict("claim_decided", "这条申请已经处理过了")
            if who == member.id:
                raise Conflict("own_presence", "不能给自己补签，请另一位负责人办理")
            if not words:
                raise Invalid("reason_needed", "请写明原因")
            now = self._clock.now()
            decided = replace(claim, state=wanted, decided_by=member.id, decided_at=now, reason=words)
            await store.settle(session, decided)
            await self._journal.append(session, live.claim_decided(activity, decided))
            if confirm and part.present_at is None:
                came = present(part, min(claim.scanned_at, now), Way.LATE, by=member.id, reason=words)
                await store.keep(session, came)
                await self._credits.arrived(session, activity, [came])
        log.info("claim_decided", activity_id=activity_id, member_id=who, state=wanted.value, by=member.id)
        return decided

    # Too much

    async def complain(self, member: Member, activity_id: str) -> None:
        """ "负担太重": counted once for each member. Raise NotFound."""
        async with self._register.held(member, activity_id, Lock.NONE) as (session, _):
            await store.complain(session, activity_id, member.id, self._clock.now())

    async def burdens(self) -> list[tuple[Activity, int, date]]:
        """By activity how many found it too much, and the day of the last one; the newest first. Of days that are over: a count
        that rises at once would tell, together with who was just there, who it was."""
        today = self._clock.now().astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._database.reading() as session:
            found = await store.burdens(session, today.astimezone(UTC), 200)
        days = [(activity, many, at.astimezone(BEIJING).date()) for activity, many, at in found]
        return sorted(days, key=lambda each: (each[2], each[0].id), reverse=True)


def _within(activity: Activity, moment: datetime) -> bool:
    """While check-in was running, as far as a phone's clock can be trusted."""
    opened, closed = activity.opened_at, activity.closed_at
    return opened is not None and opened - _AHEAD <= moment and (closed is None or moment <= closed + _AHEAD)
