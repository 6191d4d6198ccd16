"""How much one session may send. Synchronous; every call says what time it is.

Whoever holds a publish token is let in, but not to everything the machine has: each packet, each picture, each second of sound
costs the event loop or a worker something, and all broadcasts share them. Nothing is dropped on the way. Several seconds' worth
may come at once, a backlog or what a network held back; whoever goes on sending more than is allowed is ended, with the reason
in the log.
"""

from typing import NamedTuple

BURST = 5.0  # seconds' worth that may come at once
PICTURES = 300  # a second; the fastest cameras make 240
UNITS = 20_000  # NAL units read and packets missed, a second; a slice for each row of macroblocks at 60 pictures makes 8,000
SOUND = 4.0  # seconds of sound a second; more than one only while a backlog comes in
_LEAST_PACKETS = 1000  # a second, of sound and picture together
_PACKET = 4000  # bits of a packet on the average, at least


class Totals(NamedTuple):
    """What a session has sent so far. They only grow."""

    size: int  # bytes
    packets: int
    pictures: int
    units: int
    sound: float  # seconds


_NOTHING = Totals(0, 0, 0, 0, 0.0)


class Allowance:
    """One session's; `bitrate` in bits per second decides how many packets there may be, too."""

    def __init__(self, bitrate: int, now: float) -> None:
        packets = max(bitrate // _PACKET, _LEAST_PACKETS)
        self._rates = Totals(bitrate // 8, packets, PICTURES, UNITS, SOUND)
        self._left = [rate * BURST for rate in self._rates]
        self._spent = _NOTHING
        self._at = now

    def exceeded(self, totals: Totals, now: float) -> str | None:
        """What there is too much of, by its name in `Totals`; None as long as all is well."""
        elapsed, self._at = now - self._at, now
        before, self._spent = self._spent, totals
        self._left = [
            min(left + rate * elapsed, rate * BURST) - (total - known)
            for left, rate, total, known in zip(self._left, self._rates, totals, before, strict=True)
        ]
        return next((name for name, left in zip(Totals._fields, self._left, strict=True) if left < 0), None)
