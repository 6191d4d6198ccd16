"""What one session may send: an honest one never notices, a greedy one is told from it within seconds."""

import pytest

from server.media.ingest.allowance import BURST, PICTURES, SOUND, UNITS, Allowance, Totals

BITRATE = 20_000_000
NOTHING = Totals(0, 0, 0, 0, 0.0)
# A second each.
CAMERA = Totals(2_000_000, 2_300, 60, 4_000, 1.0)
ALLOWED = Totals(BITRATE // 8, BITRATE // 4000, PICTURES, UNITS, SOUND)


def times(each: Totals, seconds: float) -> Totals:
    size, packets, pictures, units = (round(value * seconds) for value in each[:4])
    return Totals(size, packets, pictures, units, each.sound * seconds)


def test_a_good_camera_sends_as_long_as_it_likes() -> None:
    allowance = Allowance(BITRATE, 100.0)
    for tenth in range(36_000):
        assert allowance.exceeded(times(CAMERA, tenth / 10), 100.0 + tenth / 10) is None


def test_a_backlog_may_come_at_once() -> None:
    allowance = Allowance(BITRATE, 0.0)
    assert allowance.exceeded(times(CAMERA, 5), 0.1) is None
    for tenth in range(2, 100):
        assert allowance.exceeded(times(CAMERA, 5 + tenth / 10), tenth / 10) is None


@pytest.mark.parametrize("which", range(5))
def test_twice_as_much_of_anything_as_is_allowed_ends_it_when_the_burst_is_used_up(which: int) -> None:
    name = Totals._fields[which]
    greedy = Totals(*(value * 2 if index == which else CAMERA[index] for index, value in enumerate(ALLOWED)))  # type: ignore[arg-type]  # a float last
    allowance = Allowance(BITRATE, 0.0)
    for tenth in range(1, 1000):
        now = tenth / 10
        told = allowance.exceeded(times(greedy, now), now)
        if told is not None:
            assert told == name
            assert now == pytest.approx(BURST, abs=0.2)
            return
    pytest.fail("nobody noticed")


def test_what_was_not_used_is_not_saved_up() -> None:
    allowance = Allowance(BITRATE, 0.0)
    assert allowance.exceeded(NOTHING, 3600.0) is None
    assert allowance.exceeded(NOTHING._replace(size=round(BITRATE / 8 * BURST) + 1), 3600.0) == "size"


def test_a_small_bit_rate_leaves_room_for_small_packets() -> None:
    """Sound alone makes up to 400 packets a second."""
    allowance = Allowance(1_000_000, 0.0)
    for second in range(60):
        assert allowance.exceeded(NOTHING._replace(packets=second * 500), float(second)) is None
