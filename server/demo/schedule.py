"""When each unit of the loop is due: on the wall clock, counted from the Unix epoch.

Unit `n` of a track with `rate` units a second is due at n / rate seconds of Unix time, and its place in the loop is n modulo
the loop's length. No start time is kept: every publisher at any moment sends the same unit, the picture's clock shows the true
second, and a slowly corrected clock is followed without a step.
"""

from dataclasses import dataclass

LATEST = 1.0  # seconds behind (or ahead), after which the clock has been set or the process was stopped


class ScheduleLost(Exception):
    """The wall clock was set, or the process slept: begin a new session instead of catching up."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`rate` units a second, `length` units in the loop, `ticks` of the RTP clock for each unit."""

    rate: int
    length: int
    ticks: int

    def due(self, unit: int) -> float:
        """Unix seconds."""
        return unit / self.rate

    def index(self, unit: int) -> int:
        """The unit's place in the loop."""
        return unit % self.length

    def timestamp(self, unit: int) -> int:
        """RTP timestamp, modulo 2^32, before the sender's random offset (RFC 3550 section 5.1)."""
        return unit * self.ticks & 0xFFFFFFFF

    def wait(self, unit: int, now: float) -> float:
        """Seconds until the unit is due, not negative. ScheduleLost if `now` is far from where it must be."""
        ahead = self.due(unit) - now
        if not -LATEST <= ahead <= LATEST + 2 * max(1.0, 1 / self.rate):
            raise ScheduleLost(f"{ahead:+.1f} s off the schedule")
        return max(0.0, ahead)
