"""The list of those in charge: who has confirmed which version and who has not, by branch; reminding; confirming for others.

Whoever has no phone is confirmed for by the person in charge, with a reason, shown as such, and never by themselves. Such a
confirmation may be taken back; what somebody confirmed themselves may not.
"""

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from ..core.audit import Act, Actor, Audit
from ..core.chinese import chinese_key
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.journal import Journal
from ..core.texts import written
from ..identity import Identity, Member, Person
from . import live, store
from .credits import Credits
from .model import REASON_MOST, Part, TaskState, check_in_charge, check_records, confirmed, may_remind, taken_back
from .register import Register, Seen
from .store import Lock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who is asked. `branch`: the name of where they belonged then. `by`: the name of who confirmed for them."""

    part: Part
    person: Person | None
    branch: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Roster:
    seen: Seen
    lines: list[Line]


class Keeping:
    def __init__(
        self,
        register: Register,
        database: Database,
        journal: Journal,
        identity: Identity,
        credits_: Credits,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._register, self._database, self._journal, self._identity = register, database, journal, identity
        self._credits, self._audit, self._clock = credits_, audit, clock

    async def roster(self, member: Member, task_id: str) -> Roster:
        """In the order of branches and names. Raise NotFound, Forbidden `organiser_needed`, as everything here does."""
        seen = await self._register.kept_by(member, task_id)
        async with self._database.reading() as session:
            parts = [each for each in await store.parts(session, task_id) if seen.charge.answers_for(each)]
        people = await self._identity.people({each for part in parts for each in (part.member_id, part.by) if each})
        branches = {branch.id: branch.name for branch in await self._identity.directory.branches()}
        lines = [_line(part, people, branches) for part in parts]
        lines.sort(key=_place)
        return Roster(seen, lines)

    async def exported(self, member: Member, task_id: str) -> Roster:
        """The same, to be taken out; that stands in the audit."""
        roster = await self.roster(member, task_id)
        async with self._database.transaction() as session:
            self._note(session, member, task_id, "task.exported")
        return roster

    async def remind(self, member: Member, task_id: str) -> tuple[int, int]:
        """Those who have not confirmed, each once in four hours; gives how many were reminded and how many were lately.

        Raise Conflict `task_over`."""
        await self._register.kept_by(member, task_id)
        async with self._register.held(member, task_id, Lock.SHARE) as (session, seen):
            check_in_charge(seen.charge)
            if seen.task.state is not TaskState.GIVEN:
                raise Conflict("task_over", "任务没有在进行，不用提醒")
            now = self._clock.now()
            own = [each for each in await store.parts(session, task_id, lock=True) if seen.charge.answers_for(each)]
            waiting = [each for each in own if each.confirmed_at is None]
            due = [each.member_id for each in waiting if may_remind(each, now)]
            for start in range(0, len(due), 500):
                await store.note_reminded(session, task_id, due[start : start + 500], now)
            title = seen.version.content.title
            await self._journal.append(session, *(live.reminded(seen.task, title, each) for each in due))
        log.info("task_reminded", task_id=task_id, people=len(due), by=member.id)
        return len(due), len(waiting) - len(due)

    async def confirm_for(self, member: Member, task_id: str, members: Collection[str], reason: str) -> int:
        """These have read it on paper or were read it; who has confirmed already stays as they were. Gives how many are new.

        Raise Conflict `own_confirmation`, `task_state`, NotFound `member_not_found`, Invalid `text_empty`."""
        await self._register.kept_by(member, task_id)
        words = written(reason, most=REASON_MOST)
        if member.id in members:
            raise Conflict("own_confirmation", "不能给自己登记，请自己阅读后确认，或请另一位负责人办理")
        async with self._register.held(member, task_id, Lock.SHARE) as (session, seen):
            check_in_charge(seen.charge)
            check_records(seen.task)
            before = [await self._part(session, seen, each) for each in sorted(members)]
            now, title = self._clock.now(), seen.version.content.title
            waiting = [each for each in before if each.confirmed_at is None]
            new = [confirmed(each, seen.task, seen.version, now, by=member.id, reason=words) for each in waiting]
            for part in new:
                await store.keep(session, part)
                self._note(session, member, task_id, "task.confirmed_for", words, part.member_id)
            await self._journal.append(session, *(live.confirmed(seen.task, title, part) for part in new))
            await self._credits.confirmed(session, seen.task, title, new)
        log.info("task_confirmed_for", task_id=task_id, people=len(new), by=member.id)
        return len(new)

    async def take_back(self, member: Member, task_id: str, who: str, reason: str) -> None:
        """A confirmation somebody made for them; what it earned is reversed. The second time nothing happens.

        Raise Conflict `confirmed_in_person`, `own_confirmation`, NotFound `member_not_found`, Invalid `text_empty`."""
        await self._register.kept_by(member, task_id)
        words = written(reason, most=REASON_MOST)
        if who == member.id:
            raise Conflict("own_confirmation", "自己的确认请另一位负责人办理")
        async with self._register.held(member, task_id, Lock.SHARE) as (session, seen):
            check_in_charge(seen.charge)
            part = await self._part(session, seen, who)
            if part.confirmed_at is None:
                return
            if part.by is None:
                raise Conflict("confirmed_in_person", "本人确认的不能撤销")
            after, title = taken_back(part, by=member.id, reason=words), seen.version.content.title
            await store.keep(session, after)
            self._note(session, member, task_id, "task.confirmation_taken_back", words, who)
            await self._journal.append(session, live.confirmed(seen.task, title, after))
            await self._credits.taken_back(session, seen.task, title, part, by=member.id, reason=words)
        log.info("task_confirmation_taken_back", task_id=task_id, member_id=who, by=member.id)

    # Inside

    async def _part(self, session: Session, seen: Seen, who: str) -> Part:
        """Held. Raise NotFound for whoever is not asked, or not theirs to answer for."""
        part = await store.part(session, seen.task.id, who, lock=True)
        if part is None or not seen.charge.answers_for(part):
            raise NotFound("member_not_found", "名单里没有这个人")
        return part

    def _note(self, session: Session, member: Member, task_id: str, act: str, reason: str = "", who: str | None = None) -> None:
        actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        more = {} if who is None else {"member": who}
        self._audit.note(session, Act(act, "task", task_id, reason=reason, more=more), actor)


def _place(line: Line) -> tuple[bool, str, str]:
    return line.branch is None, chinese_key(line.branch or ""), chinese_key(line.person.name if line.person else "")


def _line(part: Part, people: dict[str, Person], branches: dict[str, str]) -> Line:
    by = people.get(part.by) if part.by is not None else None
    branch = None if part.branch_id is None else branches.get(part.branch_id)
    return Line(part, people.get(part.member_id), branch, None if by is None else by.name)
