"""What a report says. Pure: figures out of what the features have kept, by minutes of the programme's clock.

A comment belongs to the minute its writer was seeing, everything else to the minute in which it came. What was asked before the
air is in the sums and in no minute. Removed things are counted apart. Nobody is named but by what they said under their name.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..broadcasts import Broadcast, rights
from ..comments import Spoken
from ..core.errors import Conflict, Forbidden
from ..identity import Member, Role
from ..polls import Held
from ..questions import Everything

_MINUTE = timedelta(minutes=1)
MOST_MINUTES = 24 * 60  # no broadcast is longer by plan; one that was forgotten on air shows its first day


class Sample(Protocol):
    """Viewers at the end of some seconds from `at` on, and the most within them."""

    @property
    def at(self) -> datetime: ...
    @property
    def viewers(self) -> int: ...
    @property
    def most(self) -> int: ...


class Counted(Protocol):
    """Reactions of one kind that came within some seconds from `at` on."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def count(self) -> int: ...


@dataclass(slots=True)
class Minute:
    """`viewers`: most at a time; None where nobody has counted (that is not the same as nobody watching)."""

    at: datetime
    viewers: int | None = None
    comments: int = 0
    questions: int = 0
    reactions: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Viewers:
    """`average`: over the time on air in which anybody was counted."""

    peak: int
    peak_at: datetime | None
    average: float | None


@dataclass(frozen=True, slots=True)
class Report:
    broadcast: Broadcast
    until: datetime  # its end, or the moment of the report
    minutes: list[Minute]
    viewers: Viewers
    comments: int
    comments_removed: int
    commenters: int
    reactions: Counter[str]
    asked: Everything
    polls: Held
    people: int  # members who wrote, asked, answered or voted

    @property
    def seconds(self) -> float:
        return (self.until - (self.broadcast.live_at or self.until)).total_seconds()


def require_reader(broadcast: Broadcast, member: Member) -> None:
    """For those who send the broadcast or moderate it, and for the staff of Party affairs. Raise Forbidden `keeper_needed`."""
    if not (rights(broadcast, member).insider or member.has(Role.AFFAIRS_STAFF)):
        raise Forbidden("keeper_needed", "只有主播、联合主播、审核员和党务干部可以看数据报告")


def require_begun(broadcast: Broadcast) -> datetime:
    """When it went on air. Raise Conflict `report_not_yet`."""
    if broadcast.live_at is None:
        raise Conflict("report_not_yet", "开播以后才有数据报告")
    return broadcast.live_at


def drawn_up(
    broadcast: Broadcast,
    now: datetime,
    *,
    said: Spoken,
    asked: Everything,
    polls: Held,
    samples: Sequence[Sample],
    reactions: Sequence[Counted],
) -> Report:
    start = require_begun(broadcast)
    until = max(broadcast.ended_at or now, start)
    minutes = _minutes(start, until)
    for at in said.moments:
        _minute(minutes, at).comments += 1
    for question in asked.questions:
        if question.at >= start and question.removed is None:
            _minute(minutes, question.at).questions += 1
    total: Counter[str] = Counter()
    for counted in reactions:
        _minute(minutes, counted.at).reactions[counted.kind] += counted.count
        total[counted.kind] += counted.count
    for sample in samples:
        minute = _minute(minutes, sample.at)
        minute.viewers = max(minute.viewers or 0, sample.most)
    return Report(
        broadcast=broadcast,
        until=until,
        minutes=minutes,
        viewers=_viewers(broadcast, samples),
        comments=len(said.moments),
        comments_removed=said.removed,
        commenters=len(said.people),
        reactions=total,
        asked=asked,
        polls=polls,
        people=len(said.people | asked.people | polls.people),
    )


def _viewers(broadcast: Broadcast, samples: Sequence[Sample]) -> Viewers:
    highest = max(samples, key=lambda each: each.most, default=None)
    average = sum(each.viewers for each in samples) / len(samples) if samples else None
    peak = max(broadcast.peak_viewers, highest.most if highest else 0)
    return Viewers(peak, highest.at if highest is not None and highest.most == peak else None, average)


def _minutes(start: datetime, until: datetime) -> list[Minute]:
    first = start.replace(second=0, microsecond=0)
    count = min((until - first) // _MINUTE + 1, MOST_MINUTES)
    return [Minute(first + number * _MINUTE) for number in range(count)]


def _minute(minutes: Sequence[Minute], at: datetime) -> Minute:
    """What comes a little late belongs to the last one."""
    return minutes[min(max((at - minutes[0].at) // _MINUTE, 0), len(minutes) - 1)]
