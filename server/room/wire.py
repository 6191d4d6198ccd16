"""What goes on in a room, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from ..core.clock import rfc3339
from ..core.wire import Id, In
from .model import MOST_AT_ONCE, Kind

Text = Annotated[str, Field(max_length=2000)]
Time = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, "serialization"),
]


class ReactIn(In):
    """Taps since the last batch. The same `client_id` again counts nothing more."""

    broadcast: Id
    kind: Kind
    count: Annotated[int, Field(ge=1, le=MOST_AT_ONCE, strict=True)]
    client_id: Id


class NoticeIn(In):
    """The same `client_id` again gives the same answer and no second notice."""

    broadcast: Id
    text: Text
    client_id: Id


class NoticeUnpinIn(In):
    notice: Id
    client_id: Id


class NoticeAck(BaseModel):
    id: str


class NoticeOut(BaseModel):
    """`at` and `until` are moments of the broadcast; what was announced has no end."""

    id: str
    kind: Literal["pinned", "announced"]
    text: str
    name: str
    at: Time
    until: Time | None


class NoticesOut(BaseModel):
    items: list[NoticeOut]
