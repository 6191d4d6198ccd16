"""Exemptions on the wire."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from ..core.http.paging import Page
from ..core.moments import Moment
from ..core.wire import In
from ..identity import Person
from .exempting_model import Exempting
from .proposing_model import ProposalState
from .proposing_wire import PointPersonOut
from .wire import Year


class ExemptionIn(In):
    """`lift`: that somebody is compared again."""

    member: Annotated[str, Field(max_length=36)]
    year: Year
    reason: Annotated[str, Field(max_length=2000)]
    lift: bool = False


class ExemptionOut(BaseModel):
    """`words`: the reviewer's."""

    id: str
    member: PointPersonOut
    year: int
    lift: bool
    reason: str
    by: PointPersonOut
    made_at: Moment
    state: ProposalState
    reviewer: PointPersonOut | None
    reviewed_at: Moment | None
    words: str

    @classmethod
    def of(cls, proposal: Exempting, people: Mapping[str, Person]) -> "ExemptionOut":
        return cls(
            id=proposal.id,
            member=PointPersonOut.of(proposal.member_id, people),
            year=proposal.year,
            lift=proposal.lift,
            reason=proposal.reason,
            by=PointPersonOut.of(proposal.by, people),
            made_at=proposal.made_at,
            state=proposal.state,
            reviewer=None if proposal.reviewer is None else PointPersonOut.of(proposal.reviewer, people),
            reviewed_at=proposal.reviewed_at,
            words=proposal.words,
        )


class ExemptionsOut(Page[ExemptionOut]):
    pass
