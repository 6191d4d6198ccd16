"""Roll-calls, in the room and in replays, and what a page says of its picture."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .keys import REPLAYS, ROLL_CALLS, WATCHING
from .wire import (
    ReplayAnswerIn,
    RollCallAnswerAck,
    RollCallAnswerIn,
    RollCallCloseIn,
    RollCallOpenAck,
    RollCallOpenIn,
    WatchAck,
    WatchIn,
)

attendance_events = Events("attendance")
_KEEPERS = "hosts of the broadcast, moderators"


@attendance_events.on("roll_call.open", who=_KEEPERS, summary="Call the roll now")
async def open_roll_call(connection: Connection, payload: RollCallOpenIn) -> RollCallOpenAck:
    member, calls = require_socket_member(connection), connection.app[ROLL_CALLS]
    made = await calls.open(member, payload.broadcast, client_id=payload.client_id, seconds=payload.seconds)
    return RollCallOpenAck(roll_call=made.id, offset=made.offset)


@attendance_events.on("roll_call.close", who=_KEEPERS, summary="End a roll-call before its time")
async def close_roll_call(connection: Connection, payload: RollCallCloseIn) -> None:
    await connection.app[ROLL_CALLS].end(require_socket_member(connection), payload.roll_call)


@attendance_events.on("roll_call.answer", who="viewer", summary="Answer a roll-call: I am here")
async def answer(connection: Connection, payload: RollCallAnswerIn) -> RollCallAnswerAck:
    member, calls = require_socket_member(connection), connection.app[ROLL_CALLS]
    return RollCallAnswerAck.of(await calls.answer(member, payload.roll_call, client_id=payload.client_id))


@attendance_events.on("replay.answer", who="viewer", summary="Answer a roll-call of the replay: I am here")
async def answer_replay(connection: Connection, payload: ReplayAnswerIn) -> RollCallAnswerAck:
    member, replays = require_socket_member(connection), connection.app[REPLAYS]
    return RollCallAnswerAck.of(await replays.answer(member, payload.prompt, client_id=payload.client_id))


@attendance_events.on("watch", who="viewer", summary="Where the picture stands, every ten seconds")
async def watch(connection: Connection, payload: WatchIn) -> WatchAck:
    heard = await connection.app[WATCHING].report(
        require_socket_member(connection),
        payload.broadcast,
        connection.name,
        media_at=payload.media_at,
        playing=payload.playing,
        visible=payload.visible,
    )
    return WatchAck.of(heard)
