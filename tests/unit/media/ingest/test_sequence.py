from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from server.media.ingest.sequence import LOST, Lost, Resequencer

PATIENCE = 0.4


def numbers(out: list[object]) -> list[int]:
    return [item for item in out if isinstance(item, int)]


class Line:
    """A resequencer fed with its own sequence numbers as items, and all it gave out."""

    def __init__(self, capacity: int = 64) -> None:
        self.order: Resequencer[int] = Resequencer(PATIENCE, capacity)
        self.out: list[int | Lost] = []

    def add(self, sequence: int, now: float = 0.0) -> None:
        self.out += self.order.add(sequence & 0xFFFF, sequence, now)

    def expire(self, now: float) -> None:
        self.out += self.order.expire(now)


def test_packets_in_order_pass_at_once() -> None:
    line = Line()
    for sequence in range(65_530, 65_550):  # across the wrap
        line.add(sequence)
    assert line.out == list(range(65_530, 65_550))
    assert not line.order.waiting


def test_an_overtaken_packet_takes_its_place() -> None:
    line = Line()
    for sequence in (10, 12, 13, 11, 14):
        line.add(sequence)
    assert line.out == [10, 11, 12, 13, 14]


def test_a_duplicate_passes_once() -> None:
    line = Line()
    for sequence in (10, 10, 12, 12, 11, 11, 10):
        line.add(sequence)
    assert line.out == [10, 11, 12]


def test_missing_numbers_are_named_until_they_come() -> None:
    line = Line()
    line.add(65_534)
    line.add(65_534 + 4)
    assert line.order.gap_opened
    assert line.order.missing() == [0, 1, 65_535]
    line.add(65_534 + 1)
    assert line.order.missing() == [0, 1]


def test_every_other_packet_missing_takes_no_longer_than_the_packets() -> None:
    """A thousand gaps at once, as nobody's network makes them: giving them up looks at each number once."""
    looked = 0

    class Held(dict[int, int]):
        def __contains__(self, number: object) -> bool:
            nonlocal looked
            looked += 1
            return super().__contains__(number)

        def __iter__(self) -> Iterator[int]:
            raise AssertionError("all of them, for each gap")

    line = Line(capacity=2048)
    for number in range(1000):
        line.add(2 * number)
    assert line.order.missed == 999
    line.order._held = Held(line.order._held)
    line.expire(PATIENCE)
    assert numbers(list(line.out)) == [2 * number for number in range(1000)]
    assert line.out.count(LOST) == 999
    assert looked < 4 * 1000


def test_what_does_not_come_in_time_is_given_up_once() -> None:
    line = Line()
    line.add(10, 0.0)
    line.add(13, 0.0)
    line.add(15, 0.3)
    line.expire(0.39)
    assert line.out == [10]
    line.expire(0.41)
    assert line.out == [10, LOST, 13]
    line.expire(0.71)
    assert line.out == [10, LOST, 13, LOST, 15]
    line.add(14, 0.8)  # too late
    assert line.out[-1] == 15


def test_a_jump_no_network_makes_begins_anew() -> None:
    line = Line()
    line.add(100)
    line.add(102)
    line.add(30_000)
    line.add(30_001)
    assert line.out == [100, LOST, 30_000, 30_001]
    assert line.order.missing() == []


def test_a_sender_who_began_again_lower_is_followed() -> None:
    line = Line()
    for sequence in (40_000, 40_001, 20_000, 20_001):
        line.add(sequence)
    assert numbers(list(line.out)) == [40_000, 40_001, 20_000, 20_001]


@given(
    start=st.integers(0, 0xFFFF),
    fates=st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.booleans()), min_size=1, max_size=150),
)
def test_order_holds_whatever_the_network_does(start: int, fates: list[tuple[bool, int, bool]]) -> None:
    """Each packet may be lost, delayed behind up to twelve others, or doubled; time passes, and gaps are given up."""
    arrivals: list[tuple[float, int]] = []
    for index, (lost, delay, doubled) in enumerate(fates):
        if not lost or index == 0:
            arrivals.append((index + delay * 1.01 if index else -1.0, start + index))
            if doubled:
                arrivals.append((index + delay + 0.5, start + index))
    line = Line()
    for moment, sequence in sorted(arrivals):
        now = moment * 0.02
        line.add(sequence, now)
        line.expire(now)
    line.expire(1e9)
    passed = numbers(list(line.out))
    assert passed == sorted(set(passed))
    assert {sequence for _, sequence in arrivals} == set(passed)  # 12 packets of 20 ms are within the patience
    for before, after in zip(line.out, line.out[1:], strict=False):
        if isinstance(before, int) and isinstance(after, int):
            assert after == before + 1
    assert not line.order.waiting
