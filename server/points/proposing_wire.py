"""Proposals and appeals on the wire. Amounts are integers, in tenths of a point."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.http.paging import Page, PageQuery
from ..core.moments import Moment
from ..core.wire import In
from ..identity import Person
from .entry import Entry
from .model import Aspect, Indicator, Kind
from .proposing_model import Appeal, Proposal, ProposalState
from .wire import AppealOut

_Text = Annotated[str, Field(max_length=2000)]


class ProposalIn(In):
    """`day`: when it happened. `evidence`: what proves it, in words; `link` leads to it, here or elsewhere."""

    member: Annotated[str, Field(max_length=36)]
    indicator: Annotated[str, Field(max_length=8)]
    day: date
    reason: _Text
    evidence: _Text
    link: Annotated[str, Field(max_length=400)] = ""


class ReviewIn(In):
    words: _Text = ""


class AppealIn(In):
    text: _Text


class QueueQuery(PageQuery):
    """`open`: what waits; `decided`: what does not any more."""

    state: Literal["open", "decided"] = "open"


class PeopleQuery(In):
    q: Annotated[str, Field(max_length=40)] = ""


class PointPersonOut(BaseModel):
    id: str
    name: str
    branch: str | None

    @classmethod
    def of(cls, person_id: str, people: Mapping[str, Person]) -> "PointPersonOut":
        found = people.get(person_id)
        return cls(id=person_id, name=found.name if found else "", branch=found.branch_name if found else None)


class PointPeopleOut(BaseModel):
    """By name. `more`: there are others; who looks for one of them writes more of the name."""

    items: list[PointPersonOut]
    more: bool


class ProposableOut(BaseModel):
    code: str
    aspect: Aspect
    name: str
    kind: Kind
    value: int
    trigger: str

    @classmethod
    def of(cls, indicator: Indicator) -> "ProposableOut":
        return cls(
            code=indicator.code,
            aspect=indicator.aspect,
            name=indicator.name,
            kind=indicator.kind,
            value=indicator.value,
            trigger=indicator.trigger,
        )


class ProposablesOut(BaseModel):
    items: list[ProposableOut]


class ProposalOut(BaseModel):
    """`words`: the reviewer's."""

    id: str
    member: PointPersonOut
    indicator: str
    name: str
    kind: Kind
    value: int
    day: date
    reason: str
    evidence: str
    link: str
    by: PointPersonOut
    made_at: Moment
    state: ProposalState
    reviewer: PointPersonOut | None
    reviewed_at: Moment | None
    words: str

    @classmethod
    def of(cls, proposal: Proposal, names: Mapping[str, str], people: Mapping[str, Person]) -> "ProposalOut":
        return cls(
            id=proposal.id,
            member=PointPersonOut.of(proposal.member_id, people),
            indicator=proposal.indicator,
            name=names.get(proposal.indicator, proposal.indicator),
            kind=proposal.kind,
            value=proposal.value,
            day=proposal.day,
            reason=proposal.reason,
            evidence=proposal.evidence,
            link=proposal.link,
            by=PointPersonOut.of(proposal.by, people),
            made_at=proposal.made_at,
            state=proposal.state,
            reviewer=None if proposal.reviewer is None else PointPersonOut.of(proposal.reviewer, people),
            reviewed_at=proposal.reviewed_at,
            words=proposal.words,
        )


class ProposalsOut(Page[ProposalOut]):
    pass


class AppealCaseOut(AppealOut):
    """As whoever answers sees it: with the row it is about."""

    member: PointPersonOut
    indicator: str
    name: str
    kind: Kind
    amount: int
    day: date
    title: str
    reason: str
    by: PointPersonOut | None
    reviewer: PointPersonOut | None
    answered_by: PointPersonOut | None

    @classmethod
    def about(cls, appeal: Appeal, row: Entry, names: Mapping[str, str], people: Mapping[str, Person]) -> "AppealCaseOut":
        def person(person_id: str | None) -> PointPersonOut | None:
            return None if person_id is None else PointPersonOut.of(person_id, people)

        return cls(
            **dict(AppealOut.of(appeal)),
            member=PointPersonOut.of(appeal.member_id, people),
            indicator=row.indicator,
            name=names.get(row.indicator, row.indicator),
            kind=row.kind,
            amount=row.amount,
            day=row.day,
            title=row.title,
            reason=row.reason,
            by=person(row.by),
            reviewer=person(row.reviewer),
            answered_by=person(appeal.answered_by),
        )


class AppealsOut(Page[AppealCaseOut]):
    pass
