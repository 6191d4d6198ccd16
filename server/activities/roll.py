"""The list the person in charge keeps: who is expected, who came, by whose word, who is absent and why; and the wall.

Nobody marks themselves, in whatever way, nor excuses themselves once check-in is over: that is for another one who runs the
activity. They check in with the code as everybody does.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import structlog

from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..core.journal import Journal
from ..core.texts import tidied
from ..identity import Identity, Member, Person, manages
from . import store
from .codes import Codes, Shown
from .credits import Credits
from .model import Activity, ActivityState, Claim, Part, Seat, Way, check_changes, check_open, check_records, present
from .register import Register
from .seats import fill
from .store import Counts, Lock

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Wall:
    activity: Activity
    code: Shown
    counts: Counts
    latest: list[Part]


class Roll:
    def __init__(
        self,
        register: Register,
        database: Database,
        journal: Journal,
        identity: Identity,
        codes: Codes,
        credits_: Credits,
        clock: Clock,
    ) -> None:
        self._register, self._database, self._journal, self._identity = register, database, journal, identity
        self._codes, self._credits, self._clock = codes, credits_, clock

    async def people(self, member: Member, activity_id: str) -> tuple[list[Part], list[Claim]]:
        """Raise NotFound, Forbidden `organiser_needed`, as everything here does."""
        await self._register.run_by(member, activity_id)
        async with self._database.reading() as session:
            return await store.parts(session, activity_id), await store.claims(session, activity_id)

    async def wall(self, member: Member, activity_id: str) -> Wall:
        """The code of now, and how many have come. Raise Conflict `checkin_not_open`, `checkin_closed`."""
        activity = await self._register.run_by(member, activity_id)
        check_open(activity)
        async with self._database.reading() as session:
            counts = (await store.counts(session, [activity_id])).get(activity_id, Counts(0, 0, 0, 0))
            latest = await store.latest(session, activity_id, _SHOWN)
        return Wall(activity, self._codes.shown(activity_id, self._clock.now()), counts, latest)

    async def mark(self, member: Member, activity_id: str, members: Collection[str], way: Way, reason: str) -> list[Part]:
        """These are present; who was already stays as they were. Raise Conflict `checkin_not_open`, `own_presence`, Invalid
        `reason_needed`, NotFound `member_not_found`."""
        await self._register.run_by(member, activity_id)
        words = _reason(reason, needed=way is not Way.TICKED)
        if member.id in members:
            raise _own()
        people = await self._require_people(members)
        async with self._register.managed(member, activity_id, Lock.SHARE) as (session, activity):
            check_records(activity)
            now = self._clock.now()
            before = [await store.hold(session, activity_id, each) for each in sorted(members)]
            for part in before:
                _check_concerned(member, activity, part, people[part.member_id])
            new = [present(part, now, way, by=member.id, reason=words) for part in before if part.present_at is None]
            for part in new:
                await store.keep(session, part)
            await self._credits.arrived(session, activity, new)
        log.info("presence_marked", activity_id=activity_id, people=len(new), way=way.value, by=member.id)
        return new

    async def withdraw(self, member: Member, activity_id: str, who: str, reason: str) -> None:
        """They were not there after all: what it earned is reversed. The second time nothing happens."""
        words = _reason(reason, needed=True)
        async with self._register.managed(member, activity_id, Lock.SHARE) as (session, activity):
            part = await self._hold(session, activity_id, who)
            if part.present_at is None:
                return
            gone = replace(part, present_at=None, way=None, by=member.id, reason=words, withdrawn=part.withdrawn + 1)
            await store.keep(session, gone)
            await self._credits.left(session, activity, part, by=member.id, reason=words)
        log.info("presence_withdrawn", activity_id=activity_id, member_id=who, by=member.id)

    async def excuse(self, member: Member, activity_id: str, who: str, reason: str) -> None:
        """Absent, and why; by the person in charge. Raise Conflict `already_present`."""
        words = _reason(reason, needed=True)
        async with self._register.managed(member, activity_id, Lock.UPDATE) as (session, activity):
            if who == member.id and activity.state is ActivityState.CLOSED:
                raise _own()
            await self._excuse(session, activity, await self._hold(session, activity_id, who), words, by=member.id)

    async def ask_leave(self, member: Member, activity_id: str, reason: str) -> Part:
        """The same by oneself, up to the end of check-in. A seat goes to whoever waits. Raise Conflict `already_present`,
        `activity_over`."""
        words = _reason(reason, needed=True)
        async with self._register.held(member, activity_id, Lock.UPDATE) as (session, activity):
            check_changes(activity)
            part = await store.hold(session, activity_id, member.id)
            return await self._excuse(session, activity, part, words, by=member.id)

    async def expect(
        self,
        member: Member,
        activity_id: str,
        *,
        add: Collection[str],
        remove: Collection[str],
        branches: Collection[str] = (),
    ) -> None:
        """Of whichever branch; all of another one are the committee's to ask. Raise Conflict `activity_over`, NotFound
        `member_not_found`, Forbidden `organiser_needed`."""
        await self._register.run_by(member, activity_id)
        if any(not manages(member, each) for each in branches):
            raise Forbidden("organiser_needed", "只有党委可以邀请其他支部的全体党员，单个人可以按姓名添加")
        asked = [person.id for each in branches for person in await self._identity.party_members(branch_id=each)]
        add = {*add, *asked}
        await self._require_people({*add, *remove})
        async with self._register.managed(member, activity_id, Lock.SHARE) as (session, activity):
            check_changes(activity)
            for each in sorted({*add, *remove}):
                part = await store.hold(session, activity_id, each)
                await store.keep(session, replace(part, expected=each in add))

    # Inside

    async def _excuse(self, session: Session, activity: Activity, part: Part, words: str, *, by: str) -> Part:
        if part.present_at is not None:
            raise Conflict("already_present", "已经签到，不能再记为缺席")
        over = activity.state is ActivityState.CLOSED
        seat, turn = (part.seat, part.turn) if over else (None, 0)
        excused = replace(part, absence=words, by=by, seat=seat, turn=turn)
        await store.keep(session, excused)
        if over:
            await self._credits.excused(session, activity, excused)
        elif part.seat is Seat.GOING:
            await fill(session, self._journal, activity)
        return excused

    async def _hold(self, session: Session, activity_id: str, who: str) -> Part:
        if await store.part(session, activity_id, who) is None:
            raise NotFound("member_not_found", "名单里没有这个人")
        return await store.hold(session, activity_id, who)

    async def _require_people(self, members: Collection[str]) -> dict[str, Person]:
        people = await self._identity.people(members)
        if any(each not in people or people[each].disabled for each in members):
            raise _nobody()
        return people


def _check_concerned(member: Member, activity: Activity, part: Part, person: Person) -> None:
    """A branch marks its own people, and whoever was asked or signed up; anybody else is the committee's to mark."""
    asked = part.expected or part.seat is not None or part.present_at is not None
    if not asked and not manages(member, None) and person.branch_id != activity.plan.branch_id:
        raise _nobody()


def _own() -> Conflict:
    return Conflict("own_presence", "不能给自己登记，请用签到码签到，或请另一位负责人办理")


def _nobody() -> NotFound:
    return NotFound("member_not_found", "没有这个人，或不在本活动的名单里")


def _reason(text: str, *, needed: bool) -> str:
    words = tidied(text)
    if needed and not words:
        raise Invalid("reason_needed", "请写明原因")
    return words
