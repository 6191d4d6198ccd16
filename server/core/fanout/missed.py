"""What somebody has missed, in one answer: entries from the ring, and from the journal what the ring does not hold any more.

Bounded by number and by bytes. Whoever has missed more is better off with a snapshot; after a snapshot that is older than so
much the entries follow in messages of their own, at the pace the connection takes them.
"""

from collections.abc import Sequence

from ..journal import Journal, encoded
from .limits import FanoutLimits
from .room import Room


async def missed_by(room: Room, after: int, journal: Journal, limits: FanoutLimits) -> Sequence[bytes] | None:
    """The entries above `after`, up to the ring's head; None if they are too many or too large to send at once."""
    if room.ring.head - after > limits.most_missed:
        return None
    missed: list[bytes] = []
    while not room.ring.holds_after(after + len(missed)):
        entries = await journal.read(room.channel, after=after + len(missed))
        if not entries or entries[0].offset != after + len(missed) + 1:
            return None
        missed.extend(encoded(entry) for entry in entries)
        if len(missed) > limits.most_missed:
            return None
    reached = after + len(missed)
    if reached < room.ring.head:
        missed.extend(room.ring.after(reached, most=room.ring.head - reached))
    return missed if _fits(missed, limits) else None


def told_since(room: Room, after: int, limits: FanoutLimits) -> Sequence[bytes]:
    """The entries above `after` that the ring holds, as many as may be sent at once; none if they are too large, or belong to
    an epoch that is not known yet."""
    if not room.epoch or after >= room.ring.head:
        return ()
    since = room.ring.after(after, most=limits.most_missed)
    return since if _fits(since, limits) else ()


def _fits(entries: Sequence[bytes], limits: FanoutLimits) -> bool:
    return sum(map(len, entries)) <= limits.most_missed_bytes
