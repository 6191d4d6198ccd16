"""Comments on the wire."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ..core.fanout import EntryOut

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Id = Annotated[str, Field(pattern=_UUID)]


class CommentIn(BaseModel):
    """`media_at`: the programme time the writer was seeing. `client_id`: a UUID of the client's; the same one again gives the
    same answer and no second comment."""

    model_config = ConfigDict(extra="forbid")

    broadcast: Id
    text: Annotated[str, Field(max_length=2000)]
    client_id: Id
    media_at: AwareDatetime | None = None
    reply_to: Id | None = None


class CommentAck(BaseModel):
    """`offset` is that of its entry. `held`: it waits for a moderator, and only its writer sees it."""

    id: str
    offset: int
    held: bool


class CommentsOut(BaseModel):
    """Journal entries of the comments above an offset, in order; `next` is the cursor of the following page."""

    items: list[EntryOut]
    next: str | None


class CommentsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 100
