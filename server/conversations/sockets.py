"""What the two say to each other, sealed, and how their pages agree on the keys for it."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .routes import CONVERSATIONS
from .wire import (
    MessageAck,
    MessageIn,
    MessageReadAck,
    MessageReadIn,
    MessageRecallIn,
    TalkKeyAck,
    TalkKeyIn,
    TypingIn,
)

conversation_events = Events("conversations")
_PARTIES = "the two it is between"


@conversation_events.on("message", who=_PARTIES, summary="Send something that only the other page can open")
async def message(connection: Connection, payload: MessageIn) -> MessageAck:
    member, service = require_socket_member(connection), connection.app[CONVERSATIONS]
    return MessageAck.of(await service.post(member, payload.conversation, payload.sealed(), client_id=payload.client_id))


@conversation_events.on("message.recall", who="its author", summary="Take a message back within two minutes; nothing is left")
async def recall(connection: Connection, payload: MessageRecallIn) -> None:
    await connection.app[CONVERSATIONS].recall(require_socket_member(connection), payload.message)


@conversation_events.on("message.read", who=_PARTIES, summary="Up to where the caller has read")
async def read(connection: Connection, payload: MessageReadIn) -> MessageReadAck:
    member, service = require_socket_member(connection), connection.app[CONVERSATIONS]
    return MessageReadAck(offset=await service.read(member, payload.conversation, payload.offset))


@conversation_events.on("typing", who=_PARTIES, summary="The caller is writing, every two seconds at most")
async def typing(connection: Connection, payload: TypingIn) -> None:
    await connection.app[CONVERSATIONS].typing.mark(require_socket_member(connection), payload.conversation)


@conversation_events.on("talk.key", who=_PARTIES, summary="A step of the two pages' agreement on keys")
async def key(connection: Connection, payload: TalkKeyIn) -> TalkKeyAck:
    member, keys = require_socket_member(connection), connection.app[CONVERSATIONS].keys
    taken = await keys.say(member, payload.conversation, payload.asked(), payload.data, client_id=payload.client_id)
    return TalkKeyAck.of(taken)
