"""Appraisals: use cases.

Whatever decides something holds the appraisal's row until its commit: two who give the last 优秀 at the same time come one
after the other, and two sheets of marks are added one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..core.ids import is_id, new_id
from ..core.texts import written
from ..core.workdays import after_workdays
from ..identity import Identity, Member
from . import appraisal as rules
from . import appraisal_store as store
from . import publication_store
from . import store as ledger_store
from .appraisal import Appraisal, AppraisalState, Appraised, Grade, GradeObjection, Marks, Tally
from .model import Aspect, Scale, day_of, score
from .publication import COMMITTEE
from .rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Line:
    """One member as the desk sees them. `took_part`: has marked the others, None for who does not. `tally` is None until it may
    be shown; `why` says why somebody gets no grade."""

    of: Appraised
    took_part: bool | None
    tally: Tally | None
    raters: int | None
    score: int
    vetoed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """An appraisal as the desk sees it."""

    appraisal: Appraisal
    lines: list[Line]
    graded: int
    most: int
    excellent: int


@dataclass(frozen=True, slots=True)
class Summary:
    appraisal: Appraisal
    members: int
    assessed: int
    voters: int
    raters: int
    objections: int


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody has to do in an appraisal, and what came of it. `others`: whom they mark."""

    appraisal: Appraisal
    of: Appraised
    marked: bool
    others: list[Appraised]
    today: date


