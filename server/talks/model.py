"""A talk between a secretary and a member: its states, its time, what is left of it afterwards. Pure rules.

waiting ── both pages have agreed on keys ──▶ open ── time, either of the two ──▶ ended
   └──────────── nobody came for five minutes, either of the two ────────────────▶

What is said is none of this: it lies sealed in the conversation of the same id.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ..core.errors import Conflict, Forbidden, Invalid, NotFound

OPENED, ENDED = "talk.opened", "talk.ended"
EXTENSION_ASKED, EXTENSION_DECLINED, EXTENDED = "talk.extension_asked", "talk.extension_declined", "talk.extended"
KEEPING, SUMMARY = "talk.keeping", "talk.summary"
BEGUN, OVER = "talk.begun", "talk.over"  # told to each of the two alone
COMPLETED = "shake.talk.completed"

SOURCE_MOST = 80
SUMMARY_MOST, NOTE_MOST = 2_000, 2_000  # characters
LEAST_MINUTES, MOST_MINUTES = 5, 60
WAITS = timedelta(minutes=5)
EXTENSION, MOST_EXTENSIONS = timedelta(minutes=10), 2
COUNTS_FROM = timedelta(minutes=1)
ACTS_AT_ONCE, ACTS_PER_SECOND = 20, 1.0  # of one person: what they do to their talks
RATED_TOGETHER = 5  # ratings are shown by so many, so that none can be told from the others


class Side(enum.StrEnum):
    SECRETARY = "secretary"
    MEMBER = "member"

    @property
    def other(self) -> "Side":
        return Side.MEMBER if self is Side.SECRETARY else Side.SECRETARY


class TalkState(enum.StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    ENDED = "ended"


class Reason(enum.StrEnum):
    """Why it ended: its time was over, one of the two ended it, the pages never met, or it was erased while it ran."""

    TIME = "time"
    SECRETARY = "secretary"
    MEMBER = "member"
    NOBODY_CAME = "nobody_came"
    ERASED = "erased"


class SummaryState(enum.StrEnum):
    NONE = "none"
    PROPOSED = "proposed"
    AGREED = "agreed"


class ErasedBy(enum.StrEnum):
    """One of the two, both (who wanted nothing kept), or the time for which sealed talks are kept."""

    SECRETARY = "secretary"
    MEMBER = "member"
    BOTH = "both"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Note:
    """The secretary's own, opened. `due_on`: when they want to come back to it."""

    text: str
    due_on: date | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """`source`: what it came of, once. `asked_by`: who waits for an answer to an extension. `keeping`: who wants nothing kept.
    `note` and `summary` are sealed."""

    id: str
    secretary_id: str
    member_id: str
    source: str
    minutes: int
    state: TalkState
    begun_at: datetime
    opened_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    reason: Reason | None = None
    extensions: int = 0
    asked_by: Side | None = None
    keeping: frozenset[Side] = frozenset()
    erased_at: datetime | None = None
    erased_by: ErasedBy | None = None
    stars: int | None = None
    rated_at: datetime | None = None
    again: bool = False
    note: str | None = None
    note_due_on: date | None = None
    note_done: bool = False
    summary: str | None = None
    summary_state: SummaryState = SummaryState.NONE
    summary_by: Side | None = None

    @property
    def people(self) -> tuple[str, str]:
        return self.secretary_id, self.member_id

    @property
    def over(self) -> bool:
        return self.state is TalkState.ENDED

    def side_of(self, member_id: str) -> Side | None:
        if member_id == self.secretary_id:
            return Side.SECRETARY
        return Side.MEMBER if member_id == self.member_id else None

    def on(self, side: Side) -> str:
        """Who is on a side."""
        return self.secretary_id if side is Side.SECRETARY else self.member_id


def not_there() -> NotFound:
    return NotFound("talk_not_found", "没有这次谈话")


def opened(talk: Talk, now: datetime) -> Talk:
    """Its time begins."""
    return replace(talk, state=TalkState.OPEN, opened_at=now, ends_at=now + timedelta(minutes=talk.minutes))


def why_over(talk: Talk, now: datetime) -> Reason | None:
    """Why its time has come, if it has."""
    if talk.state is TalkState.OPEN and talk.ends_at is not None and now >= talk.ends_at:
        return Reason.TIME
    if talk.state is TalkState.WAITING and now >= talk.begun_at + WAITS:
        return Reason.NOBODY_CAME
    return None


def ended(talk: Talk, reason: Reason, now: datetime) -> Talk:
    return replace(talk, state=TalkState.ENDED, ended_at=now, reason=reason, asked_by=None)


def counts(talk: Talk) -> bool:
    """Whether it is worth what a talk is worth: the two have met, for a minute at least."""
    return talk.opened_at is not None and talk.ended_at is not None and talk.ended_at >= talk.opened_at + COUNTS_FROM


