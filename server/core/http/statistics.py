"""How many requests were answered, and how fast, for `/metrics`.

Written for every request and read a few times a minute, so writing is a dictionary look-up and two additions; the families of
Prometheus are made when somebody reads. Used from the event loop's thread alone.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # seconds
_NAMES = (*map(str, _BOUNDS), "+Inf")
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class RequestStatistics(Collector):
    """Counts by method, declared path and status; times by method and path, in seconds."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], int] = {}
        self._ended: dict[str, int] = {}
        self._times: dict[tuple[str, str], list[float]] = {}  # how many in each bucket, then the sum of seconds

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """One answer. `path` is a declared one: what callers make up must not become a label."""
        if method not in _METHODS:
            method = "other"
        answered = (method, path, status)
        self._answers[answered] = self._answers.get(answered, 0) + 1
        times = self._times.get((method, path))
        if times is None:
            times = self._times[(method, path)] = [0.0] * (len(_NAMES) + 1)
        times[bisect_left(_BOUNDS, seconds)] += 1
        times[-1] += seconds

    def note_ended(self, reason: str) -> None:
        """A connection was not waited for any longer, or not let in."""
        self._ended[reason] = self._ended.get(reason, 0) + 1

    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily("hongbo_http_requests", "Requests answered", labels=["method", "path", "status"])
        for (method, path, status), count in self._answers.items():
            answers.add_metric([method, path, str(status)], count)
        yield answers
        ended = CounterMetricFamily("hongbo_http_connections_ended", "Connections ended by us", labels=["reason"])
        for reason, number in self._ended.items():
            ended.add_metric([reason], number)
        yield ended
        times = HistogramMetricFamily("hongbo_http_request_seconds", "Time to answer", labels=["method", "path"])
        for (method, path), (*counts, total) in self._times.items():
            times.add_metric([method, path], list(zip(_NAMES, accumulate(counts), strict=True)), total)
        yield times
