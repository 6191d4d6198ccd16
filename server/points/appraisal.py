"""Democratic appraisal (民主评议) of a branch in a year: pure rules.

Each member assesses themselves on the five aspects; each full member marks all the others; the branch writes an opinion and
gives a grade, and a secretary of the committee confirms. Points are shown and decide nothing: people give grades, at most a
third of those who are graded 优秀. Probationary members take part without a vote and without a grade; whoever is exempt
(不参评) is not compared; a veto in the ledger leaves no grade.

Marks of others are secret. A sheet of marks is never stored: it is added to tallies in the transaction that notes that somebody
has taken part, so nothing kept says who marked whom. Tallies are shown once marking is over and four others have marked.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member, Role, Status
from .model import Aspect
from .publication import BRANCH, COMMITTEE

LEAST_RATERS = 4
WORDS_MOST = 500
SELF_MOST = 2000
LEAST_DAYS, MOST_DAYS = 1, 90
OBJECT_WORKDAYS = 5
CONFIRMS = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
DESK = (*BRANCH, *COMMITTEE)


class Grade(enum.StrEnum):
    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    BARELY = "barely"
    UNQUALIFIED = "unqualified"

    @property
    def label(self) -> str:
        return _GRADES[self]


class Mark(enum.StrEnum):
    GOOD = "good"
    FAIR = "fair"
    PLAIN = "plain"
    POOR = "poor"

    @property
    def label(self) -> str:
        return _MARKS[self]


_GRADES = dict(zip(Grade, ("优秀", "合格", "基本合格", "不合格"), strict=True))
_MARKS = dict(zip(Mark, ("好", "较好", "一般", "差"), strict=True))


class AppraisalState(enum.StrEnum):
    """`open`: members assess and mark. `grading`: the branch gives grades. `submitted`: the committee has them."""

    OPEN = "open"
    GRADING = "grading"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"


class GradeObjection(enum.StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


Marks = Mapping[Aspect, Mark]
Tally = Mapping[Aspect, Mapping[Mark, int]]


@dataclass(frozen=True, slots=True)
class Appraisal:
    id: str
    branch_id: str
    branch_name: str
    year: int
    state: AppraisalState
    self_until: date
    peers_until: date
    made_by: str
    made_at: datetime
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    objections_until: date | None = None
    words: str = ""
    """Why the committee has sent it back."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """One member of it, as the branch was when it was opened."""

    member_id: str
    name: str
    status: Status
    exempt: bool
    self_marks: Marks = field(default_factory=dict)
    self_grade: Grade | None = None
    self_words: str = ""
    opinion: str = ""
    grade: Grade | None = None
    graded_by: str | None = None
    objection: str = ""
    objected_at: datetime | None = None
    objection_state: GradeObjection | None = None
    answer: str = ""
    answered_by: str | None = None

    @property
    def votes(self) -> bool:
        """Marks the others."""
        return self.status is not Status.PROBATIONARY

    @property
    def is_marked(self) -> bool:
        return not self.exempt

    @property
    def assessed(self) -> bool:
        return self.self_grade is not None

    def gradable(self, vetoed: Collection[str]) -> bool:
        return not self.exempt and self.status is not Status.PROBATIONARY and self.member_id not in vetoed


def most_excellent(graded: int) -> int:
    """How many of so many may be 优秀: a third, rounded down."""
    return graded // 3


def keeps(member: Member, branch_id: str) -> bool:
    """Runs the appraisal of a branch."""
    return member.has(*COMMITTEE) or (member.has(*BRANCH) and member.branch_id == branch_id and branch_id != "")


def check_dates(self_until: date, peers_until: date, today: date) -> None:
    """Raise Invalid `dates_unfit`."""
    if not today < self_until <= peers_until or (peers_until - today).days > MOST_DAYS:
        raise Invalid("dates_unfit", f"截止日期要在今天之后，自评不晚于互评，最长 {MOST_DAYS} 天")


def check_open(appraisal: Appraisal, until: date, today: date) -> None:
    """Raise Conflict `appraisal_over`."""
    if appraisal.state is not AppraisalState.OPEN or today > until:
        raise Conflict("appraisal_over", "这一步已经截止")


def check_sheet(own: Appraised, others: Sequence[Appraised], sheet: Mapping[str, Marks]) -> None:
    """Whoever votes marks all the others, on all aspects. Raise Forbidden `no_vote`, Invalid `sheet_incomplete`."""
    if not own.votes:
        raise Forbidden("no_vote", "预备党员参加评议，不参加互评打分")
    wanted = {each.member_id for each in others if each.is_marked and each.member_id != own.member_id}
    if set(sheet) != wanted or any(set(marks) != set(Aspect) for marks in sheet.values()):
        raise Invalid("sheet_incomplete", "请给每一位同志的五个方面都打分；名单变化时请刷新页面")


def check_closes(appraisal: Appraisal, everybody_marked: bool, today: date) -> None:
    """Raise Conflict `still_open`, `wrong_state`."""
    _check_state(appraisal, AppraisalState.OPEN)
    if today <= appraisal.peers_until and not everybody_marked:
        raise Conflict("still_open", "互评还没有截止，也还有同志没有提交")


def check_grade(
    appraisal: Appraisal, member: Member, about: Appraised, grade: Grade | None, all_: Sequence[Appraised], vetoed: set[str]
) -> None:
    """Under the appraisal's lock. Raise Forbidden `own_matter`, Conflict `wrong_state`, and what `check_room` raises."""
    _check_state(appraisal, AppraisalState.GRADING)
    if member.id == about.member_id:
        raise Forbidden("own_matter", "本人的等次由其他负责人评定")
    check_room(about, grade, all_, vetoed)