class Appraising:
    def __init__(self, database: Database, identity: Identity, rulebook: Rulebook, audit: Audit, clock: Clock) -> None:
        self._database, self._identity, self._rulebook = database, identity, rulebook
        self._audit, self._clock = audit, clock

    def today(self) -> date:
        return day_of(self._clock.now())

    # Those who run it

    async def openable(self, member: Member) -> list[tuple[str, str]]:
        """Id and name of the branches the caller may open an appraisal of."""
        branches = await self._identity.directory.branches()
        return [(each.id, each.name) for each in branches if rules.keeps(member, each.id)]

    async def open(self, member: Member, branch_id: str, year: int, self_until: date, peers_until: date) -> Appraisal:
        """Raise Forbidden `role_needed`, NotFound `branch_not_found`, Invalid `dates_unfit`, `year_unfit`, Conflict
        `appraisal_exists`, `branch_empty`."""
        branch = next((name for each, name in await self.openable(member) if each == branch_id), None)
        if branch is None:
            raise NotFound("branch_not_found", "没有这个支部，或不由您负责")
        now = self._clock.now()
        rules.check_dates(self_until, peers_until, day_of(now))
        if year not in (day_of(now).year, day_of(now).year - 1):
            raise Invalid("year_unfit", "只能评议今年和去年")
        people = await self._identity.party_members(branch_id=branch_id)
        if not people:
            raise Conflict("branch_empty", "这个支部还没有党员")
        made = Appraisal(new_id(), branch_id, branch, year, AppraisalState.OPEN, self_until, peers_until, member.id, now)
        async with self._database.transaction() as session:
            exempt = await publication_store.exempt(session, year)
            members = [Appraised(each.id, each.name, each.status, each.id in exempt) for each in people]
            await store.add(session, made, members)
            self._note(session, "appraisal.opened", made, member)
        return made

    async def summaries(self, member: Member) -> list[Summary]:
        """Those the caller runs, the newest year first. Raise Forbidden `role_needed`."""
        if not member.has(*rules.DESK):
            raise Forbidden("role_needed", "民主评议由支部书记、党委书记和专职党务干部组织")
        everywhere = member.has(*COMMITTEE)
        if not everywhere and not member.branch_id:
            return []
        async with self._database.snapshot() as session:
            found = await store.listed(session, None if everywhere else member.branch_id)
            raters = await store.count_raters(session, [each.id for each in found])
            lists = {each.id: await store.members(session, each.id) for each in found}
        return [
            Summary(
                each,
                members=len(lists[each.id]),
                assessed=sum(one.assessed for one in lists[each.id]),
                voters=sum(one.votes for one in lists[each.id]),
                raters=raters.get(each.id, 0),
                objections=sum(one.objection_state is GradeObjection.OPEN for one in lists[each.id]),
            )
            for each in found
        ]

    async def sheet(self, member: Member, appraisal_id: str) -> Sheet:
        """Raise NotFound."""
        async with self._database.snapshot() as session:
            appraisal = await self._run_by(session, member, appraisal_id)
            members = await store.members(session, appraisal_id)
            raters = await store.raters(session, appraisal_id)
            # Between two looks nobody must see what one more sheet has changed.
            tallies = {} if appraisal.state is AppraisalState.OPEN else await store.tallies(session, appraisal_id)
            scale, sums = await self._points(session, appraisal, members)
        vetoed = {member_id for member_id, by in sums.items() if any(each.vetoes for each in by.values())}
        lines = []
        for each in members:
            enough = rules.shown_raters(raters, each.member_id)
            lines.append(
                Line(
                    of=each,
                    took_part=each.member_id in raters if each.votes else None,
                    tally=tallies.get(each.member_id) if enough is not None else None,
                    raters=enough,
                    score=score(scale, sums.get(each.member_id, {})),
                    vetoed=each.member_id in vetoed,
                    why=rules.why_not(each, vetoed),
                )
            )
        graded = [each for each in members if each.gradable(vetoed)]
        excellent = sum(each.grade is Grade.EXCELLENT for each in graded)
        return Sheet(appraisal, lines, len(graded), rules.most_excellent(len(graded)), excellent)

    async def close(self, member: Member, appraisal_id: str) -> None:
        """Marking is over; the branch gives grades. Raise NotFound, Conflict `still_open`, `wrong_state`."""
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            members, raters = await store.members(session, appraisal_id), await store.raters(session, appraisal_id)
            everybody = all(each.member_id in raters for each in members if each.votes)
            rules.check_closes(appraisal, everybody, self.today())
            await store.change(session, appraisal_id, state=AppraisalState.GRADING.value)
            self._note(session, "appraisal.closed", appraisal, member)

    async def grade(self, member: Member, appraisal_id: str, about_id: str, *, grade: Grade | None, opinion: str) -> None:
        """Raise NotFound, Forbidden `own_matter`, Conflict `wrong_state`, `not_gradable`, `too_many_excellent`."""
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            members = await store.members(session, appraisal_id)
            about = _one(members, about_id)
            vetoed = await self._vetoed(session, appraisal, members)
            rules.check_grade(appraisal, member, about, grade, members, vetoed)
            words = written(opinion, most=rules.WORDS_MOST) if opinion.strip() else ""
            values: dict[str, Any] = {"grade": None if grade is None else grade.value, "opinion": words, "graded_by": member.id}
            await store.change_member(session, appraisal_id, about_id, **values)

    async def submit(self, member: Member, appraisal_id: str) -> None:
        """To the committee. Raise NotFound, Conflict `wrong_state`, `grades_missing`, `too_many_excellent`."""
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            members = await store.members(session, appraisal_id)
            rules.check_submits(appraisal, members, await self._vetoed(session, appraisal, members))
            values = {"submitted_by": member.id, "submitted_at": self._clock.now(), "words": ""}
            await store.change(session, appraisal_id, state=AppraisalState.SUBMITTED.value, **values)
            self._note(session, "appraisal.submitted", appraisal, member)

    async def confirm(self, member: Member, appraisal_id: str) -> None:
        """From now on everybody sees their own grade. Raise NotFound, and what `check_confirms` raises."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            rules.check_confirms(appraisal, member)
            await store.change(
                session,
                appraisal_id,
                state=AppraisalState.CONFIRMED.value,
                confirmed_by=member.id,
                confirmed_at=now,
                objections_until=after_workdays(day_of(now), rules.OBJECT_WORKDAYS).day,
            )
            self._note(session, "appraisal.confirmed", appraisal, member)

    async def send_back(self, member: Member, appraisal_id: str, words: str) -> None:
        """The branch is to look again, and why. Raise NotFound, and what `check_confirms` raises."""
        said = written(words, most=rules.WORDS_MOST)
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            rules.check_confirms(appraisal, member)
            await store.change(session, appraisal_id, state=AppraisalState.GRADING.value, words=said)
            self._note(session, "appraisal.sent_back", appraisal, member)

    async def answer(
        self, member: Member, appraisal_id: str, about_id: str, *, uphold: bool, words: str, grade: Grade | None
    ) -> None:
        """Of an objection; where it is upheld the grade is another one from now on. Raise NotFound, Invalid `answer_invalid`,
        and what `check_answers` and `check_room` raise."""
        if uphold is (grade is None):
            raise Invalid("answer_invalid", "异议成立时请选择新的等次，不成立时等次不变")
        said = written(words, most=rules.WORDS_MOST)
        async with self._database.transaction() as session:
            appraisal = await self._run_by(session, member, appraisal_id, lock=True)
            members = await store.members(session, appraisal_id)
            about = _one(members, about_id)
            rules.check_answers(member, about)
            rules.check_room(about, grade, members, await self._vetoed(session, appraisal, members))
            state = GradeObjection.UPHELD if uphold else GradeObjection.REJECTED
            values: dict[str, Any] = {"objection_state": state.value, "answer": said, "answered_by": member.id}
            if grade is not None:
                values["grade"] = grade.value
            await store.change_member(session, appraisal_id, about_id, **values)
            self._note(session, "appraisal.answered", appraisal, member)

    # Members

    async def own(self, member: Member) -> list[Own]:
        """The newest year first."""
        async with self._database.snapshot() as session:
            found = await store.of_member(session, member.id)
            lists = {each.id: await store.members(session, each.id) for each in found}
            raters = {each.id: await store.raters(session, each.id) for each in found}
        return [self._own(member, each, lists[each.id], raters[each.id]) for each in found]

    async def assess(self, member: Member, appraisal_id: str, marks: Marks, grade: Grade, words: str) -> None:
        """Oneself; may be written anew until the day. Raise NotFound, Conflict `appraisal_over`, Invalid `marks_missing`."""
        said = written(words, most=rules.SELF_MOST)
        if set(marks) != set(Aspect):
            raise Invalid("marks_missing", "请给自己的五个方面都打分")
        async with self._database.transaction() as session:
            appraisal, _ = await self._taking_part(session, member, appraisal_id)
            rules.check_open(appraisal, appraisal.self_until, self.today())
            values = {"self_marks": store.marks_text(marks), "self_grade": grade.value, "self_words": said}
            await store.change_member(session, appraisal_id, member.id, **values)

    async def mark(self, member: Member, appraisal_id: str, sheet: Mapping[str, Marks]) -> None:
        """All the others, once. What was marked is not kept; see `appraisal`. Raise NotFound, Forbidden `no_vote`, Conflict
        `appraisal_over`, `already_marked`, Invalid `sheet_incomplete`."""
        async with self._database.transaction() as session:
            appraisal, members = await self._taking_part(session, member, appraisal_id)
            rules.check_open(appraisal, appraisal.peers_until, self.today())
            own = _one(members, member.id)
            if member.id in await store.raters(session, appraisal_id):
                raise Conflict("already_marked", "您已经提交过互评")
            rules.check_sheet(own, members, sheet)
            await store.take(session, appraisal_id, member.id, sheet)

    async def object(self, member: Member, appraisal_id: str, text: str) -> None:
        """To one's own grade. Raise NotFound, and what `check_objects` raises."""
        said = written(text, most=rules.WORDS_MOST)
        async with self._database.transaction() as session:
            appraisal, members = await self._taking_part(session, member, appraisal_id)
            rules.check_objects(appraisal, _one(members, member.id), self.today())
            values = {"objection": said, "objected_at": self._clock.now(), "objection_state": GradeObjection.OPEN.value}
            await store.change_member(session, appraisal_id, member.id, **values)

    # Inside

    def _own(self, member: Member, appraisal: Appraisal, members: Sequence[Appraised], raters: set[str]) -> Own:
        others = [each for each in members if each.is_marked and each.member_id != member.id]
        return Own(appraisal, _one(members, member.id), member.id in raters, others, self.today())

    async def _run_by(self, session: Session, member: Member, appraisal_id: str, *, lock: bool = False) -> Appraisal:
        found = await store.find(session, appraisal_id, lock=lock) if is_id(appraisal_id) else None
        if found is None or not rules.keeps(member, found.branch_id):
            raise NotFound("appraisal_not_found", "没有这次评议")
        return found

    async def _taking_part(self, session: Session, member: Member, appraisal_id: str) -> tuple[Appraisal, list[Appraised]]:
        found = await store.find(session, appraisal_id, lock=True) if is_id(appraisal_id) else None
        members = [] if found is None else await store.members(session, appraisal_id)
        if found is None or all(each.member_id != member.id for each in members):
            raise NotFound("appraisal_not_found", "没有这次评议")
        return found, members

    async def _points(
        self, session: Session, appraisal: Appraisal, members: Sequence[Appraised]
    ) -> tuple[Scale, dict[str, Any]]:
        scale = (await self._rulebook.current(session)).scale(min(date(appraisal.year, 12, 31), self.today()))
        return scale, await ledger_store.sums(session, [each.member_id for each in members], appraisal.year)

    async def _vetoed(self, session: Session, appraisal: Appraisal, members: Sequence[Appraised]) -> set[str]:
        _, sums = await self._points(session, appraisal, members)
        return {member_id for member_id, by in sums.items() if any(each.vetoes for each in by.values())}

    def _note(self, session: Session, name: str, appraisal: Appraisal, member: Member) -> None:
        roles = tuple(sorted(role.value for role in member.roles))
        self._audit.note(session, Act(name, "appraisal", appraisal.id), Actor(member.id, member.name, roles))


def _one(members: Sequence[Appraised], member_id: str) -> Appraised:
    found = next((each for each in members if each.member_id == member_id), None)
    if found is None:
        raise NotFound("member_not_found", "评议名单中没有这位同志")
    return found
