"""What a record says, who may do what with it, and how it moves on: pure rules.

It is written by the recorder and by those who run the activity, submitted by the recorder, and confirmed by the chair or the
secretary of the branch (the committee's, for what is the committee's), never by the recorder: four eyes. From then on nothing
of it changes; what was wrong is put right by amendments that say who, when and why.

Those who run it read everything; whoever took part reads what is confirmed, and the reasons of others' absence not at all.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...core.errors import Conflict, Forbidden, Invalid, NotFound
from ...identity import Member, Role, Status, manages
from ..model import Activity, ActivityState, Part, Seat
from .votes import Motion, Turnout

TEXT_MOST = 4000
LINE_MOST = 300
MOST_ITEMS = 60
AMENDMENT_MOST = 2000
FILE_NAME_MOST = 120
MOST_FILES = 40
MOST_FILE_BYTES = 200 * 1024 * 1024  # of one record


class MinutesState(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Speech:
    """The main points of one speaker. `member_id` is None for a guest."""

    name: str
    points: str
    member_id: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What was said and decided. Times are those of the meeting itself."""

    place: str = ""
    held_from: datetime | None = None
    held_until: datetime | None = None
    agenda: tuple[str, ...] = ()
    speeches: tuple[Speech, ...] = ()
    decisions: tuple[str, ...] = ()
    motions: tuple[Motion, ...] = ()


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody on the list, as they stood: `voting` is the right to vote, which probationary members do not have."""

    member_id: str
    name: str
    branch_name: str | None
    status: Status
    expected: bool
    present_at: datetime | None
    way: str | None
    by: str | None
    reason: str
    absence: str | None

    @property
    def voting(self) -> bool:
        return self.status in (Status.FULL, Status.RETIRED)


@dataclass(frozen=True, slots=True)
class Minutes:
    """`version` grows with every change. `returned`: why it was sent back, while it is a draft again. `roll` is kept from the
    confirmation on; before, the list is as it is now."""

    activity_id: str
    state: MinutesState = MinutesState.DRAFT
    version: int = 0
    content: Content = Content()
    chair_id: str | None = None
    recorder_id: str | None = None
    saved_by: str | None = None
    saved_at: datetime | None = None
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    returned: str = ""
    roll: tuple[Attendee, ...] | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """`client_id` is the writer's own mark: sent again it is the same one."""

    id: str
    activity_id: str
    at: datetime
    by: str
    text: str
    reason: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a PDF. `sha256` is of the file as it is given back."""

    id: str
    activity_id: str
    name: str
    kind: str
    size: int
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that was handed in and waits to be confirmed."""

    activity_id: str
    title: str
    starts_at: datetime
    submitted_by: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Rights:
    """Of one reader. `everything`: drafts too, and why others were absent."""

    everything: bool
    reads: bool
    writes: bool
    names: bool
    submits: bool
    confirms: bool
    amends: bool
    attaches: bool


def rights(member: Member, activity: Activity, part: Part | None, minutes: Minutes) -> Rights:
    runs = manages(member, activity.plan.branch_id)
    recorder, chair = member.id == minutes.recorder_id, member.id == minutes.chair_id
    may_confirm = _may_confirm(member, activity, minutes)
    involved = part is not None and (part.expected or part.seat is Seat.GOING or part.present_at is not None)
    everything = runs or recorder or chair
    return Rights(
        everything=everything,
        reads=everything or (involved and minutes.state is MinutesState.CONFIRMED),
        writes=(runs or recorder) and minutes.state is MinutesState.DRAFT,
        names=runs and minutes.state is MinutesState.DRAFT,
        submits=recorder and minutes.state is MinutesState.DRAFT,
        confirms=may_confirm and minutes.state is MinutesState.SUBMITTED,
        amends=(recorder or chair or runs) and minutes.state is MinutesState.CONFIRMED,
        attaches=everything,
    )


def _may_confirm(member: Member, activity: Activity, minutes: Minutes) -> bool:
    if member.id in (minutes.recorder_id, minutes.submitted_by):
        return False
    branch = activity.plan.branch_id
    secretary = member.has(Role.COMMITTEE_SECRETARY) if branch is None else _secretary_of(member, branch)
    return secretary or member.id == minutes.chair_id


def _secretary_of(member: Member, branch_id: str) -> bool:
    return member.has(Role.BRANCH_SECRETARY) and member.branch_id == branch_id


