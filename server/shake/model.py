"""What a session of 摇一摇, a round and a draw are, and the rules of their lives. Pure.

    session  announced → open → closed               announced → cancelled
    round    prepared → open → closing → closed → revealed
             prepared → void (another was prepared), closed → void (nonce not revealed in time), closing → empty (nobody shook)
    draw     offered → accepted | declined | lapsed | withdrawn          passed (came up and cannot have it)

One round of a session is under way at a time, so that a shake need not say which it means. Each member has one ticket in a
round, and comes up once in it at most: who declined may be drawn again in a later round, who accepted in no other of this
session, and in other sessions only after the days of exclusion.
"""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import Conflict, Forbidden, Invalid
from ..core.texts import written
from ..identity import Member, Person, Role, Status

GRACE = timedelta(seconds=2)  # what the server received so long after an end still counts
UNDERWAY = timedelta(seconds=1)  # and has surely been written so much later
MOST_IN_TITLE = 60  # characters
MOST_ROUNDS, MOST_SECRETARIES, MOST_BRANCHES = 20, 20, 500
MOST_PREPARED = 200  # rounds of one session, those that were never opened included
MOST_WITHDRAWN = 3  # by one secretary in one session, with another drawn instead; docs/decisions/0602
ROUND_SECONDS, TALK_MINUTES, EXCLUSION_DAYS, FAVOUR = (10, 120), (5, 60), (0, 365), (1, 10)
LONGEST = timedelta(days=7)
_LATE = timedelta(minutes=5)  # an opening so long ago is still "now" to whoever fills in a form
SHAKES_AT_ONCE, SHAKES_PER_SECOND = 10, 0.2  # of one member; one is enough, and a lost answer is asked for again