def check_room(about: Appraised, grade: Grade | None, all_: Sequence[Appraised], vetoed: set[str]) -> None:
    """Raise Conflict `not_gradable`, `too_many_excellent`."""
    if grade is None:
        return
    if not about.gradable(vetoed):
        raise Conflict("not_gradable", why_not(about, vetoed))
    others = [each for each in all_ if each.member_id != about.member_id and each.grade is Grade.EXCELLENT]
    graded = sum(each.gradable(vetoed) for each in all_)
    most = most_excellent(graded)
    taken = sum(each.gradable(vetoed) for each in others)
    if grade is Grade.EXCELLENT and taken >= most:
        words = f"优秀不超过参评人数的三分之一：{graded} 人参评，最多 {most} 人，已评 {taken} 人"
        raise Conflict("too_many_excellent", words, extra={"most": most, "taken": taken})


def why_not(about: Appraised, vetoed: Collection[str]) -> str:
    """Why somebody gets no grade; "" if they do."""
    if about.exempt:
        return "不参评，不评定等次"
    if about.status is Status.PROBATIONARY:
        return "预备党员参加评议，不评定等次"
    return "受处分影响，本年度不评定等次" if about.member_id in vetoed else ""


def check_submits(appraisal: Appraisal, all_: Sequence[Appraised], vetoed: set[str]) -> None:
    """Raise Conflict `wrong_state`, `grades_missing`, `too_many_excellent`."""
    _check_state(appraisal, AppraisalState.GRADING)
    graded = [each for each in all_ if each.gradable(vetoed)]
    missing = [each.name for each in graded if each.grade is None or not each.opinion]
    if missing:
        raise Conflict("grades_missing", f"还有 {len(missing)} 位同志没有等次或支部意见：{'、'.join(missing[:5])}")
    most, excellent = most_excellent(len(graded)), sum(each.grade is Grade.EXCELLENT for each in graded)
    if excellent > most:  # somebody else has fallen out since, by a veto
        raise Conflict("too_many_excellent", f"现在 {len(graded)} 人参评，优秀最多 {most} 人，已评 {excellent} 人")


def check_confirms(appraisal: Appraisal, member: Member) -> None:
    """Raise Forbidden `role_needed`, `second_person_needed`, Conflict `wrong_state`."""
    if not member.has(*CONFIRMS):
        raise Forbidden("role_needed", "由党委书记或副书记确认")
    _check_state(appraisal, AppraisalState.SUBMITTED)
    if member.id == appraisal.submitted_by:
        raise Forbidden("second_person_needed", "您是提交人，需要另一个人确认")


def check_objects(appraisal: Appraisal, own: Appraised, today: date) -> None:
    """Raise Conflict `no_grade`, `objection_late`, `already_objected`."""
    if appraisal.state is not AppraisalState.CONFIRMED or own.grade is None:
        raise Conflict("no_grade", "还没有可以提出异议的结果")
    if appraisal.objections_until is None or today > appraisal.objections_until:
        raise Conflict("objection_late", "异议期已过")
    if own.objection_state is not None:
        raise Conflict("already_objected", "您已经提出过异议")


def check_answers(member: Member, about: Appraised) -> None:
    """Raise Forbidden `role_needed`, `own_matter`, Conflict `nothing_to_answer`."""
    if not member.has(*COMMITTEE):
        raise Forbidden("role_needed", "异议由党委书记、副书记或专职党务干部答复")
    if member.id in (about.member_id, about.graded_by):
        raise Forbidden("own_matter", "涉及本人或由您评定，请由其他负责人答复")
    if about.objection_state is not GradeObjection.OPEN:
        raise Conflict("nothing_to_answer", "没有等待答复的异议")


def _check_state(appraisal: Appraisal, wanted: AppraisalState) -> None:
    if appraisal.state is not wanted:
        raise Conflict("wrong_state", "这次评议现在不在这一步，请刷新", extra={"state": appraisal.state.value})


def shown_raters(raters: Collection[str], about: str) -> int | None:
    """How many others have marked somebody, where they are enough for a tally to be shown."""
    others = len(raters) - (about in raters)
    return others if others >= LEAST_RATERS else None
