"""What a task is (在线点击): a document that is given to be read and confirmed; who may do what with it. Pure rules.

A task belongs to the branch of whoever gives it, or to the committee, which alone gives to several branches. Whoever is asked
has a part in it, from the moment it is given; people who join a branch later are asked by the housekeeping while it is not
due. Each confirms once, whatever is repeated; a confirmation keeps which version it was of, with the hash of that text. Being
late is noted and nothing more. Nobody confirms for themselves in somebody else's way, and what nobody may see is not there.
"""

import enum
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..identity import OF_BRANCH, Member, manages

TITLE_MOST = 80
TEXT_MOST = 20_000
REASON_MOST = 200
FILE_NAME_MOST = 120
FILES_MOST = 6
POOL_MOST = 30
"""Files ever handed in for one task, those of earlier versions included."""
LONGEST = timedelta(days=366)
REMIND_AGAIN = timedelta(hours=4)


class TaskState(enum.StrEnum):
    """`closed`: nobody confirms any more. `withdrawn`: it should not have been given."""

    DRAFT = "draft"
    GIVEN = "given"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CountsAs(enum.StrEnum):
    """What the rulebook knows of confirming a document (D01, L02): the events of the ledger, in our words."""

    PLEDGE = "pledge"
    INTEGRITY_PLEDGE = "integrity_pledge"


@dataclass(frozen=True, slots=True)
class TaskFile:
    """`kind`: `jpeg` or `pdf`."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """One version of what is to be read."""

    title: str
    text: str
    files: tuple[TaskFile, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 of what a reader confirms: the words and the files, not when or for whom."""
        said = {"title": self.title, "text": self.text, "files": [[each.name, each.sha256] for each in self.files]}
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    content: Content
    hash: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and until when. `whole`: for every branch and who is in none."""

    due_at: datetime
    whole: bool
    branches: tuple[str, ...] = ()
    counts_as: CountsAs | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`branch_id`: whose it is, None for the committee's. `version`: the newest; of a draft it is rewritten in place."""

    id: str
    branch_id: str | None
    terms: Terms
    state: TaskState
    version: int
    created_by: str
    created_at: datetime
    given_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody has to do with a task. `version`, `hash`: what was confirmed. `by`, `reason`: who confirmed for them, or
    took such a confirmation back, and why; `withdrawn` counts those. `branch_id`: where they belonged when they were asked."""

    task_id: str
    member_id: str
    branch_id: str | None
    asked_at: datetime
    confirmed_at: datetime | None = None
    version: int | None = None
    hash: str | None = None
    late: bool = False
    by: str | None = None
    reason: str = ""
    withdrawn: int = 0
    reminded_at: datetime | None = None


# Rights


@dataclass(frozen=True, slots=True)
class Charge:
    """`runs`: changes, gives, ends it. `answers`: for whom they see, remind and confirm: the branches' ids, None for all."""

    runs: bool
    answers: frozenset[str] | None

    @property
    def any(self) -> bool:
        return self.answers is None or bool(self.answers)

    def answers_for(self, part: Part) -> bool:
        return self.answers is None or part.branch_id in self.answers


def charge_of(member: Member, task: Task) -> Charge:
    """Whoever gave it to several branches sees all of them; those who run one of these branches see their own."""
    if manages(member, task.branch_id):
        return Charge(True, None)
    own = member.branch_id
    addressed = own is not None and (task.terms.whole or own in task.terms.branches)
    if own is None or not addressed or task.state is TaskState.DRAFT or not member.has(*OF_BRANCH):
        return Charge(False, frozenset())
    return Charge(False, frozenset({own}))


def sees(member: Member, task: Task, part: Part | None) -> bool:
    return charge_of(member, task).any or (part is not None and task.state is not TaskState.DRAFT)


def reads(member: Member, task: Task, part: Part | None) -> bool:
    """Its words: what was withdrawn stays with those who confirmed it and those in charge."""
    withdrawn = task.state is TaskState.WITHDRAWN
    return charge_of(member, task).any or not withdrawn or (part is not None and part.confirmed_at is not None)


def not_there() -> NotFound:
    return NotFound("task_not_found", "没有这项任务")


