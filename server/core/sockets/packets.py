"""Socket.IO packets (protocol version 5) of the default namespace, as text (https://socket.io/docs/v4/socket-io-protocol/).

Binary packets are refused: nothing here needs them, and announced attachments are memory that a stranger reserves. Types, names
and ids are checked to the letter, so that a later layer need not.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from .codec import MESSAGE, Malformed

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = "01234"
# Names the protocol keeps for itself; the reference parser refuses them too.
_RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
_SHAPE = re.compile(r"([0-4])(?:(/[^,]*)(?:,|\Z))?([0-9]{0,15})(.*)", re.DOTALL)
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Packet:
    """`namespace` is `/` unless another was named; `data`: the payload of a CONNECT, or the arguments of the event `name`."""

    type: str
    namespace: str = "/"
    id: int | None = None
    name: str = ""
    data: Any = None


def parse(text: str) -> Packet:
    """What a client sent in one message. Raise Malformed for anything a client may not send."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise Malformed("no packet of Socket.IO, or a binary one")
    kind, namespace, number, rest = shape.groups()
    namespace = (namespace or "/").partition("?")[0]
    data = _json(rest)
    if kind == CONNECT:
        if number or not (data is None or isinstance(data, dict)):
            raise Malformed("CONNECT takes an object")
        return Packet(CONNECT, namespace, data=data or {})
    if kind == DISCONNECT:
        if number or rest:
            raise Malformed("DISCONNECT takes nothing")
        return Packet(DISCONNECT, namespace)
    if kind == EVENT:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise Malformed("an event is an array that begins with its name")
        if data[0] in _RESERVED or len(data[0]) > _LONGEST_NAME:
            raise Malformed("a reserved or overlong event name")
        return Packet(EVENT, namespace, int(number) if number else None, data[0], data[1:])
    raise Malformed("not a packet that a client may send")


def connected(sid: str) -> bytes:
    return _message(CONNECT, to_json({"sid": sid}))


def refused(message: str, *, code: str, namespace: str = "/") -> bytes:
    """A CONNECT_ERROR; its payload is an object in version 5."""
    prefix = "" if namespace == "/" else f"{namespace},"
    return _message(CONNECT_ERROR + prefix, to_json({"message": message, "data": {"code": code}}))


def disconnected() -> bytes:
    return _message(DISCONNECT)


class Encoded(bytes):
    """JSON that is ready to be sent, being the same for many.

    `then` is called right after it has been sent: what it sends goes out in the same piece.
    """

    then: Callable[[], None] | None = None


def acknowledged(number: int, answer: object) -> bytes:
    body = b"[" + answer + b"]" if isinstance(answer, Encoded) else to_json([answer])
    return _message(f"{ACK}{number}", body)


def event(name: str, payload: object) -> bytes:
    """One event with one argument, ready for many connections."""
    return _message(EVENT, to_json([name, payload]))


def _message(start: str, body: bytes = b"") -> bytes:
    return (MESSAGE + start).encode() + body


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return from_json(text, allow_inf_nan=False)
    except (ValueError, TypeError):  # the latter for text that is no Unicode
        pass
    try:
        # Half of an emoji is JSON to a browser (RFC 8259, section 8.2): its payload is refused, and no connection cut.
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("a payload must be JSON") from None


def _no_number(name: str) -> None:
    raise ValueError(name)
