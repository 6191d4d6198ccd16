"""What a poll is and the rules of its life. Pure.

    draft → open → closed        and from open or closed: removed

A vote is a set of options, written as a number whose bits are the options' places. Everybody has one vote, the last one that
was acknowledged before the close, or the first one where the poll says that votes are final. Who voted what is known to the
database only while the poll is open, since till then a vote can be changed; the close keeps the sums and forgets the rest.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..broadcasts import ON_AIR, Broadcast, rights
from ..core.errors import Conflict, Forbidden, Invalid
from ..core.texts import written
from ..identity import Member

MOST_IN_QUESTION, MOST_IN_OPTION = 120, 60  # characters
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
MOST_POLLS = 30  # of one broadcast, drafts and removed ones included


class PollState(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    REMOVED = "removed"


class Results(enum.StrEnum):
    """When viewers see how it stands."""

    ALWAYS = "always"
    VOTED = "voted"  # once they have voted themselves
    CLOSED = "closed"  # once it is closed


class Why(enum.StrEnum):
    """What closed a poll."""

    HOST = "host"
    TIME = "time"
    OVER = "over"  # the broadcast ended


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host says of a poll to be."""

    question: str
    options: tuple[str, ...]
    most: int  # options that one vote may name; 1 is a single choice
    results: Results
    final: bool  # a vote cannot be changed
    seconds: int | None  # from its opening until it closes by itself


@dataclass(frozen=True, slots=True)
class Poll:
    id: str
    broadcast_id: str
    author_id: str
    plan: Plan
    created_at: datetime
    state: PollState = PollState.DRAFT
    offset: int | None = None  # of the entry that opened it
    opened_at: datetime | None = None
    media_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    closed_why: str | None = None
    counts: tuple[int, ...] | None = None  # votes for each option, once it is closed
    voters: int | None = None  # people, once it is closed
    revision: int = 0  # grows with every vote

    def overdue(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at


@dataclass(frozen=True, slots=True)
class Tally:
    counts: tuple[int, ...]
    voters: int


def planned(
    question: str,
    options: Sequence[str],
    *,
    most: int = 1,
    results: Results = Results.ALWAYS,
    final: bool = False,
    seconds: int | None = None,
) -> Plan:
    """Raise Invalid `text_empty`, `text_too_long`, `options_invalid`, `most_invalid`."""
    asked = written(question, most=MOST_IN_QUESTION)
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise Invalid("options_invalid", f"请填写 {FEWEST_OPTIONS} 到 {MOST_OPTIONS} 个选项")
    texts = tuple(written(option, most=MOST_IN_OPTION) for option in options)
    if len(set(texts)) < len(texts):
        raise Invalid("options_invalid", "有两个选项完全一样，请修改")
    if not 1 <= most <= len(texts):
        raise Invalid("most_invalid", f"最多可选的项数应在 1 到 {len(texts)} 之间")
    return Plan(asked, texts, most, results, final, seconds)


def require_keeper(broadcast: Broadcast, member: Member) -> None:
    """Polls are prepared, opened and closed by whoever sends the broadcast, and by moderators. Raise Forbidden."""
    if not rights(broadcast, member).insider:
        raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以管理投票")


def check_on_air(broadcast: Broadcast) -> None:
    if broadcast.state not in ON_AIR:
        raise Conflict("polls_closed", "不在直播中，暂时不能投票")


def opened(poll: Poll, now: datetime, *, media_at: datetime, offset: int) -> Poll:
    closes_at = None if poll.plan.seconds is None else now + timedelta(seconds=poll.plan.seconds)
    return replace(poll, state=PollState.OPEN, opened_at=now, media_at=media_at, closes_at=closes_at, offset=offset)


def closed(poll: Poll, now: datetime, why: Why, tally: Tally) -> Poll:
    return replace(poll, state=PollState.CLOSED, closed_at=now, closed_why=why.value, counts=tally.counts, voters=tally.voters)


def check_takes_votes(poll: Poll | None, now: datetime) -> None:
    """Raise Conflict `poll_closed`."""
    if poll is None or poll.state is not PollState.OPEN or poll.overdue(now):
        raise Conflict("poll_closed", "投票已经结束")


def choices_of(plan: Plan, options: Sequence[int]) -> int:
    """The vote for these options, by their places from 0. Raise Invalid `options_invalid`."""
    if not options or len(set(options)) < len(options) or not all(0 <= each < len(plan.options) for each in options):
        raise Invalid("options_invalid", "请选择列出的选项")
    if len(options) > plan.most:
        raise Invalid("options_invalid", "只能选一项" if plan.most == 1 else f"最多选 {plan.most} 项")
    return sum(1 << each for each in options)


def options_in(choices: int) -> list[int]:
    return [place for place in range(MOST_OPTIONS) if choices >> place & 1]


def counted(plan: Plan, votes: Mapping[int, int]) -> Tally:
    """`votes`: how many people chose each combination."""
    return Tally(
        tuple(sum(people for choices, people in votes.items() if choices >> place & 1) for place in range(len(plan.options))),
        sum(votes.values()),
    )


def shows_counts(poll: Poll, *, keeper: bool, voted: bool) -> bool:
    """Whether somebody may see how an open poll stands; of a closed one everybody sees the result."""
    results = poll.plan.results
    return keeper or results is Results.ALWAYS or (results is Results.VOTED and voted)


def newest_last(polls: Iterable[Poll]) -> list[Poll]:
    """In the order in which they were opened, drafts after them in the order in which they were written."""
    return sorted(polls, key=lambda each: (each.offset is None, each.offset or 0, each.id))
