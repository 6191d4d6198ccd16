"""Shaking, and answering an offer, over the socket."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .keys import DRAWING, ROUNDS, SHAKES, SHAKING
from .wire_draws import OfferAnswerAck, OfferAnswerIn
from .wire_rounds import ShakeAck, ShakeSocketIn

shake_events = Events("shakes")


@shake_events.on(
    "shake", who="who may take part; secretaries of the session", summary="Join the open round; open the prepared one"
)
async def shake(connection: Connection, payload: ShakeSocketIn) -> ShakeAck:
    member, app = require_socket_member(connection), connection.app
    found = await app[SHAKES].recall(member, payload.shake)
    if member.id in found.plan.secretaries:
        opened = await app[ROUNDS].open(member, found.id)
        return ShakeAck.of_round(opened)
    app[SHAKES].check_pace(member)
    kept = await app[SHAKING].shake(member, found, nonce=payload.nonce, client_id=payload.client_id)
    return ShakeAck.of_ticket(kept)


@shake_events.on("shake.accept", who="who was drawn", summary="Accept the offer: the talk begins")
async def accept(connection: Connection, payload: OfferAnswerIn) -> OfferAnswerAck:
    return OfferAnswerAck.of(await connection.app[DRAWING].accept(require_socket_member(connection), payload.draw))


@shake_events.on("shake.decline", who="who was drawn", summary="Decline the offer, without any penalty")
async def decline(connection: Connection, payload: OfferAnswerIn) -> OfferAnswerAck:
    return OfferAnswerAck.of(await connection.app[DRAWING].decline(require_socket_member(connection), payload.draw))
