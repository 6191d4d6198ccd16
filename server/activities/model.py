"""What an activity is, who may do what with it, and how it moves on: pure rules.

An activity belongs to a branch or to the whole committee. Secretaries, deputies and organisers run those of their own branch,
the committee's people all. A draft is for those who run it; a talk (谈心谈话) for those in it besides; everything else for the
branch, or for everybody where it is the committee's. What somebody may not see answers like what does not exist.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from ..identity import Member, Role, manages

TITLE_MOST = 80
PLACE_MOST = 80
INTRO_MOST = 2000
REASON_MOST = 200
SEATS_MOST = 100_000
LONGEST = timedelta(days=31)
USUAL = timedelta(hours=1)
CANCEL_BEFORE = timedelta(hours=2)
OPENS_BEFORE = timedelta(hours=24)
RECORDED_LATE = timedelta(days=31)
WRONG_MOST = 5
WRONG_FORGOTTEN = timedelta(minutes=10)

BRANCH_COMMITTEE = (
    Role.BRANCH_SECRETARY,
    Role.BRANCH_DEPUTY_SECRETARY,
    Role.BRANCH_ORGANISER,
    Role.BRANCH_PUBLICITY,
    Role.BRANCH_DISCIPLINE,
)
WHOLE_COMMITTEE = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY, Role.DISCIPLINE_SECRETARY)


class ActivityKind(enum.StrEnum):
    """Codes of domain.md section 3; `oath_renewal` is a theme day that counts by a rule of its own."""

    GENERAL = "general"
    COMMITTEE = "committee"
    GROUP = "group"
    LECTURE = "lecture"
    THEME_DAY = "theme_day"
    ORG_LIFE = "org_life"
    TALK = "talk"
    OATH_RENEWAL = "oath_renewal"


INVITED = (ActivityKind.COMMITTEE, ActivityKind.TALK)
"""For those alone who were asked."""


class Topic(enum.StrEnum):
    """What a lecture is about, where that decides what it counts for."""

    INTEGRITY = "integrity"


class ActivityState(enum.StrEnum):
    """`open`: check-in is running."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Seat(enum.StrEnum):
    GOING = "going"
    WAITING = "waiting"


class Way(enum.StrEnum):
    """How somebody came to be present: by the code; marked late or for them by the person in charge; ticked on a list;
    by answering the roll-calls of its broadcast, or by watching the replay."""

    CODE = "code"
    LATE = "late_checkin"
    PROXY = "proxy_checkin"
    TICKED = "ticked"
    ROLL_CALL = "roll_call"
    REPLAY = "replay"


