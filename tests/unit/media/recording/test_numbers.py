"""Which number a stream goes on with: one that nobody can have seen, whatever has happened to the disk and to the clock."""

from pathlib import Path

import pytest

from server.media.recording.numbers import NOTHING, NUMBERS, Known, Numbers, forget_numbers, next_number, read_numbers
from tests.support.coded import START

SECOND = 1_000_000
SHORTEST = 0.8


def test_what_is_noted_is_known_and_numbers_only_grow(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path)
    assert numbers.known == read_numbers(tmp_path) == NOTHING
    numbers.note(7, START, sync=True)
    numbers.note(5, START + SECOND)
    assert read_numbers(tmp_path) == Known(7, START, sure=False)
    numbers.settle(6)  # 7 was reserved, and nobody has seen it
    assert read_numbers(tmp_path) == Known(6, START, sure=True)
    numbers.close()
    again = Numbers(tmp_path)
    again.note(8, START)
    assert read_numbers(tmp_path) == Known(8, START, sure=False)
    again.close()
    forget_numbers(tmp_path)
    forget_numbers(tmp_path)
    assert read_numbers(tmp_path) == NOTHING


def test_the_line_takes_its_place_at_once_and_never_grows(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path)
    size = (tmp_path / NUMBERS).stat().st_size
    for newest, at in ((0, 0), (10**9, START), (2**31, 10**17)):
        numbers.note(newest, at)
        assert (tmp_path / NUMBERS).stat().st_size == size
    numbers.close()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"newest":"x"}', b'{"newest":1,"at":2}', bytes(range(160, 256))])
def test_a_line_without_sense_says_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NUMBERS).write_bytes(data)
    assert read_numbers(tmp_path) == NOTHING
    numbers = Numbers(tmp_path)
    numbers.note(3, START)
    assert read_numbers(tmp_path).newest == 3
    numbers.close()


@pytest.mark.parametrize(
    ("recorded", "known", "now", "number"),
    [
        (-1, NOTHING, START, 0),
        (6, NOTHING, START, 7),  # an earlier version's recording
        (6, Known(7, START, sure=False), START + 5 * SECOND, 8),
        (6, Known(19, START, sure=False), START + 5 * SECOND, 20),
        (19, Known(7, START, sure=False), START, 20),
        (6, Known(19, START, sure=True), START + 10**12, 20),  # closed in good order, long ago
        # The line has grown old: the disk took nothing any more, or nothing was shown; nobody knows which.
        (6, Known(7, START, sure=False), START + 80 * SECOND, 8 + 100),
        (6, Known(7, START, sure=False), START - 80 * SECOND, 8 + 100),  # and the clock was set back
    ],
)  # fmt: skip
def test_the_next_number(recorded: int, known: Known, now: int, number: int) -> None:
    assert next_number(recorded, known, now, SHORTEST) == number
