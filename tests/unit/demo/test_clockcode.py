"""The block code in the picture: what is written is read, and what is damaged is not read as something else."""

import pytest

from server.demo import clockcode


def test_every_frame_number_comes_back() -> None:
    assert [clockcode.frame_number(clockcode.cells(number)) for number in range(4096)] == list(range(4096))


def test_neighbours_differ_in_one_bit_and_the_parity() -> None:
    for number in range(4095):
        pairs = zip(clockcode.cells(number), clockcode.cells(number + 1), strict=True)
        assert sum(one != other for one, other in pairs) == 2


@pytest.mark.parametrize("place", range(clockcode.CELLS))
def test_a_single_wrong_block_is_noticed(place: int) -> None:
    for number in (0, 1, 777, 1499, 4095):
        row = clockcode.cells(number)
        row[place] = not row[place]
        assert clockcode.frame_number(row) is None


def test_a_picture_without_the_row_reads_as_nothing() -> None:
    assert clockcode.read(lambda _x, _y: 128, 1280) is None
    assert clockcode.read(lambda _x, _y: 255, 640) is None


def test_lag_is_counted_within_the_loop() -> None:
    # 12:00:01 by the clock, and the picture still shows 59.6 s of the minute before.
    assert clockcode.behind(1490, 1_800_000_001.0, per_second=25, length=1500) == pytest.approx(1.4)


def test_a_frame_number_must_fit() -> None:
    with pytest.raises(ValueError, match="out of range"):
        clockcode.cells(4096)
