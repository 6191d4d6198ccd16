"""`subscribe` and `unsubscribe`, for every kind of channel."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from ..journal.model import LONGEST_NAME
from ..sockets import Connection, Encoded, Events
from .hub import Hub


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SubscribeIn(_Payload):
    """`epoch` and `after`: the position the client has reached, where it has one."""

    channel: Annotated[str, Field(max_length=LONGEST_NAME)]
    epoch: Annotated[str, Field(max_length=36)] | None = None
    after: Annotated[int, Field(ge=0, le=2**53)] | None = None


class EntryOut(BaseModel):
    """One entry. `media_at`: the moment in the broadcast it belongs to; `by`: whose doing it is."""

    offset: int
    type: str
    at: str
    media_at: str | None = None
    by: dict[str, str] | None = None
    data: dict[str, Any]


class SubscribeAck(BaseModel):
    """Either `recovered` with the entries that were missed, or a `snapshot` of everything; `head` is the position after it."""

    epoch: str
    head: int
    recovered: bool
    entries: list[EntryOut]
    snapshot: dict[str, Any] | None = None


class UnsubscribeIn(_Payload):
    channel: Annotated[str, Field(max_length=LONGEST_NAME)]


HUB = web.AppKey("HUB", Hub)
channel_events = Events("channels")


@channel_events.on("subscribe", who="whoever may see the channel", summary="Listen to a channel", answer=SubscribeAck)
async def subscribe(connection: Connection, payload: SubscribeIn) -> Encoded:
    return await connection.app[HUB].subscribe(connection, payload.channel, epoch=payload.epoch, after=payload.after)


@channel_events.on("unsubscribe", who="anyone", summary="Listen to a channel no longer")
async def unsubscribe(connection: Connection, payload: UnsubscribeIn) -> None:
    connection.app[HUB].unsubscribe(connection, payload.channel)
