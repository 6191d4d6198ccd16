"""How regularly media comes: the running frame interval, and by how much arrivals lag media time.

Both are learned from what arrives, so that neither a frame rate nor a network delay has to be known beforehand.
"""

from collections import deque
from statistics import median_low

from .timeline import TICKS

_WINDOW = 9


class FrameRhythm:
    """The interval between pictures, in ticks. The median forgives single dropped pictures."""

    def __init__(self) -> None:
        self._intervals: deque[int] = deque(maxlen=_WINDOW)
        self._last: int | None = None
        self._interval = TICKS // 30

    def note(self, at: int) -> None:
        if self._last is not None:
            self._intervals.append(at - self._last)
            self._interval = median_low(self._intervals)
        self._last = at

    @property
    def last(self) -> int | None:
        """When the newest picture is shown."""
        return self._last

    @property
    def interval(self) -> int:
        return self._interval

    @property
    def frame_rate(self) -> float | None:
        return TICKS / self._interval if len(self._intervals) >= 4 else None


class Lateness:
    """The difference between arrival and media time, in ticks: up at once, down slowly, so that it covers the usual jitter.

    Its zero is arbitrary, since arrival may be told by any steady clock; only sums with media time mean something.
    """

    def __init__(self) -> None:
        self._value: int | None = None

    def note(self, media: int, now: int, ceiling: int | None = None) -> None:
        """Something whose media time is `media` arrived at `now`; the estimate does not rise above `ceiling`."""
        late = now - media
        if ceiling is not None:
            late = min(late, ceiling)
        if self._value is None or late >= self._value:
            self._value = late
        else:
            self._value -= max((self._value - late) // 50, 1)

    @property
    def value(self) -> int | None:
        return self._value


class Pace:
    """Evens out when cuts are published: the next part is due one part target after the last (section 6.2.1 of the draft).

    Sound comes in packets of 20 ms and goes in frames of 21 ms, and a part waits for the picture after its end, so parts become
    complete now a little earlier, now later. Early ones are held until the time after their end at which the later ones become
    complete, but not longer than 40 ms or the interval between pictures. Once parts come sooner by far more than that, a
    backlog or a stall is over, and what it taught is forgotten.
    """

    _HOLD = TICKS // 25

    def __init__(self) -> None:
        self._lag: int | None = None
        self._complete: int | None = None
        self._hold = self._HOLD

    def due(self, end: int, clock: int, interval: int = 0) -> int:
        """When to publish the cut at `end`, which is complete at `clock` and may be asked for again."""
        if self._complete is None:
            self._complete = clock
        self._hold = max(self._HOLD, interval)
        lag = self._complete - end
        usual = lag if self._lag is None else max(lag, min(self._lag, lag + self._hold))
        return end + usual

    def published(self, end: int) -> None:
        lag = (self._complete or 0) - end
        if self._lag is None or self._lag - lag > 3 * self._hold:
            self._lag = lag + self._hold // 2  # a packet or a picture later than the first is to be expected
        elif lag >= self._lag:
            self._lag = lag
        else:
            self._lag -= max((self._lag - lag) // 128, 1)
        self._complete = None


class Changes:
    """Lets through so many changes in so long a time, in ticks."""

    def __init__(self, most: int, within: int) -> None:
        self._allowed: deque[int] = deque(maxlen=most)
        self._within = within

    def allow(self, clock: int) -> bool:
        allowed = self._allowed
        if len(allowed) == allowed.maxlen and clock - allowed[0] < self._within:
            return False
        allowed.append(clock)
        return True
