"""Tasks on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from ..core.moments import Moment, When
from ..core.texts import tidied_lines, written
from ..core.wire import In
from .keeping import Line
from .model import FILES_MOST, REASON_MOST, TEXT_MOST, TITLE_MOST, CountsAs, Part, Task, TaskFile, TaskState, Terms, Version
from .service import Kept, Shown, Wanted

Id = Annotated[str, Field(max_length=36)]
Reason = Annotated[str, Field(max_length=REASON_MOST)]


# What comes in


class TaskIn(In):
    """`whole`: for every branch, and who is in none. `files`: ids of what was handed in for it, in order; none of a new one."""

    title: Annotated[str, Field(min_length=1, max_length=TITLE_MOST)]
    text: Annotated[str, Field(max_length=TEXT_MOST)] = ""
    files: Annotated[list[Id], Field(max_length=FILES_MOST)] = []
    due_at: When
    whole: bool = False
    branches: Annotated[list[Id], Field(max_length=500)] = []
    counts_as: CountsAs | None = None

    def wanted(self) -> Wanted:
        branches = () if self.whole else tuple(sorted(set(self.branches)))
        return Wanted(
            written(self.title, most=TITLE_MOST),
            tidied_lines(self.text),
            tuple(self.files),
            Terms(self.due_at, self.whole, branches, self.counts_as),
        )


class TaskConfirmIn(In):
    """What is on the screen: the number of the version, and its hash."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    hash: Annotated[str, Field(min_length=64, max_length=64)]


class TaskWithdrawIn(In):
    reason: Reason


class ConfirmForIn(In):
    members: Annotated[list[Id], Field(min_length=1, max_length=500)]
    reason: Reason


class TakeBackIn(In):
    member: Id
    reason: Reason


class TaskFileQuery(In):
    """What the file is called."""

    name: Annotated[str, Field(max_length=300)] = ""


# What goes out


class TaskFileOut(BaseModel):
    """`kind`: `jpeg` or `pdf`. `opened`: the caller has been given it to read."""

    id: str
    name: str
    kind: str
    size: int
    opened: bool

    @classmethod
    def of(cls, file: TaskFile, opened: set[str]) -> "TaskFileOut":
        return cls(id=file.id, name=file.name, kind=file.kind, size=file.size, opened=file.id in opened)


class TaskConfirmationOut(BaseModel):
    """`by`: the name of who confirmed for them, null if they did. `version`, `hash`: of what was confirmed."""

    at: Moment
    late: bool
    version: int
    hash: str
    by: str | None
    proxy: bool
    reason: str

    @classmethod
    def of(cls, part: Part | None, by: str | None) -> "TaskConfirmationOut | None":
        if part is None or part.confirmed_at is None or part.version is None or part.hash is None:
            return None
        proxy = part.by is not None
        own = {"at": part.confirmed_at, "late": part.late, "version": part.version, "hash": part.hash}
        return cls(**own, by=by, proxy=proxy, reason=part.reason)


class TaskOut(BaseModel):
    """`branch_id` null: the committee's. `asked`: the caller is. `runs`: the caller may change and end it; `keeps`: sees who
    has confirmed, of all or of the caller's branch, whom `people` and `confirmed` count. Of what was withdrawn the words are
    for those who had confirmed it. `pool`: for those who run it, every file that was handed in."""

    id: str
    state: TaskState
    title: str
    text: str
    files: list[TaskFileOut]
    version: int
    hash: str
    written_at: Moment
    due_at: Moment
    branch_id: str | None
    branch_name: str | None
    whole: bool
    branches: list[str]
    branch_names: list[str]
    counts_as: CountsAs | None
    given_at: Moment | None
    ended_at: Moment | None
    reason: str
    asked: bool
    mine: TaskConfirmationOut | None
    burdened: bool
    runs: bool
    keeps: bool
    people: int
    confirmed: int
    pool: list[TaskFileOut]

    @classmethod
    def of(cls, shown: Shown, branches: Mapping[str, str]) -> "TaskOut":
        seen, task, version = shown.seen, shown.seen.task, shown.seen.version
        content, terms = version.content, task.terms
        return cls(
            id=task.id,
            state=task.state,
            title=content.title,
            text=content.text if shown.reads else "",
            files=[TaskFileOut.of(each, shown.opened) for each in content.files] if shown.reads else [],
            version=version.number,
            hash=version.hash,
            written_at=version.at,
            due_at=terms.due_at,
            branch_id=task.branch_id,
            branch_name=None if task.branch_id is None else branches.get(task.branch_id),
            whole=terms.whole,
            branches=list(terms.branches),
            branch_names=[branches[each] for each in terms.branches if each in branches],
            counts_as=terms.counts_as,
            given_at=task.given_at,
            ended_at=task.ended_at,
            reason=task.reason,
            asked=seen.part is not None,
            mine=TaskConfirmationOut.of(seen.part, None if shown.by is None else shown.by.name),
            burdened=shown.burdened,
            runs=seen.charge.runs,
            keeps=seen.charge.any,
            people=shown.counts.asked,
            confirmed=shown.counts.confirmed,
            pool=[TaskFileOut.of(each, shown.opened) for each in shown.pool],
        )


