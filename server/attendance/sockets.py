"""Opening a roll-call by hand, and answering one."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .keys import ROLL_CALLS
from .wire import RollCallAnswerAck, RollCallAnswerIn, RollCallOpenAck, RollCallOpenIn

attendance_events = Events("attendance")


@attendance_events.on("roll_call.open", who="hosts of the broadcast, moderators", summary="Call the roll now")
async def open_roll_call(connection: Connection, payload: RollCallOpenIn) -> RollCallOpenAck:
    member, calls = require_socket_member(connection), connection.app[ROLL_CALLS]
    made = await calls.open(member, payload.broadcast, client_id=payload.client_id, seconds=payload.seconds)
    return RollCallOpenAck(roll_call=made.id, offset=made.offset)


@attendance_events.on("roll_call.answer", who="viewer", summary="Answer a roll-call: I am here")
async def answer(connection: Connection, payload: RollCallAnswerIn) -> RollCallAnswerAck:
    member, calls = require_socket_member(connection), connection.app[ROLL_CALLS]
    return RollCallAnswerAck.of(await calls.answer(member, payload.roll_call, client_id=payload.client_id))
