"""Opus packets in RTP (RFC 7587): their length in time, and their order."""

from collections.abc import Sequence

from .sequence import Lost, Resequencer

PATIENCE = 0.08  # seconds; sound is not retransmitted, only overtaken
CAPACITY = 64  # packets

_SILK = (10_000, 20_000, 40_000, 60_000)
_HYBRID = (10_000, 20_000)
_CELT = (2_500, 5_000, 10_000, 20_000)

Packet = tuple[int, bytes, float]  # timestamp, payload, arrival


def duration(packet: bytes) -> int:
    """Microseconds of sound in one packet, from its TOC byte (RFC 6716 section 3.1); 0 for an empty one."""
    if not packet:
        return 0
    configuration = packet[0] >> 3
    if configuration < 12:
        frame = _SILK[configuration & 3]
    elif configuration < 16:
        frame = _HYBRID[configuration & 1]
    else:
        frame = _CELT[configuration & 3]
    code = packet[0] & 3
    if code == 3:
        return frame * (packet[1] & 0x3F) if len(packet) > 1 else 0
    return frame * (1 if code == 0 else 2)


class PacketOrder:
    """Opus packets in their order. Missing ones are waited for briefly, then left out; nothing is made up in their place."""

    def __init__(self, patience: float = PATIENCE, capacity: int = CAPACITY) -> None:
        self._order: Resequencer[Packet] = Resequencer(patience, capacity)

    @property
    def waiting(self) -> bool:
        return self._order.waiting

    def add(self, sequence: int, timestamp: int, payload: bytes, now: float) -> Sequence[Packet]:
        return _without_losses(self._order.add(sequence, (timestamp, payload, now), now))

    def expire(self, now: float) -> Sequence[Packet]:
        """Pass on what has waited too long. Call it every tenth of a second."""
        return _without_losses(self._order.expire(now))


def _without_losses(packets: Sequence[Packet | Lost]) -> Sequence[Packet]:
    return [packet for packet in packets if not isinstance(packet, Lost) and packet[1]]
