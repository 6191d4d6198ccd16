"""What goes over the socket for every kind of channel: `subscribe` and `unsubscribe`, and what subscribers are told.

Entries and signals are put together byte by byte in `room` and `hub`, once for everybody, and never pass through these models.
The models are what that promises: the document and the client's types are made from them, and the tests hold to them whatever
is really sent (`tests/support/declared`).
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ..journal.model import LONGEST_NAME
from ..sockets import Out, left_out, may_be_missing
from .room import MOST_AT_ONCE

_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
Channel = Annotated[str, Field(max_length=LONGEST_NAME)]
Moment = Annotated[str, Field(pattern=_MOMENT, json_schema_extra={"format": "date-time"})]
Offset = Annotated[int, Field(ge=1)]
Head = Annotated[int, Field(ge=0)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SubscribeIn(_In):
    """`epoch` and `after`: the position the client has reached, where it has one. `to_head`: it applies the entries that come
    with a snapshot, and so is never shown a moment that is over."""

    channel: Channel
    epoch: Annotated[str, Field(max_length=36)] | None = may_be_missing()
    after: Annotated[int, Field(ge=0, le=2**53)] | None = may_be_missing()
    to_head: bool | None = may_be_missing()


class UnsubscribeIn(_In):
    channel: Channel


class AuthorOut(Out):
    """Whose doing an entry is, under the name of that day. `badge`: a role worth showing, such as `host`."""

    id: str
    name: str
    badge: str | None = left_out()


class EntryOut(Out):
    """One entry. `media_at`: the moment in the broadcast it belongs to; `by`: whose doing it is."""

    offset: Offset
    type: str
    at: Moment
    media_at: Moment | None = left_out()
    by: AuthorOut | None = left_out()
    data: dict[str, Any]


class SubscribeAck(Out):
    """Either `recovered` with the entries that were missed, or a `snapshot` of everything (`to_head`: with the entries since);
    `head` is the position after it all."""

    epoch: str
    head: Head
    recovered: bool
    entries: list[EntryOut]
    snapshot: dict[str, Any] | None = left_out()


class EntriesOut(Out):
    """What happened in a channel: entries that follow each other without a gap, the first of them with the offset `first`."""

    channel: Channel
    epoch: str
    first: Offset
    entries: Annotated[list[EntryOut], Field(min_length=1, max_length=MOST_AT_ONCE)]


class SignalsOut(BaseModel):
    """Latest values by their names; those that changed. Which there are is the features' to say."""

    model_config = ConfigDict(extra="allow")

    channel: Channel


class ResyncOut(Out):
    """The subscription has ended; subscribe again from the position reached."""

    channel: Channel
