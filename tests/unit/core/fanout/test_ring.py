"""The ring holds the newest entries without a gap, whatever is put into it."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from server.core.fanout.ring import Ring


@given(
    head=st.integers(0, 1000),
    most=st.integers(1, 12),
    most_bytes=st.integers(1, 60),
    batches=st.lists(st.lists(st.integers(1, 20), max_size=8), max_size=12),
    most_read=st.integers(1, 15),
)
def test_the_ring_holds_the_end_of_everything_that_was_put_in(
    head: int, most: int, most_bytes: int, batches: list[list[int]], most_read: int
) -> None:
    ring = Ring(head, most=most, most_bytes=most_bytes)
    everything: list[bytes] = []
    for batch in batches:
        entries = [f"{len(everything) + at}:".encode().ljust(size, b".") for at, size in enumerate(batch)]
        everything += entries
        ring.append(entries)

        assert ring.head == head + len(everything)
        held = ring.head - ring.first + 1
        assert 0 <= held <= most
        assert not everything or held >= 1
        kept = everything[len(everything) - held :]
        assert len(kept) == 1 or sum(map(len, kept)) <= most_bytes
        assert not ring.holds_after(ring.first - 2)
        for offset in range(ring.first - 1, ring.head + 1):
            assert ring.holds_after(offset)
            assert ring.after(offset, most=most_read) == everything[offset - head : offset - head + most_read]


def test_one_entry_larger_than_the_bound_is_still_held() -> None:
    ring = Ring(0, most_bytes=10)
    ring.append([b"a", b"b" * 100])
    assert (ring.first, ring.head) == (2, 2)
    assert ring.after(1, most=5) == [b"b" * 100]
    ring.append([b"c"])
    assert ring.first == 3


def test_an_empty_ring_begins_after_its_head() -> None:
    ring = Ring(41)
    assert (ring.first, ring.head) == (42, 41)
    assert ring.holds_after(41)
    assert not ring.holds_after(40)
    assert ring.after(41, most=9) == []


def test_a_redacted_entry_keeps_its_place_and_its_times_and_nothing_of_what_it_said() -> None:
    ring = Ring(0)
    entry = {"offset": 2, "type": "comment.posted", "at": "t", "by": {"name": "n"}, "data": {"text": "words"}}
    ring.append([b"1", to_json(entry), b"3"])
    ring.redact(2, {"removed": "host"})
    ring.redact(9, {})  # not here
    ring.redact(-1, {})
    assert ring.after(0, most=9)[1] == to_json({"offset": 2, "type": "comment.posted", "at": "t", "data": {"removed": "host"}})
    assert (ring.first, ring.head) == (1, 3)
    assert ring._size == sum(map(len, ring.after(0, most=9)))
