"""Who may propose, confirm and answer: rules without I/O.

What a person has to confirm is proposed by one and confirmed by another of the same or a higher standing, never by the member
it is about. What the discipline committee enters is its own: its secretary proposes, and only a committee secretary confirms.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from ..core.errors import Conflict, Forbidden
from ..identity import Member, Role
from .model import Confirm, Indicator, Kind

APPEAL_WITHIN = timedelta(days=15)
WORDS_MOST = 500
LINK_MOST = 200
_OF_BRANCH = (Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY)
_OF_STAFF = (Role.AFFAIRS_STAFF, Role.APPRAISAL_CLERK)
_OF_COMMITTEE = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
DESK = (*_OF_BRANCH, *_OF_STAFF, Role.DISCIPLINE_SECRETARY, *_OF_COMMITTEE)
"""Whoever proposes, confirms or answers anything."""


class Standing(enum.IntEnum):
    NONE = 0
    BRANCH = 1
    STAFF = 2
    COMMITTEE = 3


class ProposalState(enum.StrEnum):
    """`withdrawn`: what a feature had brought is no longer true."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AppealState(enum.StrEnum):
    """`upheld`: the deduction stands. `granted`: it was taken back."""

    OPEN = "open"
    UPHELD = "upheld"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`standing` is the proposer's when it was made; `discipline` whether it is the discipline committee's own. `source`: what
    happened, where a feature has brought it (`bringing`); then it is in the name of whom it is about."""

    id: str
    member_id: str
    branch_id: str
    indicator: str
    kind: Kind
    value: int
    discipline: bool
    day: date
    reason: str
    evidence: str
    link: str
    standing: Standing
    by: str
    made_at: datetime
    state: ProposalState = ProposalState.OPEN
    reviewer: str | None = None
    reviewed_at: datetime | None = None
    words: str = ""
    entry_id: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """`proposer` and `reviewer` are the row's own; nobody of them answers."""

    id: str
    entry_id: str
    member_id: str
    branch_id: str
    discipline: bool
    proposer: str | None
    reviewer: str | None
    text: str
    made_at: datetime
    state: AppealState = AppealState.OPEN
    answered_by: str | None = None
    answered_at: datetime | None = None
    words: str = ""


def is_discipline(event: str) -> bool:
    return event.startswith("discipline.")


def standing(member: Member, branch_id: str) -> Standing:
    """Of somebody towards the members of a branch."""
    if member.has(*_OF_COMMITTEE):
        return Standing.COMMITTEE
    if member.has(*_OF_STAFF):
        return Standing.STAFF
    if member.has(*_OF_BRANCH) and branch_id and member.branch_id == branch_id:
        return Standing.BRANCH
    return Standing.NONE


def sees(member: Member, branch_id: str, *, discipline: bool) -> bool:
    if discipline:
        return member.has(Role.DISCIPLINE_SECRETARY, *_OF_COMMITTEE)
    return standing(member, branch_id) > Standing.NONE


def proposable(member: Member, indicators: Collection[Indicator]) -> list[Indicator]:
    """What somebody may propose for anybody at all; for whom, see `check_may_propose`."""
    ordinary = member.has(*_OF_BRANCH, *_OF_STAFF, *_OF_COMMITTEE)
    return [
        each
        for each in indicators
        if each.confirm is Confirm.HUMAN_REVIEW
        and (member.has(Role.DISCIPLINE_SECRETARY) if is_discipline(each.event) else ordinary)
    ]


def check_may_propose(member: Member, member_id: str, branch_id: str, indicator: Indicator) -> Standing:
    """Gives the standing it is proposed with. Raise Forbidden `role_needed`, Conflict `own_points`."""
    if member.id == member_id:
        raise Conflict("own_points", "不能为自己提出，请由他人提出")
    if indicator.confirm is not Confirm.HUMAN_REVIEW:
        raise Conflict("counted_by_itself", "这一项由系统自动记录，不能手工提出")
    if is_discipline(indicator.event):
        if not member.has(Role.DISCIPLINE_SECRETARY):
            raise Forbidden("role_needed", "这一项只能由纪委书记提出")
        return Standing.COMMITTEE
    if (found := standing(member, branch_id)) is Standing.NONE:
        raise Forbidden("role_needed", "只能为本支部的党员提出")
    return found


class Reviewed(Protocol):
    """What waits for a second person."""

    @property
    def member_id(self) -> str: ...

    @property
    def branch_id(self) -> str: ...

    @property
    def by(self) -> str: ...

    @property
    def standing(self) -> Standing: ...


def check_may_review(member: Member, proposal: Reviewed) -> None:
    """Raise Forbidden `second_person_needed`, `own_points`, `standing_too_low`."""
    if member.id == proposal.member_id:
        raise Forbidden("own_points", "不能确认与自己有关的事项")
    if member.id == proposal.by:
        raise Forbidden("second_person_needed", "您是提出人，需要另一个人确认")
    if standing(member, proposal.branch_id) < proposal.standing:
        raise Forbidden("standing_too_low", "需要与提出人同级或更高职务的人确认")


def check_may_answer(member: Member, appeal: Appeal) -> None:
    """Raise Forbidden `own_points`, `third_person_needed`, `standing_too_low`."""
    if member.id == appeal.member_id:
        raise Forbidden("own_points", "不能答复自己的申诉")
    if member.id in (appeal.proposer, appeal.reviewer):
        raise Forbidden("third_person_needed", "您提出或确认过这一条，需要另一个人答复")
    least = Standing.COMMITTEE if appeal.discipline else Standing.STAFF
    if standing(member, appeal.branch_id) < least:
        raise Forbidden("standing_too_low", "申诉由党委书记、副书记或党务干部答复")


def appealable_until(recorded_at: datetime) -> datetime:
    return recorded_at + APPEAL_WITHIN
