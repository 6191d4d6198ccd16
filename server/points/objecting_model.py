"""Objections (异议) to a publication: rules without I/O.

Whoever objects while it is open is answered within five working days, by the secretary of the branch or the committee, never by
somebody it concerns. An objection that is upheld is corrected in the ledger by reversals and awards; nothing is ever rewritten.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member
from .entry import Entry
from .model import Indicator, Kind
from .proposing_model import Standing, is_discipline, standing
from .publication import BRANCH, COMMITTEE, Publication, PublicationState

ANSWER_WORKDAYS = 5
TEXT_MOST = 500
MOST_OBJECTIONS = 20  # of one person to one publication
MOST_AWARDS = 5


class ObjectionState(enum.StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Objection:
    """`about_id`: whose published row is meant; `entry_id`: the row of the ledger, None where one is missing or it is about the
    sums. `corrections` are the rows that were reversed, `awards` those that were added."""

    id: str
    publication_id: str
    about_id: str
    branch_id: str
    by_id: str
    entry_id: str | None
    text: str
    evidence: str
    at: datetime
    due_on: date
    state: ObjectionState
    answer: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = None
    corrections: Sequence[str] = ()
    awards: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not credited and should have been: an indicator, and the day it is for."""

    indicator: str
    day: date


def answers_for(member: Member, branch_id: str) -> bool:
    """Whether somebody answers objections of a branch."""
    return member.has(*COMMITTEE) or (member.has(*BRANCH) and member.branch_id == branch_id and branch_id != "")


def sees_rows(member: Member, about_id: str, branch_id: str) -> bool:
    """Whether somebody sees what a published sum consists of: whose it is, and who answers for it."""
    return member.id == about_id or answers_for(member, branch_id)


def may_answer(member: Member, objection: Objection) -> bool:
    return (
        objection.state is ObjectionState.OPEN
        and answers_for(member, objection.branch_id)
        and member.id not in (objection.about_id, objection.by_id)
    )


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
        raise Conflict("already_answered", "这个异议已经答复过了", extra={"state": objection.state.value})


def check_reverses(member: Member, publication: Publication, heads: Mapping[str, tuple[int, str]], row: Entry) -> None:
    """What an answer may take back: a row that was published, by somebody who had no part in it; what the discipline committee
    has entered only by a committee secretary. Raise Conflict `entry_is_reversal`, `not_in_publication`, Forbidden `own_matter`,
    `standing_too_low`."""
    if row.reverses is not None:
        raise Conflict("entry_is_reversal", "这一条本身就是更正，请另记一笔")
    last, _ = heads.get(row.branch_id, (0, ""))
    if row.day.year != publication.year or row.day > publication.until or row.number is None or row.number > last:
        raise Conflict("not_in_publication", "这一条不在这次公示里")
    if member.id in (row.by, row.reviewer):
        raise Forbidden("own_matter", "这一条由您提出或审核，请由其他负责人答复")
    if is_discipline(row.event) and standing(member, row.branch_id) < Standing.COMMITTEE:
        raise Forbidden("standing_too_low", "纪律方面的记录只能由党委书记、副书记更正")


def check_missing(publication: Publication, missing: Missing, indicator: Indicator | None) -> Indicator:
    """What an answer may add: an award of the published time. Deductions and matters of discipline have their own way. Raise
    Invalid `day_unfit`, `indicator_unfit`."""
    if missing.day.year != publication.year or missing.day > publication.until:
        raise Invalid("day_unfit", "补记的日期应在这次公示的期间内")
    if indicator is None or indicator.kind is not Kind.AWARD or is_discipline(indicator.event):
        raise Invalid("indicator_unfit", "只能补记那一天有效的加分项")
    return indicator
