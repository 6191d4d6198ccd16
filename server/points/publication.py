"""Publication (公示) of points: pure rules.

After a quarter the points of the year so far are published to the members for five working days, by branch and in the order of
names, without ranks. What is published is frozen: a chain’s rows up to its head of that moment, nothing later. Whoever objects
is answered within five working days; what was wrong is reversed in the ledger, and stays published as it was.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member, Role
from .model import Aspect, Scale, Sum, Window, score

OPEN_WORKDAYS = 5
ANSWER_WORKDAYS = 5
TEXT_MOST = 500
# Who publishes, and answers for every branch.
COMMITTEE = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY, Role.AFFAIRS_STAFF)
BRANCH = (Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY)


class PublicationState(enum.StrEnum):
    PREPARING = "preparing"
    OPEN = "open"
    CLOSED = "closed"


class ObjectionState(enum.StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


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


@dataclass(frozen=True, slots=True)
class Objection:
    id: str
    publication_id: str
    about_id: str
    branch_id: str
    by_id: str
    entry_id: str | None
    text: str
    at: datetime
    due_on: date
    state: ObjectionState
    answer: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = None
    corrections: Sequence[str] = ()


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


def answers_for(member: Member, branch_id: str) -> bool:
    """Whether somebody answers objections of a branch."""
    return member.has(*COMMITTEE) or (member.has(*BRANCH) and member.branch_id == branch_id and branch_id != "")


def check_objects(publication: Publication, today: date) -> None:
    """Raise Conflict `publication_closed`."""
    if publication.state is not PublicationState.OPEN or publication.closes_on is None or today > publication.closes_on:
        raise Conflict("publication_closed", "公示期已过，不能再提出异议")


def check_answers(member: Member, objection: Objection) -> None:
    """Nobody answers what is about themselves, or what they have said. Raise Forbidden `not_yours`, `own_matter`, Conflict
    `already_answered`."""
    if not answers_for(member, objection.branch_id):
        raise Forbidden("not_yours", "这个异议由该支部书记或党委答复")
    if member.id in (objection.about_id, objection.by_id):
        raise Forbidden("own_matter", "涉及本人，请由其他负责人答复")
    if objection.state is not ObjectionState.OPEN:
        raise Conflict("already_answered", "这个异议已经答复过了")
