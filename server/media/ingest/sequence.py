"""Bringing RTP packets back into order, with a bounded wait for those that are missing (RFC 3550 appendix A.1).

`Resequencer` holds no clock: every call says what time it is. What it returns is in sequence order, each packet at most once;
LOST stands where one or more packets were given up. A packet in its turn passes straight through.
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")


class Lost:
    """The type of LOST."""

    __slots__ = ()


LOST: Final = Lost()

_LATE: Final[tuple[()]] = ()


class Resequencer(Generic[Item]):
    """One stream of sequence numbers. `patience` is in seconds; at most `capacity` packets wait, and no gap is wider."""

    def __init__(self, patience: float, capacity: int) -> None:
        self._patience, self._capacity = patience, capacity
        self._next: int | None = None  # extended: 16 bits and the cycles above them
        self._highest = 0
        self._held: dict[int, Item] = {}
        self._missing: dict[int, float] = {}  # extended number -> since when; in ascending order
        self.gap_opened = False  # whether new packets were found missing since this was last set to False
        self.missed = 0  # how many were ever found missing, whether they came later or not

    @property
    def waiting(self) -> bool:
        """Whether packets are held back for a missing one."""
        return bool(self._held)

    def add(self, sequence: int, item: Item, now: float) -> Sequence[Item | Lost]:
        """Take one packet; return what can be passed on now."""
        if self._next is None:
            self._start(sequence)
            return (item,)
        delta = (sequence - self._next) & 0xFFFF
        if delta == 0 and not self._held:  # nearly always
            self._next += 1
            self._highest = self._next
            return (item,)
        if delta >= 0x8000:
            return _LATE if delta >= 0x10000 - self._capacity else self._restart(sequence, item)
        if delta >= self._capacity:
            return self._restart(sequence, item)
        number = self._next + delta
        if number in self._held:
            return _LATE
        self._held[number] = item
        self._missing.pop(number, None)
        if self._highest < number:
            self.gap_opened = True
            self.missed += number - self._highest
            for absent in range(self._highest, number):
                self._missing[absent] = now
        self._highest = max(self._highest, number + 1)
        return self._drain()

    def expire(self, now: float) -> Sequence[Item | Lost]:
        """Give up on what has been missing for too long; return what this sets free."""
        out: list[Item | Lost] = []
        while self._missing:
            number, since = next(iter(self._missing.items()))
            if now - since < self._patience:
                break
            while number not in self._held:  # the newest packet is, so this ends
                del self._missing[number]
                number += 1
            self._next = number
            out.append(LOST)
            out += self._drain()
        return out

    def missing(self) -> list[int]:
        """The 16-bit numbers to ask for again, ascending as RTCP NACK writes them."""
        return sorted(number & 0xFFFF for number in self._missing)

    def _start(self, sequence: int) -> None:
        # One cycle above zero, so that numbers just before the first packet stay positive.
        self._next = self._highest = 0x10000 + sequence + 1
        self._held.clear()
        self._missing.clear()

    def _restart(self, sequence: int, item: Item) -> Sequence[Item | Lost]:
        """A jump no network makes: the sender began anew, or was gone for long. What is held is of no use any more."""
        self._start(sequence)
        return (LOST, item)

    def _drain(self) -> list[Item | Lost]:
        out: list[Item | Lost] = []
        number = self._next or 0
        while number in self._held:
            out.append(self._held.pop(number))
            number += 1
        self._next = number
        return out