class TaskVersionOut(BaseModel):
    number: int
    title: str
    text: str
    files: list[TaskFileOut]
    hash: str
    written_at: Moment

    @classmethod
    def of(cls, version: Version) -> "TaskVersionOut":
        content = version.content
        files = [TaskFileOut.of(each, set()) for each in content.files]
        return cls(
            number=version.number,
            title=content.title,
            text=content.text,
            files=files,
            hash=version.hash,
            written_at=version.at,
        )


class OwnTaskOut(BaseModel):
    """On the list of somebody who is asked. `changed`: it says something else than what they confirmed."""

    id: str
    title: str
    state: TaskState
    due_at: Moment
    branch_name: str | None
    counts_as: CountsAs | None
    confirmed_at: Moment | None
    late: bool
    proxy: bool
    changed: bool

    @classmethod
    def of(cls, task: Task, title: str, part: Part, branches: Mapping[str, str]) -> "OwnTaskOut":
        return cls(
            id=task.id,
            title=title,
            state=task.state,
            due_at=task.terms.due_at,
            branch_name=None if task.branch_id is None else branches.get(task.branch_id),
            counts_as=task.terms.counts_as,
            confirmed_at=part.confirmed_at,
            late=part.late,
            proxy=part.confirmed_at is not None and part.by is not None,
            changed=part.confirmed_at is not None and part.version != task.version,
        )


class OwnTasksOut(BaseModel):
    """What waits first. `waiting`: how many do. `keeps`: the caller gives tasks or answers for those of others."""

    items: list[OwnTaskOut]
    waiting: int
    keeps: bool


class TasksWaitingOut(BaseModel):
    waiting: int


class KeptTaskOut(BaseModel):
    """On the list of those in charge; `people`, `confirmed` count whom they answer for."""

    id: str
    title: str
    state: TaskState
    due_at: Moment
    given_at: Moment | None
    branch_name: str | None
    whole: bool
    branch_names: list[str]
    counts_as: CountsAs | None
    people: int
    confirmed: int
    runs: bool

    @classmethod
    def of(cls, kept: Kept, branches: Mapping[str, str]) -> "KeptTaskOut":
        task, terms = kept.task, kept.task.terms
        return cls(
            id=task.id,
            title=kept.title,
            state=task.state,
            due_at=terms.due_at,
            given_at=task.given_at,
            branch_name=None if task.branch_id is None else branches.get(task.branch_id),
            whole=terms.whole,
            branch_names=[branches[each] for each in terms.branches if each in branches],
            counts_as=terms.counts_as,
            people=kept.counts.asked,
            confirmed=kept.counts.confirmed,
            runs=kept.runs,
        )


class TaskPersonOut(BaseModel):
    """`branch_name`: where they belonged when they were asked. `own`: it is the caller."""

    member: str
    name: str
    branch_name: str | None
    disabled: bool
    confirmation: TaskConfirmationOut | None
    reminded_at: Moment | None
    own: bool

    @classmethod
    def of(cls, line: Line, reader: str) -> "TaskPersonOut":
        return cls(
            member=line.part.member_id,
            name=line.person.name if line.person else "",
            branch_name=line.branch,
            disabled=line.person is None or line.person.disabled,
            confirmation=TaskConfirmationOut.of(line.part, line.by),
            reminded_at=line.part.reminded_at,
            own=line.part.member_id == reader,
        )


class TaskPeopleOut(BaseModel):
    """`version`: the newest, so that older confirmations show."""

    items: list[TaskPersonOut]
    version: int


class TaskRemindedOut(BaseModel):
    """`lately`: how many have not confirmed and were reminded less than four hours ago."""

    reminded: int
    lately: int


class ConfirmedForOut(BaseModel):
    """How many had not confirmed before."""

    confirmed: int


class TaskBurdenOut(BaseModel):
    """How many said that a task was too much for them, up to yesterday; never who, nor at what time."""

    id: str
    title: str
    due_at: Moment
    branch_name: str | None
    people: int
    last_day: date

    @classmethod
    def of(cls, task: Task, title: str, people: int, last_day: date, branches: Mapping[str, str]) -> "TaskBurdenOut":
        branch = None if task.branch_id is None else branches.get(task.branch_id)
        own = {"id": task.id, "title": title, "due_at": task.terms.due_at, "branch_name": branch}
        return cls(**own, people=people, last_day=last_day)


class TaskBurdensOut(BaseModel):
    items: list[TaskBurdenOut]
