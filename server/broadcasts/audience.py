"""How many people are watching: those who asked for a live playlist in the last fifteen seconds.

Somebody with two devices is one person, so members count by member id; visitors count by the random id of their ticket. Kept in
memory only: who watched when is nobody's business (design.md section 5), the peak is kept as a number at the end.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST = 200_000  # people remembered for one stream; a flood of visitors costs no more than that


@dataclass(slots=True)
class _Room:
    seen: OrderedDict[str, float] = field(default_factory=OrderedDict)  # person → when last, oldest first
    peak: int = 0


class Audience:
    """Times are seconds of one monotonic clock."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._rooms: dict[str, _Room] = {}

    def saw(self, stream_id: str, person: str, now: float) -> None:
        room = self._rooms.setdefault(stream_id, _Room())
        room.seen[person] = now
        room.seen.move_to_end(person)
        self._forget(room, now)
        room.peak = max(room.peak, len(room.seen))

    def count(self, stream_id: str, now: float) -> int:
        if (room := self._rooms.get(stream_id)) is None:
            return 0
        self._forget(room, now)
        return len(room.seen)

    def peak(self, stream_id: str) -> int:
        """The most people at once since the stream was last closed here."""
        room = self._rooms.get(stream_id)
        return room.peak if room else 0

    def close(self, stream_id: str) -> None:
        self._rooms.pop(stream_id, None)

    def _forget(self, room: _Room, now: float) -> None:
        while room.seen:
            person, at = next(iter(room.seen.items()))
            if now - at < self._window and len(room.seen) <= MOST:
                return
            del room.seen[person]
