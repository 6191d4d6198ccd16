import pytest

from server.media.ingest.opus import PATIENCE, PacketOrder, duration


@pytest.mark.parametrize(
    ("packet", "micros"),
    [
        (b"", 0),
        (bytes([1 << 3]), 20_000),  # SILK, 20 ms
        (bytes([3 << 3 | 1]), 120_000),  # SILK, 60 ms, two frames
        (bytes([13 << 3]), 20_000),  # hybrid
        (bytes([31 << 3]), 20_000),  # CELT, as browsers send
        (bytes([28 << 3]), 2_500),
        (bytes([31 << 3 | 3, 3]), 60_000),
        (bytes([31 << 3 | 3]), 0),
    ],
)
def test_a_packet_tells_its_length(packet: bytes, micros: int) -> None:
    assert duration(packet) == micros


def test_overtaken_packets_are_put_back_and_missing_ones_left_out() -> None:
    order = PacketOrder()
    out: list[tuple[int, bytes, float]] = []
    for sequence in (1, 3, 2, 6, 7):
        out += order.add(sequence, sequence * 960, bytes([sequence]), 0.0)
    assert [timestamp // 960 for timestamp, _, _ in out] == [1, 2, 3]
    assert order.waiting
    assert [timestamp // 960 for timestamp, _, _ in order.expire(PATIENCE)] == [6, 7]
    assert not order.waiting


def test_an_empty_packet_holds_its_place_only() -> None:
    order = PacketOrder()
    assert not order.add(1, 0, b"", 0.0)
    assert [payload for _, payload, _ in order.add(2, 960, b"x", 0.0)] == [b"x"]
