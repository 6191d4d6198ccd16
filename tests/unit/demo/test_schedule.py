"""The loop follows the wall clock, and a clock that jumps is noticed instead of caught up with."""

import pytest

from server.demo.schedule import Schedule, ScheduleLost

PICTURES = Schedule(rate=25, length=1500, ticks=3600)
SOUNDS = Schedule(rate=50, length=3000, ticks=960)
NOON = 1_782_907_200  # a full minute in Unix seconds


def test_the_full_minute_is_the_start_of_the_loop() -> None:
    assert PICTURES.index(NOON * 25) == 0
    assert SOUNDS.index(NOON * 50) == 0
    assert PICTURES.index((NOON + 37) * 25 + 3) == 37 * 25 + 3


def test_sound_and_picture_of_one_moment_have_timestamps_of_one_moment() -> None:
    moment = NOON + 8
    assert PICTURES.timestamp(moment * 25) == moment * 90_000 % 2**32
    assert SOUNDS.timestamp(moment * 50) == moment * 48_000 % 2**32


def test_waits_until_a_unit_is_due_and_not_longer() -> None:
    unit = NOON * 25 + 1
    assert PICTURES.wait(unit, NOON + 0.01) == pytest.approx(0.03)
    assert PICTURES.wait(unit, NOON + 0.05) == 0.0


@pytest.mark.parametrize("jump", [-3600.0, -5.0, 1.5, 3600.0])
def test_a_clock_that_jumps_loses_the_schedule(jump: float) -> None:
    with pytest.raises(ScheduleLost):
        PICTURES.wait(NOON * 25, NOON + jump)
