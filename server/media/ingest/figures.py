"""Bitrate, loss and frame rate over the last two seconds, from counters looked at a few times a second. Synchronous."""

from collections import deque
from typing import NamedTuple

WINDOW = 2.0  # seconds


class Sample(NamedTuple):
    """Counters at one moment. All but `at` only grow."""

    at: float  # monotonic seconds
    size: int  # bytes received
    expected: int  # video packets sent, as far as sequence numbers tell
    received: int  # of them arrived, retransmissions not counted
    pictures: int


class Figures:
    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()

    def note(self, sample: Sample) -> None:
        self._samples.append(sample)
        while len(self._samples) > 2 and self._samples[1].at <= sample.at - WINDOW:
            self._samples.popleft()

    @property
    def bitrate(self) -> int:
        """Bits per second."""
        first, last, seconds = self._span()
        return round((last.size - first.size) * 8 / seconds) if seconds else 0

    @property
    def loss(self) -> float:
        """Share of video packets that did not come, 0…1."""
        first, last, _ = self._span()
        expected = last.expected - first.expected
        lost = expected - (last.received - first.received)
        return min(max(lost / expected, 0.0), 1.0) if expected > 0 else 0.0

    @property
    def frame_rate(self) -> float | None:
        """Pictures per second; None before there are any."""
        first, last, seconds = self._span()
        pictures = last.pictures - first.pictures
        return round(pictures / seconds, 1) if seconds and pictures else None

    def _span(self) -> tuple[Sample, Sample, float]:
        if len(self._samples) < 2:
            nothing = Sample(0.0, 0, 0, 0, 0)
            return nothing, nothing, 0.0
        first, last = self._samples[0], self._samples[-1]
        return first, last, last.at - first.at
