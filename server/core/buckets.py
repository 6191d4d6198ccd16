"""Token buckets: how much one person may do at once, and how much as time goes on. In this process only; synchronous.

A bucket fills steadily. Who finds it empty is refused and loses nothing by having asked; nobody else's bucket is touched.
Times are of one monotonic clock.
"""

from collections import OrderedDict
from dataclasses import dataclass

from .errors import TooMany

_MOST_PEOPLE = 20_000


@dataclass(slots=True)
class _Left:
    tokens: float
    at: float


class Buckets:
    """`burst` tokens at once, then `per_second`, for each person."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._rate = burst, per_second
        self._people: OrderedDict[str, _Left] = OrderedDict()  # who took longest ago comes first

    def take(self, person: str, tokens: float, now: float) -> int:
        """Zero if they were taken; else the whole seconds after which they can be."""
        left = self._people.get(person)
        if left is None:
            left = self._people[person] = _Left(self._burst, now)
        self._people.move_to_end(person)
        left.tokens = min(self._burst, left.tokens + (now - left.at) * self._rate)
        left.at = now
        self._forget(now)
        if left.tokens < tokens:
            return int((tokens - left.tokens) // self._rate) + 1
        left.tokens -= tokens
        return 0

    def require(self, person: str, now: float, words: str, *, tokens: float = 1) -> None:
        """Raise TooMany `too_fast` with these words, and when to come back."""
        if wait := self.take(person, tokens, now):
            raise TooMany("too_fast", words, retry_after=wait, extra={"retry_after": wait})

    def __len__(self) -> int:
        return len(self._people)

    def _forget(self, now: float) -> None:
        """Whoever has rested for so long that the bucket is full again; past the bound, whoever rested longest."""
        while self._people:
            person, left = next(iter(self._people.items()))
            if now - left.at < self._burst / self._rate and len(self._people) <= _MOST_PEOPLE:
                return
            del self._people[person]
