"""What the server sends over a socket is what it has declared: no event without a model, no field that the model has not.

The server puts its news together by hand, for speed; here they are read back by the models the document is made from.
"""

from typing import Any

from pydantic import BaseModel

from server.app import EVENTS
from server.core.sockets import RefusedAck

TOLD = {news.name: news.payload for table in EVENTS for news in table.told}
ASKED = {event.name: event.answer for table in EVENTS for event in table.declared}


def check_told(name: str, payload: Any) -> None:
    """One event of the server's own."""
    assert name in TOLD, f"the server says {name}, which it has not declared"
    _same(TOLD[name], payload)


def check_answer(name: str, answer: Any) -> None:
    """The acknowledgement of an event that a client sent."""
    if answer["ok"] is not True:
        _same(RefusedAck, answer)
        return
    model = ASKED[name]
    fields = {key: value for key, value in answer.items() if key != "ok"}
    if model is None:
        assert fields == {}, f"{name} is answered with fields that it has not declared"
    else:
        _same(model, fields)


def _same(model: type[BaseModel], sent: Any) -> None:
    """Nothing missing, nothing of another type, nothing more, and no null where a field would be left out."""
    assert model.model_validate(sent, strict=True).model_dump(mode="json") == sent
