import itertools

from server.media.cmaf.cadence import Pace
from server.media.cmaf.timeline import TICKS

PART = TICKS // 2
HOLD = TICKS // 25


def published(pace: Pace, number: int, complete: int) -> int:
    """When the part is given out, if somebody asks at once and then when told to."""
    end = number * PART
    clock = complete
    while (due := pace.due(end, clock)) > clock:
        clock = due
    pace.published(end)
    return clock


def test_parts_that_become_complete_unevenly_go_out_evenly() -> None:
    pace = Pace()
    uneven = [0, TICKS // 50, TICKS // 100, 0, TICKS // 50, 0]
    out = [published(pace, n, n * PART + extra) for n, extra in enumerate(uneven * 4)]
    steps = [after - before for before, after in itertools.pairwise(out[2:])]
    assert max(steps) - min(steps) <= TICKS // 1000


def test_no_part_is_held_longer_than_forty_milliseconds() -> None:
    pace = Pace()
    assert published(pace, 1, 5 * TICKS) == 5 * TICKS
    assert published(pace, 2, 5 * TICKS) <= 5 * TICKS + HOLD


def test_a_backlog_does_not_slow_down_what_follows_it() -> None:
    """The first parts are complete all at once, a second and a half late; those after it in time."""
    pace = Pace()
    for number in range(1, 4):
        published(pace, number, 3 * PART)
    held = [published(pace, number, number * PART) - number * PART for number in range(4, 10)]
    assert held[0] <= HOLD
    assert max(held[1:]) <= HOLD // 2
