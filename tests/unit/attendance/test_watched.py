"""Watch time against a checker that keeps every second in a set."""

import itertools
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from server.attendance.watched import SILENCE, SLACK, SPEED, Earned, Interval, Report, Watched, earned, length, united

SECOND = 1000


@dataclass
class Naive:
    """The same rules in whole seconds, as plainly as they can be said."""

    aired: int
    media: set[int] = field(default_factory=set)
    wall: set[int] = field(default_factory=set)
    last: dict[int, tuple[int, int, bool]] = field(default_factory=dict)

    def report(self, device: int, at: int, media: int, watching: bool) -> int:
        before = self.last.get(device)
        self.last[device] = (at, media, watching)
        if before is not None and before[2] and watching:
            elapsed, moved = at - before[0], media - before[1]
            if 0 < elapsed <= SILENCE // SECOND and 0 < moved <= elapsed * SPEED + SLACK // SECOND:
                seen = {each for each in range(media - min(moved, elapsed), media) if 0 <= each < self.aired}
                if seen:
                    self.media |= seen
                    self.wall |= set(range(before[0], at))
        return min(len(self.media), len(self.wall))


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(-15, 45), st.booleans() | st.just(True)), max_size=60
)


@given(steps=STEPS, aired=st.integers(10, 400))
def test_it_is_what_a_set_of_seconds_says(steps: list[tuple[int, int, int, bool]], aired: int) -> None:
    naive, watched, last = Naive(aired), Watched(), dict[int, Report]()
    clock, first = 1000, 1000
    at_media = dict.fromkeys(range(3), 0)
    for device, passed, moved, watching in steps:
        clock += passed
        at_media[device] += moved
        before_ms = watched.ms
        report = Report(clock * SECOND, at_media[device] * SECOND, watching)
        more = earned(last.get(device), report, aired * SECOND)
        last[device] = report
        watched = watched if more is None else watched.plus(more)
        assert watched.ms == naive.report(device, clock, at_media[device], watching) * SECOND
        assert watched.ms <= (clock - first) * SECOND, "never faster than the clock"
        assert before_ms <= watched.ms <= aired * SECOND, "it never shrinks, and there is no more than was broadcast"


@given(parts=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=30))
def test_intervals_stay_apart_in_order_and_as_few_as_can_be(parts: list[tuple[int, int]]) -> None:
    intervals: tuple[Interval, ...] = ()
    for start, size in parts:
        intervals = united(intervals, (start, start + size))
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(intervals))
    assert length(intervals) == len({each for start, size in parts for each in range(start, start + size)})


def test_what_earns_nothing() -> None:
    begin = Report(0, 0, True)
    hour = 3_600_000
    assert earned(None, Report(10_000, 10_000, True), hour) is None
    assert earned(begin, Report(10_000, 10_000, False), hour) is None, "hidden, or paused"
    assert earned(Report(0, 0, False), Report(10_000, 10_000, True), hour) is None
    assert earned(begin, Report(10_000, 600_000, True), hour) is None, "seeking"
    assert earned(Report(0, 600_000, True), Report(10_000, 0, True), hour) is None, "seeking back"
    assert earned(begin, Report(60_000, 60_000, True), hour) is None, "silent for long"
    assert earned(begin, Report(10_000, 10_000, True), 0) is None, "nothing was broadcast yet"


def test_at_double_speed_it_is_the_clock_that_counts() -> None:
    assert earned(Report(0, 0, True), Report(10_000, 20_000, True), 3_600_000) == Earned((10_000, 20_000), (0, 10_000))


def test_two_devices_at_the_same_picture_count_once() -> None:
    one = Earned((0, 10_000), (5_000, 15_000))
    assert Watched().plus(one).plus(one).ms == 10_000
    # At different places at the same time: still no faster than the clock.
    assert Watched().plus(one).plus(Earned((60_000, 70_000), (5_000, 15_000))).ms == 10_000
