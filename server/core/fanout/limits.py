"""What the fan-out allows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FanoutLimits:
    tick: float = 0.05  # s between two flushes at least; 0 tells everybody at once
    ring: int = 4096  # entries of one channel in memory
    ring_bytes: int = 1024 * 1024
    most_missed: int = 1000  # entries; whoever missed more gets a snapshot
    most_missed_bytes: int = 256 * 1024  # well below what a connection may leave unread
    snapshot_lasts: float = 5.0  # s that one is given to whoever joins, with the entries since
    snapshot_behind: int = 100  # entries since, at most
    look_every: float = 10.0  # s between two looks at the heads
    look_every_alone: float = 1.0  # s, while hints of other processes do not come through
    rights_every: float = 2.0  # s
    subscriptions: int = 32  # of one connection
