"""Comments on the wire."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from ..core.fanout import EntryOut
from ..core.sockets import left_out
from ..core.wire import Id, In
from ..moderation import ReportReason

Offset = Annotated[int, Field(ge=0, le=2**53)]


class CommentIn(In):
    """`media_at`: the programme time the writer was seeing. `client_id`: a UUID of the client's; the same one again gives the
    same answer and no second comment."""

    broadcast: Id
    text: Annotated[str, Field(max_length=2000)]
    client_id: Id
    media_at: AwareDatetime | None = None
    reply_to: Id | None = None


class CommentRemoveIn(In):
    """`reason` is for those who must answer for it; viewers are not told. The second time the answer is the same."""

    comment: Id
    client_id: Id
    reason: Annotated[str, Field(max_length=200)] = ""


class CommentReportIn(In):
    """`words`: what the reporter has to say beyond the reason. One report of each person for each comment counts."""

    comment: Id
    reason: ReportReason
    client_id: Id
    words: Annotated[str, Field(max_length=200)] = ""


class CommentAck(BaseModel):
    """`offset` is that of its entry. `held`: it waits for a moderator, only its writer sees it, and there is no entry yet."""

    id: str
    offset: int | None = left_out()
    held: bool


class CommentsOut(BaseModel):
    """Journal entries of the comments above or below an offset, in their order; `next` is the cursor of the following page in
    the same direction."""

    items: list[EntryOut]
    next: str | None


Place = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,16})?$")]


class MomentsQuery(In):
    """A place is `<ms since the epoch>` or `<ms>.<offset>`. With `before` pages go towards the beginning, without it towards
    the end. One of the two, never both."""

    after: Annotated[Place, Field(description="Comments of later moments than this; or the `next` of the page before.")] = "0"
    before: Annotated[Place | None, Field(description="Comments of earlier moments; or the `next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if {"after", "before"} <= self.model_fields_set:
            raise ValueError("after or before, not both")
        return self


class HeatOut(BaseModel):
    """How many comments belong to each span of a broadcast's time on air; the first span begins at `starts_at`, which is null
    before it went on air. What was taken back does not count."""

    starts_at: str | None
    seconds: int
    counts: list[int]


class CommentsQuery(In):
    """With `before` pages go towards the beginning, without it towards the end. One of the two, never both."""

    after: Offset = 0
    before: Annotated[Offset | None, Field(description="Comments below this offset: the `next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if {"after", "before"} <= self.model_fields_set:
            raise ValueError("after or before, not both")
        return self