def check_open(talk: Talk) -> None:
    """Raise Conflict `talk_ended`, `talk_not_open`."""
    if talk.over:
        raise Conflict("talk_ended", "本次谈话已经结束")
    if talk.state is TalkState.WAITING:
        raise Conflict("talk_not_open", "双方还没有建立加密连接")


def answered_extension(talk: Talk, side: Side, *, agree: bool) -> Talk:
    """Ask for ten minutes more, agree to what the other asked, or decline and take back. The same again changes nothing.

    Raise Conflict `talk_ended`, `talk_not_open`, `extensions_used`.
    """
    check_open(talk)
    if not agree:
        return replace(talk, asked_by=None)
    if talk.extensions >= MOST_EXTENSIONS:
        raise Conflict("extensions_used", f"最多延长 {MOST_EXTENSIONS} 次")
    if talk.asked_by is None or talk.asked_by is side or talk.ends_at is None:
        return replace(talk, asked_by=side)
    return replace(talk, asked_by=None, extensions=talk.extensions + 1, ends_at=talk.ends_at + EXTENSION)


def kept_by(talk: Talk, side: Side, *, nothing: bool) -> Talk:
    """Whether a side wants nothing kept. Raise Conflict `talk_erased`."""
    check_not_erased(talk)
    return replace(talk, keeping=talk.keeping | {side} if nothing else talk.keeping - {side})


def check_not_erased(talk: Talk) -> None:
    if talk.erased_at is not None:
        raise Conflict("talk_erased", "本次谈话的内容已经删除")


def erased(talk: Talk, by: ErasedBy, now: datetime) -> Talk:
    """What the two have agreed to keep goes as well; the secretary's own note is no part of the talk."""
    return replace(
        talk, erased_at=now, erased_by=by, keeping=frozenset(), summary=None, summary_state=SummaryState.NONE, summary_by=None
    )


# What is left of it


def check_had(talk: Talk) -> None:
    """Something was there to speak of. Raise Conflict `talk_not_over`, `talk_not_held`."""
    if not talk.over:
        raise Conflict("talk_not_over", "谈话还没有结束")
    if talk.opened_at is None:
        raise Conflict("talk_not_held", "这次谈话没有开始，不能评价")


def rated(talk: Talk, stars: int, now: datetime) -> Talk:
    """Once. Raise Conflict `rating_given` and as `check_had` does."""
    check_had(talk)
    if talk.stars is not None and talk.stars != stars:
        raise Conflict("rating_given", "已经评价过了")
    return replace(talk, stars=stars, rated_at=talk.rated_at or now)


def proposed(talk: Talk, side: Side, sealed: str) -> Talk:
    """In the place of an earlier proposal. Raise Conflict `talk_erased`, `talk_not_open`, `summary_agreed`."""
    check_not_erased(talk)
    if talk.opened_at is None:
        raise Conflict("talk_not_open", "双方还没有建立加密连接")
    if talk.summary_state is SummaryState.AGREED:
        raise Conflict("summary_agreed", "纪要已由双方确认，不能再修改")
    return replace(talk, summary=sealed, summary_state=SummaryState.PROPOSED, summary_by=side)


def agreed_summary(talk: Talk, side: Side) -> Talk:
    """By who did not propose it; the second time nothing changes. Raise Conflict `no_summary`, `summary_own`."""
    if talk.summary_state is SummaryState.AGREED:
        return talk
    if talk.summary_state is SummaryState.NONE:
        raise Conflict("no_summary", "没有待确认的纪要")
    if talk.summary_by is side:
        raise Conflict("summary_own", "纪要需要由对方确认")
    return replace(talk, summary_state=SummaryState.AGREED)


def declined_summary(talk: Talk) -> Talk:
    """By either; its text is gone. Raise Conflict `summary_agreed`."""
    if talk.summary_state is SummaryState.AGREED:
        raise Conflict("summary_agreed", "纪要已由双方确认，不能再修改")
    return replace(talk, summary=None, summary_state=SummaryState.NONE, summary_by=None)


def require_secretary(side: Side) -> None:
    if side is not Side.SECRETARY:
        raise Forbidden("secretary_needed", "只有书记可以写跟进记录")


def require_member(side: Side) -> None:
    if side is not Side.MEMBER:
        raise Forbidden("member_needed", "只有被抽中的党员可以评价")


def check_minutes(minutes: int) -> None:
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Invalid("minutes_invalid", f"谈话时长为 {LEAST_MINUTES}–{MOST_MINUTES} 分钟")


def mean_of(stars: Collection[int]) -> float:
    """One place behind the point."""
    return round(sum(stars) / len(stars), 1)
