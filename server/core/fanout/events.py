"""`subscribe` and `unsubscribe`, for every kind of channel, and what they make the server tell."""

from aiohttp import web

from ..sockets import Connection, Encoded, Events
from .hub import Hub
from .wire import EntriesOut, ResyncOut, SignalsOut, SubscribeAck, SubscribeIn, UnsubscribeIn

HUB = web.AppKey("HUB", Hub)
channel_events = Events("channels")


@channel_events.on("subscribe", who="whoever may see the channel", summary="Listen to a channel", answer=SubscribeAck)
async def subscribe(connection: Connection, payload: SubscribeIn) -> Encoded:
    return await connection.app[HUB].subscribe(
        connection, payload.channel, epoch=payload.epoch, after=payload.after, to_head=bool(payload.to_head)
    )


@channel_events.on("unsubscribe", who="anyone", summary="Listen to a channel no longer")
async def unsubscribe(connection: Connection, payload: UnsubscribeIn) -> None:
    connection.app[HUB].unsubscribe(connection, payload.channel)


channel_events.tells("entries", EntriesOut, who="whoever has subscribed", summary="What happened in a channel")
channel_events.tells("signals", SignalsOut, who="whoever has subscribed", summary="Latest values of a channel")
channel_events.tells("resync", ResyncOut, who="whoever had subscribed", summary="Told no longer: subscribe again")