def check_runs(member: Member, task: Task) -> None:
    if not charge_of(member, task).runs:
        raise Forbidden("organiser_needed", "只有发布这项任务的负责人可以这样做")


def check_in_charge(charge: Charge) -> None:
    if not charge.any:
        raise Forbidden("organiser_needed", "只有这项任务的负责人可以这样做")


def check_addressed(member: Member, branch_id: str | None, terms: Terms) -> None:
    """A branch gives to itself, the committee to whom it likes."""
    if not manages(member, branch_id):
        raise Forbidden("organiser_needed", "只有书记、副书记、组织委员和组织者可以发布任务，且限于本支部")
    if branch_id is not None and (terms.whole or terms.branches != (branch_id,)):
        raise Forbidden("organiser_needed", "支部只能向本支部发布任务，要发给其他支部请联系党委")


# Moving on


def checked(terms: Terms, now: datetime, *, new: bool) -> Terms:
    """`new`: the deadline is one that was set just now."""
    if not terms.whole and not terms.branches:
        raise Invalid("branches_needed", "请选择发给哪些支部")
    if new and not now < terms.due_at <= now + LONGEST:
        raise Invalid("due_invalid", "截止时间须在现在之后、一年之内")
    return terms


def check_content(content: Content) -> None:
    if not content.text and not content.files:
        raise Invalid("content_needed", "请写正文或添加附件")


def check_changes(task: Task) -> None:
    if task.state not in (TaskState.DRAFT, TaskState.GIVEN):
        raise Conflict("task_over", "任务已经结束或撤回，不能再修改")


def check_draft(task: Task) -> None:
    if task.state is not TaskState.DRAFT:
        raise Conflict("task_given", "已经发布的任务不能删除，可以撤回")


_FROM = {
    TaskState.GIVEN: frozenset({TaskState.DRAFT}),
    TaskState.CLOSED: frozenset({TaskState.GIVEN}),
    TaskState.WITHDRAWN: frozenset({TaskState.GIVEN, TaskState.CLOSED}),
}


def moved(task: Task, to: TaskState, now: datetime, reason: str = "") -> Task:
    """The same again changes nothing. Raise Conflict `task_state`."""
    if task.state is to:
        return task
    if task.state not in _FROM[to]:
        words = {TaskState.GIVEN: "任务已经结束或撤回", TaskState.CLOSED: "任务还没有发布，或已经撤回"}
        raise Conflict("task_state", words.get(to, "草稿可以直接删除"))
    if to is TaskState.GIVEN:
        return replace(task, state=to, given_at=now)
    return replace(task, state=to, ended_at=now, reason=reason)


def check_confirms(task: Task, version: Version, *, number: int, hashed: str) -> None:
    """A member confirms what is on the screen, and that is the newest. Raise Conflict."""
    if task.state is TaskState.WITHDRAWN:
        raise Conflict("task_withdrawn", "这项任务已经撤回，不用再确认")
    if task.state is not TaskState.GIVEN:
        raise Conflict("task_over", "任务已经结束，请联系负责人登记")
    if (version.number, version.hash) != (number, hashed):
        raise Conflict("task_changed", "内容刚刚修改过，请看完新的内容再确认")


def check_records(task: Task) -> None:
    """Those in charge may confirm for somebody also after the end: a list on paper comes in late."""
    if task.state not in (TaskState.GIVEN, TaskState.CLOSED):
        raise Conflict("task_state", "任务还没有发布，或已经撤回")


def confirmed(part: Part, task: Task, version: Version, now: datetime, *, by: str | None = None, reason: str = "") -> Part:
    late = now > task.terms.due_at
    return replace(part, confirmed_at=now, version=version.number, hash=version.hash, late=late, by=by, reason=reason)


def taken_back(part: Part, *, by: str, reason: str) -> Part:
    """Of a confirmation that somebody else had made."""
    blank = replace(part, confirmed_at=None, version=None, hash=None, late=False)
    return replace(blank, by=by, reason=reason, withdrawn=part.withdrawn + 1)


def may_remind(part: Part, now: datetime) -> bool:
    lately = part.reminded_at is not None and now < part.reminded_at + REMIND_AGAIN
    return part.confirmed_at is None and not lately
