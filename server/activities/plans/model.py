"""How often which meeting is due (domain.md, section 3), and how a branch stands: pure rules, in Beijing's months and quarters.

A meeting is held once its check-in has begun; one that is announced for later in the period is planned. A branch committee is
due where there are seven full members, a party group's meeting where the branch has such meetings at all: not every branch has
groups. What the committee holds for everybody, a lecture or a theme day, counts for each branch. Nothing is due from before the
first activity that was kept here.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...core.spreadsheets import BEIJING
from ..model import ActivityKind, ActivityState

COMMITTEE_FROM = 7  # full members


class Cycle(enum.StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Stage(enum.StrEnum):
    """`due`: the period runs, and nothing is planned; `free`: nothing is owed in it."""

    HELD = "held"
    PLANNED = "planned"
    DUE = "due"
    MISSED = "missed"
    TO_COME = "to_come"
    FREE = "free"


DUTIES: Mapping[ActivityKind, Cycle] = {
    ActivityKind.GENERAL: Cycle.QUARTER,
    ActivityKind.COMMITTEE: Cycle.MONTH,
    ActivityKind.GROUP: Cycle.MONTH,
    ActivityKind.LECTURE: Cycle.QUARTER,
    ActivityKind.THEME_DAY: Cycle.MONTH,
    ActivityKind.ORG_LIFE: Cycle.YEAR,
}
_MONTHS = {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.YEAR: 12}
# So long before a period ends without anything planned, it is time to say so.
_WARNING = {Cycle.MONTH: timedelta(days=10), Cycle.QUARTER: timedelta(days=30), Cycle.YEAR: timedelta(days=60)}
_FOR_ALL = (ActivityKind.LECTURE, ActivityKind.THEME_DAY)


@dataclass(frozen=True, slots=True)
class Meeting:
    """`confirmed`: its record is."""

    id: str
    kind: ActivityKind
    branch_id: str | None
    starts_at: datetime
    ends_at: datetime
    state: ActivityState
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """`number` from 1; `ends` is its last day."""

    number: int
    starts: date
    ends: date
    stage: Stage
    held: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Duty:
    """`owed`: how many periods count so far and ahead; `urgent`: the period that runs is about to end with nothing planned."""

    kind: ActivityKind
    cycle: Cycle
    applies: bool
    periods: tuple[Period, ...]
    urgent: bool

    @property
    def missed(self) -> int:
        return sum(period.stage is Stage.MISSED for period in self.periods)

    @property
    def held(self) -> int:
        return sum(period.held for period in self.periods)

    @property
    def confirmed(self) -> int:
        return sum(period.confirmed for period in self.periods)

    @property
    def owed(self) -> int:
        return sum(period.stage is not Stage.FREE for period in self.periods)


def duties(
    branch_id: str, year: int, meetings: Collection[Meeting], *, since: datetime | None, full_members: int, now: datetime
) -> list[Duty]:
    """`since`: the first activity of the branch that was kept here, whenever it was."""
    today = now.astimezone(BEIJING).date()
    begins = today if since is None else min(today, since.astimezone(BEIJING).date())
    own = [each for each in meetings if _counts_for(each, branch_id)]
    applies = {
        ActivityKind.COMMITTEE: full_members >= COMMITTEE_FROM,
        ActivityKind.GROUP: any(each.kind is ActivityKind.GROUP for each in own),
    }
    return [_duty(kind, year, own, begins, today, now, applies=applies.get(kind, True)) for kind in DUTIES]


def _duty(
    kind: ActivityKind, year: int, meetings: Sequence[Meeting], begins: date, today: date, now: datetime, *, applies: bool
) -> Duty:
    cycle = DUTIES[kind]
    mine = [each for each in meetings if _kind_of(each) is kind]
    periods = tuple(
        _period(number, starts, ends, mine, begins, today, now, applies=applies)
        for number, (starts, ends) in enumerate(spans(year, cycle), 1)
    )
    urgent = any(each.stage is Stage.DUE and each.ends - today <= _WARNING[cycle] for each in periods)
    return Duty(kind, cycle, applies, periods, urgent)


def _period(
    number: int,
    starts: date,
    ends: date,
    meetings: Sequence[Meeting],
    begins: date,
    today: date,
    now: datetime,
    *,
    applies: bool,
) -> Period:
    inside = [each for each in meetings if starts <= each.starts_at.astimezone(BEIJING).date() <= ends]
    held = [each for each in inside if each.state in (ActivityState.OPEN, ActivityState.CLOSED)]
    planned = any(each.state is ActivityState.ANNOUNCED and each.ends_at > now for each in inside)
    if held:
        stage = Stage.HELD
    elif not applies or ends < begins:
        stage = Stage.FREE
    elif planned:
        stage = Stage.PLANNED
    elif ends < today:
        stage = Stage.MISSED
    else:
        stage = Stage.DUE if starts <= today else Stage.TO_COME
    return Period(number, starts, ends, stage, len(held), sum(each.confirmed for each in held))


def spans(year: int, cycle: Cycle) -> list[tuple[date, date]]:
    """First and last days."""
    months = _MONTHS[cycle]
    starts = [date(year, month, 1) for month in range(1, 13, months)]
    return [
        (start, (next_ or date(year + 1, 1, 1)) - timedelta(days=1))
        for start, next_ in zip(starts, [*starts[1:], None], strict=True)
    ]


def window(year: int) -> tuple[datetime, datetime]:
    """The year in Beijing."""
    return datetime(year, 1, 1, tzinfo=BEIJING), datetime(year + 1, 1, 1, tzinfo=BEIJING)


def _kind_of(meeting: Meeting) -> ActivityKind:
    """An oath renewed is a theme day."""
    return ActivityKind.THEME_DAY if meeting.kind is ActivityKind.OATH_RENEWAL else meeting.kind


def _counts_for(meeting: Meeting, branch_id: str) -> bool:
    return meeting.branch_id == branch_id or (meeting.branch_id is None and _kind_of(meeting) in _FOR_ALL)