class ClaimState(enum.StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of an activity beforehand. `cancel_until`: up to then a seat may be given back."""

    kind: ActivityKind
    title: str
    starts_at: datetime
    ends_at: datetime
    branch_id: str | None = None
    place: str = ""
    intro: str = ""
    topic: Topic | None = None
    broadcast_id: str | None = None
    seats: int | None = None
    cancel_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """`opened_at`, `closed_at`: of its check-in. `revision` grows with each change of the plan."""

    id: str
    plan: Plan
    state: ActivityState
    created_by: str
    created_at: datetime
    revision: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """Up to when a seat may be given back."""
        return self.plan.cancel_until or self.plan.starts_at - CANCEL_BEFORE


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody has to do with an activity. `turn` orders the waiting list; `withdrawn` counts presences taken back."""

    activity_id: str
    member_id: str
    expected: bool = False
    seat: Seat | None = None
    turn: int = 0
    present_at: datetime | None = None
    way: Way | None = None
    by: str | None = None
    reason: str = ""
    absence: str | None = None
    withdrawn: int = 0
    wrong: int = 0
    wrong_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a phone without a network kept: the code it saw, and when. `genuine`: it was the code of that moment."""

    activity_id: str
    member_id: str
    scanned_at: datetime
    claimed_at: datetime
    genuine: bool
    state: ClaimState = ClaimState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""


# Rights


def check_may_create(member: Member, branch_id: str | None) -> None:
    if not manages(member, branch_id):
        raise Forbidden("organiser_needed", "只有书记、副书记、组织委员和组织者可以组织活动，且限于本支部")


def sees(member: Member, activity: Activity, part: Part | None) -> bool:
    plan = activity.plan
    if manages(member, plan.branch_id):
        return True
    if activity.state is ActivityState.DRAFT:
        return False
    involved = part is not None and (part.expected or part.seat is not None or part.present_at is not None)
    if involved or plan.kind is ActivityKind.TALK:
        return involved
    return plan.branch_id is None or plan.branch_id == member.branch_id


def not_there() -> NotFound:
    return NotFound("activity_not_found", "没有这个活动")


def check_manages(member: Member, activity: Activity) -> None:
    if not manages(member, activity.plan.branch_id):
        raise Forbidden("organiser_needed", "只有本活动的负责人可以这样做")


def check_recordable(member: Member, plan: Plan, now: datetime) -> None:
    """What was long ago has been counted and published meanwhile: only the committee's people record it. Raise Invalid."""
    if plan.starts_at < now - RECORDED_LATE and not manages(member, None):
        raise Invalid("too_long_ago", "补录 31 天以前的活动，请联系党委办理")


# Moving on


def checked(plan: Plan) -> Plan:
    """Raise Invalid for a plan that does not hold together."""
    if not plan.starts_at < plan.ends_at <= plan.starts_at + LONGEST:
        raise Invalid("times_invalid", "结束时间须在开始之后，且不超过 31 天")
    if plan.cancel_until is not None and plan.cancel_until > plan.ends_at:
        raise Invalid("times_invalid", "取消报名的截止时间须在活动结束之前")
    if plan.topic is not None and plan.kind is not ActivityKind.LECTURE:
        raise Invalid("topic_invalid", "只有党课可以标注廉洁教育")
    return plan


_FROM: Mapping[ActivityState, frozenset[ActivityState]] = {
    ActivityState.ANNOUNCED: frozenset({ActivityState.DRAFT, ActivityState.OPEN}),
    ActivityState.OPEN: frozenset({ActivityState.ANNOUNCED}),
    ActivityState.CLOSED: frozenset({ActivityState.OPEN}),
    ActivityState.CANCELLED: frozenset({ActivityState.DRAFT, ActivityState.ANNOUNCED, ActivityState.OPEN}),
}
_WORDS = {
    ActivityState.ANNOUNCED: "活动已经结束或取消",
    ActivityState.OPEN: "发布后才能开始签到",
    ActivityState.CLOSED: "签到还没有开始",
    ActivityState.CANCELLED: "活动已经结束，不能取消",
}


def moved(activity: Activity, to: ActivityState, now: datetime, *, anybody_present: bool = False) -> Activity:
    """The same again changes nothing. A check-in that was opened by mistake is taken back while nobody is present.

    Raise Conflict `activity_state`, `somebody_present`, `checkin_too_early`.
    """
    if activity.state is to:
        return activity
    if activity.state not in _FROM[to]:
        raise Conflict("activity_state", _WORDS[to])
    if activity.state is ActivityState.OPEN and to is not ActivityState.CLOSED and anybody_present:
        raise Conflict("somebody_present", "已经有人签到，只能结束签到")
    if to is ActivityState.OPEN and now < activity.plan.starts_at - OPENS_BEFORE:
        raise Conflict("checkin_too_early", "活动开始前 24 小时内才能开始签到")
    if to is ActivityState.ANNOUNCED and activity.state is ActivityState.OPEN:
        return replace(activity, state=to, opened_at=None, revision=activity.revision + 1)
    opened = now if to is ActivityState.OPEN else activity.opened_at
    closed = now if to is ActivityState.CLOSED else activity.closed_at
    return replace(activity, state=to, opened_at=opened, closed_at=closed, revision=activity.revision + 1)


def check_changes(activity: Activity) -> None:
    if activity.state in (ActivityState.CLOSED, ActivityState.CANCELLED):
        raise Conflict("activity_over", "活动已经结束或取消，不能再修改")


def check_signs_up(activity: Activity, now: datetime) -> None:
    if activity.state not in (ActivityState.ANNOUNCED, ActivityState.OPEN) or now >= activity.plan.ends_at:
        raise Conflict("signup_over", "活动现在不接受报名")


def check_gives_back(activity: Activity, part: Part, now: datetime) -> None:
    """Whoever only waits may leave at any time."""
    if activity.state not in (ActivityState.ANNOUNCED, ActivityState.OPEN):
        raise Conflict("signup_over", "活动已经结束或取消")
    if part.present_at is not None:
        raise Conflict("already_present", "您已经签到")
    if part.seat is Seat.GOING and now > activity.until:
        raise Conflict("cancel_too_late", "已过取消时间，如不能参加请向负责人请假")


def check_open(activity: Activity) -> None:
    if activity.state is ActivityState.CLOSED:
        raise Conflict("checkin_closed", "签到已经结束，请联系负责人补签")
    if activity.state is not ActivityState.OPEN:
        raise Conflict("checkin_not_open", "签到还没有开始")


def check_records(activity: Activity) -> None:
    """Presence may be recorded by the person in charge while check-in runs and after it."""
    if activity.state not in (ActivityState.OPEN, ActivityState.CLOSED):
        raise Conflict("checkin_not_open", "签到还没有开始")


def check_tries(part: Part, now: datetime) -> None:
    """Raise TooMany `too_many_codes` for whoever typed too many wrong codes a short while ago."""
    if part.wrong >= WRONG_MOST and part.wrong_at is not None and now < (free := part.wrong_at + WRONG_FORGOTTEN):
        seconds = max(1, round((free - now).total_seconds()))
        raise TooMany("too_many_codes", "输错的次数太多，请稍后再试，或请负责人代签", retry_after=seconds)


def mistaken(part: Part, now: datetime) -> Part:
    """After one more wrong code."""
    fresh = part.wrong_at is None or now >= part.wrong_at + WRONG_FORGOTTEN
    return replace(part, wrong=1 if fresh else part.wrong + 1, wrong_at=now)


def present(part: Part, at: datetime, way: Way, *, by: str | None = None, reason: str = "") -> Part:
    return replace(part, present_at=at, way=way, by=by, reason=reason, absence=None, wrong=0, wrong_at=None)