OWNERS = (Role.COMMITTEE_SECRETARY, Role.BRANCH_SECRETARY)
TALKERS = (
    Role.COMMITTEE_SECRETARY,
    Role.COMMITTEE_DEPUTY_SECRETARY,
    Role.BRANCH_SECRETARY,
    Role.BRANCH_DEPUTY_SECRETARY,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """`answer`: how long a drawn member has to accept; `reveal`: a secretary's page to reveal its nonce."""

    answer: timedelta = timedelta(seconds=30)
    reveal: timedelta = timedelta(seconds=90)


class ShakeState(enum.StrEnum):
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class RoundState(enum.StrEnum):
    PREPARED = "prepared"
    OPEN = "open"
    CLOSING = "closing"  # its list is being written
    CLOSED = "closed"  # and waits for the secretary's nonce
    REVEALED = "revealed"
    VOID = "void"
    EMPTY = "empty"


class DrawState(enum.StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    PASSED = "passed"


class Passed(enum.StrEnum):
    """Why somebody who came up was not offered it."""

    DRAWN_BEFORE = "drawn_before"
    RECENTLY = "recently_talked"  # in another session that ran beside this one
    BUSY = "busy"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Plan:
    """`secretaries`, `branches`: ids; no branches means everybody. `favour`: the weight of those who have never been drawn."""

    title: str
    opens_at: datetime
    closes_at: datetime
    secretaries: tuple[str, ...]
    branches: tuple[str, ...] | None = None
    rounds: int = 5
    round_seconds: int = 30
    talk_minutes: int = 15
    exclusion_days: int = 90
    favour: int = 1


@dataclass(frozen=True, slots=True)
class Shake:
    """`seed`: in hex, once it is closed."""

    id: str
    owner_id: str
    plan: Plan
    state: ShakeState
    seed_commitment: str
    receipt_key: str
    sealed: str
    revision: int
    created_at: datetime
    closed_at: datetime | None = None
    seed: str | None = None

    @property
    def over(self) -> bool:
        return self.state in (ShakeState.CLOSED, ShakeState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Round:
    """`listed_to`: the last pseudonym that is on the list by now; `first_part`: the offset of the list's first part; `next_n`:
    the draw that comes next."""

    shake_id: str
    number: int
    secretary_id: str
    nonce_commitment: str
    state: RoundState
    nonce: str | None = None
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    size: int = 0
    total_weight: int = 0
    parts: int = 0
    listed_to: str = ""
    first_part: int = 0
    list_hash: str | None = None
    next_n: int = 1


@dataclass(frozen=True, slots=True)
class Draw:
    id: str
    shake_id: str
    number: int
    n: int
    secretary_id: str
    member_id: str
    pseudonym: str
    state: DrawState
    offered_at: datetime
    answer_by: datetime | None = None
    answered_at: datetime | None = None
    reason: str | None = None
    talk_id: str | None = None


# Who may do what


def may_take_part(shake: Shake, member: Member | Person) -> bool:
    """Whether they may shake: Party members of its branches, without its own secretaries."""
    return (
        member.status is not Status.EMPLOYEE
        and member.id not in shake.plan.secretaries
        and (shake.plan.branches is None or member.branch_id in shake.plan.branches)
    )


def runs(shake: Shake, member: Member) -> bool:
    """As long as they are what allowed them to announce it."""
    return member.has(Role.COMMITTEE_SECRETARY) or (shake.owner_id == member.id and member.has(*OWNERS))


def talks_in(shake: Shake, member: Member) -> bool:
    """Whether they are one of its secretaries, and still one at all."""
    return member.id in shake.plan.secretaries and member.has(*TALKERS)


def may_see(shake: Shake, member: Member) -> bool:
    named = member.id == shake.owner_id or member.id in shake.plan.secretaries
    return named or may_take_part(shake, member) or runs(shake, member)


def require_runs(shake: Shake, member: Member) -> None:
    if not runs(shake, member):
        raise Forbidden("not_yours", "只有发起人可以这样做")


def require_secretary(shake: Shake, member: Member) -> None:
    if not talks_in(shake, member):
        raise Forbidden("secretary_needed", "只有本场的书记可以这样做")


def require_desk(shake: Shake, member: Member) -> None:
    if not talks_in(shake, member):
        require_runs(shake, member)


def check_branches(member: Member, branches: Collection[str] | None) -> None:
    """A branch secretary invites their own branch. Raise Forbidden `branch_not_yours`."""
    if member.has(Role.COMMITTEE_SECRETARY):
        return
    if branches is None or set(branches) != {member.branch_id}:
        raise Forbidden("branch_not_yours", "支部书记只能为自己所在的支部发起摇一摇")


# Plans


def planned(plan: Plan, now: datetime) -> Plan:
    """As it is kept. Raise Invalid `text_empty`, `text_too_long`, `shake_invalid`, with the words."""
    if plan.closes_at <= plan.opens_at:
        raise Invalid("shake_invalid", "结束时间应晚于开始时间")
    if plan.closes_at - plan.opens_at > LONGEST:
        raise Invalid("shake_invalid", "一场摇一摇最长 7 天")
    if plan.opens_at < now - _LATE:
        raise Invalid("shake_invalid", "开始时间已经过去")
    if not plan.secretaries or len(plan.secretaries) > MOST_SECRETARIES:
        raise Invalid("shake_invalid", f"请选择 1 到 {MOST_SECRETARIES} 位书记")
    if plan.branches is not None and not plan.branches:
        raise Invalid("shake_invalid", "请选择参加的支部")
    _within(plan.rounds, (1, MOST_ROUNDS), "轮数")
    _within(plan.round_seconds, ROUND_SECONDS, "每轮秒数")
    _within(plan.talk_minutes, TALK_MINUTES, "谈话分钟数")
    _within(plan.exclusion_days, EXCLUSION_DAYS, "不重复抽中的天数")
    _within(plan.favour, FAVOUR, "从未抽中者的权重")
    return Plan(
        title=written(plan.title, most=MOST_IN_TITLE),
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        secretaries=tuple(dict.fromkeys(plan.secretaries)),
        branches=None if plan.branches is None else tuple(sorted(set(plan.branches))),
        rounds=plan.rounds,
        round_seconds=plan.round_seconds,
        talk_minutes=plan.talk_minutes,
        exclusion_days=plan.exclusion_days,
        favour=plan.favour,
    )


def check_secretaries(wanted: Sequence[str], people: Collection[Person]) -> None:
    """Raise Invalid `secretary_invalid`."""
    fit = {each.id for each in people if not each.disabled and not each.roles.isdisjoint(TALKERS)}
    if not fit.issuperset(wanted):
        raise Invalid("secretary_invalid", "参加聊一聊的应是书记或副书记")


def check_changeable(shake: Shake, now: datetime) -> None:
    """Before it opens. Raise Conflict `shake_over`, `shake_open`."""
    if shake.over:
        raise shake_over()
    if shake.state is not ShakeState.ANNOUNCED or now >= shake.plan.opens_at:
        raise Conflict("shake_open", "摇一摇已经开始，不能再修改")


# Rounds


def check_preparable(shake: Shake, rounds: Sequence[Round], now: datetime) -> None:
    """Raise Conflict `shake_over`, `round_under_way`, `rounds_used_up`. One that was only prepared is given up for another."""
    check_running(shake, now)
    if any(each.state in (RoundState.OPEN, RoundState.CLOSING, RoundState.CLOSED) for each in rounds):
        raise Conflict("round_under_way", "还有一轮没有结束，请稍候")
    if sum(each.opened_at is not None for each in rounds) >= shake.plan.rounds or len(rounds) >= MOST_PREPARED:
        raise Conflict("rounds_used_up", f"本场安排的 {shake.plan.rounds} 轮已经用完")


def check_running(shake: Shake, now: datetime) -> None:
    if shake.over or now >= shake.plan.closes_at:
        raise shake_over()


def check_openable(shake: Shake, now: datetime) -> None:
    check_running(shake, now)
    if now < shake.plan.opens_at:
        raise Conflict("shake_not_open", "还没有到开始的时间")


def require_open(found: Round | None, received_at: datetime) -> Round:
    """`found`: the round opened last. Raise Conflict `round_not_open`, `too_late`."""
    if found is None or found.closes_at is None or found.state in (RoundState.REVEALED, RoundState.VOID, RoundState.EMPTY):
        raise Conflict("round_not_open", "现在没有正在进行的一轮")
    if found.state is not RoundState.OPEN or received_at > found.closes_at + GRACE:
        raise Conflict("too_late", "这一轮已经结束，请等下一轮")
    return found


def check_revealable(found: Round, now: datetime, limits: Limits) -> None:
    """Raise Conflict `round_not_closed`, `round_void`."""
    if found.state is RoundState.VOID:
        raise Conflict("round_void", "没有在规定时间内公布随机数，这一轮已作废")
    if found.state is not RoundState.CLOSED:
        raise Conflict("round_not_closed", "这一轮的名单还没有封存")
    if overdue_reveal(found, now, limits):
        raise Conflict("round_void", "没有在规定时间内公布随机数，这一轮已作废")


def is_due_to_close(found: Round, now: datetime) -> bool:
    return found.state is RoundState.OPEN and found.closes_at is not None and now >= found.closes_at + GRACE + UNDERWAY


def overdue_reveal(found: Round, now: datetime, limits: Limits) -> bool:
    return found.state is RoundState.CLOSED and found.closed_at is not None and now >= found.closed_at + limits.reveal


# Offers


def check_answerable(draw: Draw, received_at: datetime) -> None:
    """Raise Conflict `offer_over`."""
    if draw.state is not DrawState.OFFERED or draw.answer_by is None or received_at > draw.answer_by + GRACE:
        raise Conflict("offer_over", "这次邀请已经结束")


def replacements_left(withdrawn: Sequence[Draw]) -> int:
    """How often a secretary may still have another drawn instead; `withdrawn`: what they have taken back in the session."""
    return max(0, MOST_WITHDRAWN - len(withdrawn))


def may_draw(withdrawn: Sequence[Draw], number: int) -> bool:
    """Whether a round still gives somebody to a secretary. They may take back as many as they must: who is called away must be
    able to. But past the bound nobody is drawn in their place before another round."""
    return len(withdrawn) <= MOST_WITHDRAWN or all(each.number != number for each in withdrawn)


def check_replaceable(withdrawn: Sequence[Draw]) -> None:
    """Raise Conflict `withdrawals_used_up`."""
    if not replacements_left(withdrawn):
        words = f"您在本场已经撤回 {MOST_WITHDRAWN} 次，不能再换人。可以等对方回应；要走开，就撤回并先不抽"
        raise Conflict("withdrawals_used_up", words)


def check_drawable(withdrawn: Sequence[Draw], number: int) -> None:
    """Raise Conflict `withdrawals_used_up`."""
    if not may_draw(withdrawn, number):
        words = f"您在本场撤回了 {len(withdrawn)} 次，超过 {MOST_WITHDRAWN} 次，这一轮不能再抽，可以再摇一轮"
        raise Conflict("withdrawals_used_up", words)


def lapsed(draw: Draw, now: datetime) -> bool:
    return draw.state is DrawState.OFFERED and draw.answer_by is not None and now >= draw.answer_by + GRACE + UNDERWAY


def shake_over() -> Conflict:
    return Conflict("shake_over", "这场摇一摇已经结束")


def _within(value: int, bounds: tuple[int, int], what: str) -> None:
    if not bounds[0] <= value <= bounds[1]:
        raise Invalid("shake_invalid", f"{what}应在 {bounds[0]} 到 {bounds[1]} 之间")


def check_known(branches: Collection[str], known: Collection[str]) -> None:
    """Raise Invalid `branch_invalid`."""
    if not set(branches) <= set(known):
        raise Invalid("branch_invalid", "有支部不存在，请重新选择")
