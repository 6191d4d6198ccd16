"""How often one address may knock: a token bucket for each, as many as have knocked of late. Synchronous."""

import math

_MAX_KEYS = 4096


class RateLimit:
    """`burst` at once, then `per_second`. Buckets that are full again are forgotten."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._rate = float(burst), per_second
        self._buckets: dict[str, tuple[float, float]] = {}  # key -> tokens left, as of

    def take(self, key: str, now: float) -> int:
        """Take one token; 0 if there was one, else the whole seconds to wait for it."""
        left, since = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1.0
        self._buckets[key] = (left - 1.0 if allowed else left, now)  # at the end: the order is that of use
        if len(self._buckets) > _MAX_KEYS:
            self._forget(now)
        return 0 if allowed else math.ceil((1.0 - left) / self._rate)

    def _forget(self, now: float) -> None:
        """Drop the full buckets; should nobody's be full, the one longest unused."""
        full = [key for key, (left, since) in self._buckets.items() if left + (now - since) * self._rate >= self._burst]
        for key in full or [next(iter(self._buckets))]:
            del self._buckets[key]
