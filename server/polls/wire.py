"""Polls on the wire."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from ..core.moments import Moment
from ..core.sockets import Out, left_out
from ..core.wire import Id, In
from .model import MOST_OPTIONS, Plan, PollState, Results, planned
from .service import Seen

Text = Annotated[str, Field(max_length=1000)]
Options = Annotated[list[Text], Field(max_length=20)]
Seconds = Annotated[int | None, Field(ge=10, le=24 * 3600, description="From its opening until it closes by itself.")]


class PollIn(In):
    """`most`: how many options one vote may name. `results`: when viewers see how it stands: always, once they have voted, or
    once it is closed. `final`: a vote cannot be changed."""

    question: Text
    options: Options
    most: Annotated[int, Field(ge=1, le=MOST_OPTIONS)] = 1
    results: Results = Results.ALWAYS
    final: bool = False
    seconds: Seconds = None

    def plan(self) -> Plan:
        return planned(
            self.question, self.options, most=self.most, results=self.results, final=self.final, seconds=self.seconds
        )


class PollOpenIn(In):
    """Either `poll`, a draft, or `broadcast` with the question and all that `PollIn` has."""

    client_id: Id
    poll: Id | None = None
    broadcast: Id | None = None
    question: Text | None = None
    options: Options | None = None
    most: Annotated[int, Field(ge=1, le=MOST_OPTIONS)] = 1
    results: Results = Results.ALWAYS
    final: bool = False
    seconds: Seconds = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        fresh = self.broadcast is not None and self.question is not None and self.options is not None
        of_draft = self.model_fields_set <= {"client_id", "poll"}
        if (self.poll is None) is not fresh or (self.poll is not None and not of_draft):
            raise ValueError("either poll, or broadcast, question and options")
        return self

    def plan(self) -> Plan:
        asked = self.model_dump(include=set(PollIn.model_fields))
        return PollIn(**asked).plan()


class PollVoteIn(In):
    """`options`: their places in the poll's list, from 0. `client_id`: a UUID of the client's, one for each vote; the same one
    again gives the same answer and changes nothing."""

    poll: Id
    options: Annotated[list[Annotated[int, Field(ge=0, lt=MOST_OPTIONS)]], Field(min_length=1, max_length=MOST_OPTIONS)]
    client_id: Id


class PollCloseIn(In):
    poll: Id
    client_id: Id


class PollRemoveIn(In):
    poll: Id
    client_id: Id


class PollOpenAck(BaseModel):
    """`offset` is that of its entry."""

    poll: str
    offset: int


class PollVoteAck(BaseModel):
    """What was taken for the vote of this client id."""

    options: list[int]


class PollCloseAck(BaseModel):
    """The result: votes for each option, and how many people voted."""

    counts: list[int]
    voters: int


class PollOut(Out):
    """A poll as the caller may see it. `counts` and `voters` are there where the caller may see how it stands. `mine`: what the
    caller chose, while it is open; once it is closed nobody knows that any more, only that he or she has `voted`."""

    id: str
    state: PollState
    question: str
    options: list[str]
    most: int
    results: Results
    final: bool
    seconds: int | None
    opened_at: Moment | None
    media_at: Moment | None
    closes_at: Moment | None
    closed_at: Moment | None
    counts: list[int] | None = left_out()
    voters: int | None = left_out()
    voted: bool
    mine: list[int] | None = left_out()

    @classmethod
    def of(cls, seen: Seen) -> Self:
        poll, plan = seen.poll, seen.poll.plan
        held: dict[str, Any] = {name: getattr(poll, name) for name in ("opened_at", "media_at", "closes_at", "closed_at")}
        return cls(
            id=poll.id,
            state=poll.state,
            question=plan.question,
            options=list(plan.options),
            most=plan.most,
            results=plan.results,
            final=plan.final,
            seconds=plan.seconds,
            counts=None if seen.tally is None else list(seen.tally.counts),
            voters=None if seen.tally is None else seen.tally.voters,
            voted=seen.voted,
            mine=seen.mine,
            **held,
        )


class PollsOut(BaseModel):
    """In the order of their opening; after them the drafts, for those who may open them."""

    items: list[PollOut]
