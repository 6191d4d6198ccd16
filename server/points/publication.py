"""Publication (公示) of points: pure rules.

After a quarter the points of the year so far are published to the members for five working days, by branch and in the order of
names, without ranks. What is published is frozen: a chain’s rows up to its head of that moment, nothing later; what is
corrected meanwhile (see `objecting_model`) stays published as it was.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member, Role
from .model import Aspect, Scale, Sum, Window, score

OPEN_WORKDAYS = 5
# Who publishes, and answers for every branch.
COMMITTEE = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY, Role.AFFAIRS_STAFF)
BRANCH = (Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY)


class PublicationState(enum.StrEnum):
    PREPARING = "preparing"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Publication:
    id: str
    title: str
    year: int
    quarter: int
    until: date
    state: PublicationState
    scale: Scale
    total: int
    prepared: int
    cursor: str
    made_at: datetime
    opened_at: datetime | None
    closes_on: date | None
    deadline_sure: bool
    closed_at: datetime | None

    @property
    def since(self) -> date:
        """The first day that counts."""
        return date(self.year, 1, 1)


@dataclass(frozen=True, slots=True)
class Published:
    """One member. `added` by aspect, up to its bound; all in tenths."""

    member_id: str
    branch_id: str
    name: str
    added: Mapping[Aspect, int]
    deducted: int
    score: int
    vetoed: bool
    exempt: bool


def quarter_end(year: int, quarter: int, today: date) -> date:
    """The last day of a quarter that is over. Raise Invalid `quarter_invalid`, Conflict `quarter_not_over`."""
    if not 1 <= quarter <= 4:
        raise Invalid("quarter_invalid", "季度应为 1 到 4")
    last = Window.QUARTER.ends(date(year, quarter * 3, 1))
    if last >= today:
        raise Conflict("quarter_not_over", "这个季度还没有结束")
    return last


def title_of(year: int, quarter: int) -> str:
    return f"{year}年第{'一二三四'[quarter - 1]}季度积分公示"


def published(
    scale: Scale, member_id: str, branch_id: str, name: str, sums: Mapping[Aspect, Sum], *, exempt: bool
) -> Published:
    return Published(
        member_id=member_id,
        branch_id=branch_id,
        name=name,
        added={aspect: min(scale.most[aspect], sums.get(aspect, Sum()).awarded) for aspect in Aspect},
        deducted=sum(each.deducted for each in sums.values()),
        score=score(scale, sums),
        vetoed=any(each.vetoes for each in sums.values()),
        exempt=exempt,
    )


def check_publishes(member: Member) -> None:
    """Raise Forbidden `role_needed`."""
    if not member.has(*COMMITTEE):
        raise Forbidden("role_needed", "公示由党委书记、副书记或专职党务干部发布")