def not_there() -> NotFound:
    return NotFound("record_not_found", "这个活动还没有会议记录")


def check_attaches(rights: Rights) -> None:
    if not rights.attaches:
        raise Forbidden("recorder_needed", "附件由记录人、主持人和负责人添加")


def check_room(count: int, size: int, more: int) -> None:
    """Raise Conflict `attachments_full`."""
    if count >= MOST_FILES or size + more > MOST_FILE_BYTES:
        raise Conflict("attachments_full", f"一份会议记录最多 {MOST_FILES} 个附件，共 200 MB")


def check_removes(rights: Rights, minutes: Minutes) -> None:
    """What was there when it was confirmed, or came later, stays."""
    check_attaches(rights)
    if minutes.state is not MinutesState.DRAFT:
        raise Conflict("record_state", "会议记录已经提交，附件不能再删除")


# Moving on


def check_writable(activity: Activity) -> None:
    if activity.state is ActivityState.CANCELLED:
        raise Conflict("activity_over", "活动已经取消，没有会议记录")


def check_draft(minutes: Minutes) -> None:
    if minutes.state is not MinutesState.DRAFT:
        raise Conflict("record_state", "会议记录已经提交，不能再修改")


def check_named(chair_id: str | None, recorder_id: str | None) -> None:
    if chair_id is not None and chair_id == recorder_id:
        raise Invalid("same_person", "主持人和记录人须是两个人")


def submitted(minutes: Minutes, activity: Activity, member: Member, turnout: Turnout, now: datetime) -> Minutes:
    """The same again changes nothing. Raise Forbidden `recorder_needed`, Conflict `record_state`, `activity_not_over`, Invalid
    `record_incomplete`, `votes_too_many`."""
    if minutes.state is MinutesState.SUBMITTED and minutes.submitted_by == member.id:
        return minutes
    if member.id != minutes.recorder_id:
        raise Forbidden("recorder_needed", "会议记录由记录人提交")
    check_draft(minutes)
    if activity.state is not ActivityState.CLOSED:
        raise Conflict("activity_not_over", "签到结束后才能提交会议记录")
    check_complete(minutes, turnout)
    return replace(
        minutes,
        state=MinutesState.SUBMITTED,
        version=minutes.version + 1,
        submitted_by=member.id,
        submitted_at=now,
        returned="",
    )


def check_complete(minutes: Minutes, turnout: Turnout) -> None:
    content = minutes.content
    if minutes.chair_id is None:
        raise Invalid("record_incomplete", "请先指定主持人")
    if not content.agenda:
        raise Invalid("record_incomplete", "请至少写一项议程")
    if not (content.speeches or content.decisions or content.motions):
        raise Invalid("record_incomplete", "请写下发言要点、决定或表决")
    for motion in content.motions:
        if motion.cast > turnout.present_at(motion):
            raise Invalid("votes_too_many", f"“{motion.title}”的票数多于到会有表决权的人数")


def returned(minutes: Minutes, member: Member, *, confirms: bool, words: str) -> Minutes:
    """Back to the recorder, or taken back by them. Raise Forbidden `confirmer_needed`, Conflict `record_state`, Invalid."""
    if minutes.state is not MinutesState.SUBMITTED:
        raise Conflict("record_state", "会议记录不在待确认状态")
    if not confirms and member.id != minutes.recorder_id:
        raise Forbidden("confirmer_needed", "只有主持人、支部书记可以退回，记录人可以撤回")
    if not words:
        raise Invalid("reason_needed", "请写明原因")
    return replace(minutes, state=MinutesState.DRAFT, version=minutes.version + 1, returned=words)


def confirmed(minutes: Minutes, member: Member, *, confirms: bool, roll: Sequence[Attendee], now: datetime) -> Minutes:
    """The same again changes nothing, whoever was first. Raise Forbidden `confirmer_needed`, Conflict `record_state`."""
    if minutes.state is MinutesState.CONFIRMED:
        return minutes
    if minutes.state is not MinutesState.SUBMITTED:
        raise Conflict("record_state", "记录人提交后才能确认")
    if not confirms:
        raise Forbidden("confirmer_needed", "会议记录由主持人或支部书记确认，记录人自己不能确认")
    return replace(
        minutes,
        state=MinutesState.CONFIRMED,
        version=minutes.version + 1,
        confirmed_by=member.id,
        confirmed_at=now,
        roll=tuple(roll),
    )
