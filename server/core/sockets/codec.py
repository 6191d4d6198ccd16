"""Engine.IO packets and payloads (protocol version 4), and the WebSocket frames that carry them (RFC 6455, section 5.2).

Only text: a packet is its type's digit and the rest. Binary messages have no use here and are refused, see `session`.
"""

import zlib

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0123456"
SEPARATOR = "\x1e"
_WORTH_DEFLATING = 256  # bytes; below that deflate only costs time


class Malformed(ValueError):
    """What a client sent is no Engine.IO."""


def split_payload(body: bytes, *, most: int) -> list[str]:
    """The packets of a polling request's body. Raise Malformed; also for more than `most` packets."""
    try:
        packets = body.decode("utf-8").split(SEPARATOR)
    except UnicodeDecodeError:
        raise Malformed("a payload must be UTF-8") from None
    if len(packets) > most:
        raise Malformed(f"more than {most} packets in one payload")
    for packet in packets:
        check_packet(packet)
    return packets


def check_packet(packet: str) -> None:
    """Raise Malformed unless a client may send this packet at any time after the handshake and outside of an upgrade."""
    if packet[:1] == MESSAGE:
        return
    if packet not in (CLOSE, PONG):
        raise Malformed("not a packet that a client may send")


def text_frame(payload: bytes) -> bytes:
    """One unmasked, final text frame."""
    return _frame(0x81, payload)


def close_frame(code: int) -> bytes:
    """A close frame with a status code and no words (RFC 6455, section 5.5.1)."""
    return _frame(0x88, code.to_bytes(2, "big"))


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


class Shared:
    """One packet for many connections: encoded, framed and deflated at most once each.

    Deflated without looking back at earlier messages (RFC 7692, section 7.2.3.1), so that the same bytes suit every connection
    and none needs a compressor of its own.
    """

    __slots__ = ("_deflated", "packet", "plain")

    def __init__(self, packet: bytes) -> None:
        self.packet = packet  # UTF-8, with its Engine.IO type
        self.plain = text_frame(packet)
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """For those who can inflate; plain where it would not be worth it."""
        if self._deflated is None:
            self._deflated = _deflate(self.packet) if len(self.packet) >= _WORTH_DEFLATING else self.plain
        return self._deflated


def _deflate(payload: bytes) -> bytes:
    # A window of 2^15 is what a client accepts that did not ask for less; `websocket` leaves deflate off for those who did.
    compressor = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return _frame(0xC1, body[:-4])  # FIN, RSV1, text; the empty block at the end is left out as section 7.2.1 says
