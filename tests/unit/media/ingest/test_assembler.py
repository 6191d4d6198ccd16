import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.cmaf.h264 import MAX_PARAMETER_SET
from server.media.ingest.assembler import MAX_PICTURE, MAX_UNITS, PATIENCE, Picture, PictureAssembler

SPS = bytes.fromhex("6742c01fda0140168d00")
PPS = bytes.fromhex("68ce0fc8")
Rtp = tuple[int, int, bool, bytes]  # sequence, timestamp, marker, payload


def slice_nal(kind: int, number: int, size: int, *, first: bool = True) -> bytes:
    """A slice whose content tells which picture it is of."""
    body = struct.pack(">I", number) * (size // 4 + 1)
    return bytes((0x60 | kind, 0x80 if first else 0x20)) + body[:size]


def fragments(nal: bytes, size: int) -> list[bytes]:
    """FU-A, RFC 6184 section 5.8."""
    pieces = [nal[start : start + size] for start in range(1, len(nal), size)]
    last = len(pieces) - 1
    return [
        bytes((nal[0] & 0xE0 | 28, nal[0] & 0x1F | (0x80 if index == 0 else 0) | (0x40 if index == last else 0))) + piece
        for index, piece in enumerate(pieces)
    ]


def together(*nals: bytes) -> bytes:
    """STAP-A, RFC 6184 section 5.7.1."""
    return bytes((0x78,)) + b"".join(struct.pack(">H", len(nal)) + nal for nal in nals)


def picture(number: int, *, key: bool, size: int = 300, piece: int = 100, sets: bool = True) -> list[bytes]:
    """The payloads of one picture."""
    nal = slice_nal(5 if key else 1, number, size)
    head = [together(SPS, PPS)] if key and sets else []
    return head + (fragments(nal, piece) if size > piece else [nal])


def packets(pictures: Sequence[list[bytes]], start: int = 65_500, begin: int = 0) -> list[Rtp]:
    out: list[Rtp] = []
    for number, payloads in enumerate(pictures):
        for index, payload in enumerate(payloads):
            marker = index == len(payloads) - 1
            out.append(((start + len(out)) & 0xFFFF, (begin + number * 3000) & 0xFFFFFFFF, marker, payload))
    return out


def feed(assembler: PictureAssembler, rtp: Sequence[Rtp], now: float = 0.0) -> list[Picture]:
    return [done for packet in rtp for done in assembler.add(*packet, now)]


def test_a_picture_is_complete_at_its_marker() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), picture(1, key=False, size=40)])
    assert feed(assembler, rtp[:-2]) == []
    (key,) = assembler.add(*rtp[-2], 0.5)
    assert key.key
    assert key.nals == (SPS, PPS, slice_nal(5, 0, 300))
    assert key.arrived == 0.0  # its first packet's
    (plain,) = assembler.add(*rtp[-1], 0.6)
    assert not plain.key
    assert plain.nals == (slice_nal(1, 1, 40),)
    assert plain.timestamp == 3000


def test_a_key_frame_of_eight_hundred_packets_arrives_whole() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True, size=800 * 1200, piece=1200)])
    assert len(rtp) > 800
    (key,) = feed(assembler, rtp)
    assert key.nals[-1] == slice_nal(5, 0, 800 * 1200)


def test_without_markers_a_new_timestamp_ends_the_picture() -> None:
    assembler = PictureAssembler()
    rtp = [(s, t, False, p) for s, t, _, p in packets([picture(0, key=True), picture(1, key=False), picture(2, key=False)])]
    assert [done.key for done in feed(assembler, rtp)] == [True, False]


def test_nothing_is_passed_on_before_the_first_key_frame() -> None:
    assembler = PictureAssembler()
    assert feed(assembler, packets([picture(0, key=False), picture(1, key=False)])) == []
    assert assembler.wants_key
    later = packets([picture(2, key=True), picture(3, key=False)], start=65_508, begin=6000)
    assert [done.key for done in feed(assembler, later)] == [True, False]


def test_a_packet_that_comes_again_completes_the_picture() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), picture(1, key=False)])
    lost = rtp.pop(2)
    assert feed(assembler, rtp) == []
    assert assembler.found_gap()
    assert assembler.missing() == [lost[0]]
    done = assembler.add(*lost, 0.1)
    assert [unit.key for unit in done] == [True, False]
    assert done[0].nals[-1] == slice_nal(5, 0, 300)


def test_a_lost_packet_costs_everything_up_to_the_next_key_frame() -> None:
    assembler = PictureAssembler()
    clip = [picture(0, key=True), picture(1, key=False), picture(2, key=False), picture(3, key=True), picture(4, key=False)]
    rtp = packets(clip)
    del rtp[5]  # in picture 1
    done = feed(assembler, rtp)
    assembler.wants_key = False
    done += assembler.expire(PATIENCE + 0.01)
    assert [unit.timestamp // 3000 for unit in done] == [0, 3, 4]
    assert assembler.wants_key


def test_a_whole_picture_lost_is_noticed_too() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), picture(1, key=False, size=40), picture(2, key=False, size=40)])
    del rtp[-2]
    done = feed(assembler, rtp) + assembler.expire(PATIENCE + 0.01)
    assert [unit.timestamp for unit in done] == [0]


def test_the_tail_of_a_picture_whose_head_is_lost_is_no_picture() -> None:
    """Two slices; the first is lost. The second does not begin at the first macroblock."""
    assembler = PictureAssembler()
    feed(assembler, packets([picture(0, key=True)]))
    tail = slice_nal(5, 1, 40, first=False)
    assert feed(assembler, packets([[tail]], start=65_505, begin=3000)) == []
    assert assembler.wants_key


def test_padding_counts_in_the_sequence_and_nowhere_else() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), [b""], picture(2, key=False, size=40)])
    assert [done.key for done in feed(assembler, rtp)] == [True, False]


def test_parameter_sets_of_the_offer_serve_a_key_frame_without_any() -> None:
    (key,) = feed(PictureAssembler([SPS, PPS]), packets([picture(0, key=True, sets=False)]))
    assert key.nals == (SPS, PPS, slice_nal(5, 0, 300))
    assert feed(PictureAssembler(), packets([picture(0, key=True, sets=False)])) == []


def test_parameter_sets_sent_ahead_are_remembered() -> None:
    assembler = PictureAssembler()
    (key,) = feed(assembler, packets([[SPS, PPS], picture(1, key=True, sets=False)]))
    assert key.nals == (SPS, PPS, slice_nal(5, 1, 300))


def test_a_key_frame_whose_parameter_sets_were_lost_is_not_shown_with_older_ones() -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), picture(1, key=True), picture(2, key=True, sets=False)])
    del rtp[5]
    done = feed(assembler, rtp) + assembler.expire(PATIENCE + 0.01)
    assert [unit.timestamp // 3000 for unit in done] == [0, 2]  # one that never had any is the encoder's own choice


def test_delimiters_and_filler_are_left_out() -> None:
    assembler = PictureAssembler()
    (key,) = feed(assembler, packets([[together(b"\x09\xf0", SPS, PPS), slice_nal(5, 0, 50), b"\x0c\xff\xff\x80"]]))
    assert key.nals == (SPS, PPS, slice_nal(5, 0, 50))


@pytest.mark.parametrize(
    "payload",
    [
        b"\x7c",  # FU-A without a header
        b"\x7c\x85",  # without a piece
        b"\x7c\x05rest",  # its beginning never came
        b"\x78\x00",  # STAP-A cut in a size
        b"\x78\x00\x09short",
        b"\x78\x00\x00",
        b"\x7d\x00\x00\x00",  # FU-B: interleaved mode
        b"\x60\x00",  # type 0
        b"\x7f\x00",
    ],
)
def test_a_garbled_payload_spoils_its_picture_and_no_other(payload: bytes) -> None:
    assembler = PictureAssembler()
    rtp = packets([picture(0, key=True), [payload, slice_nal(1, 1, 40)], picture(2, key=True), picture(3, key=False)])
    assert [done.timestamp // 3000 for done in feed(assembler, rtp)] == [0, 2, 3]


def test_a_picture_without_end_does_not_fill_the_memory() -> None:
    assembler = PictureAssembler()
    piece = bytes(60_000)
    flood = [(number, 0, False, b"\x7c\x85" if number == 0 else b"\x7c\x05" + piece) for number in range(200)]
    assert feed(assembler, flood) == []
    assert sum(map(len, assembler._fragments)) <= MAX_PICTURE
    after = packets([picture(0, key=True)], start=200, begin=3000)
    assert [done.key for done in feed(assembler, after)] == [True]


def test_a_picture_of_endless_small_pieces_is_not_read_to_its_end() -> None:
    """Eight megabytes in aggregates of one-byte units are 2.7 million: a second of reading, for everybody."""
    assembler = PictureAssembler()
    bomb = together(*[b"\x61"] * 20_000)
    rtp = [(number, 0, False, bomb) for number in range(128)]
    assert feed(assembler, [*rtp, (128, 0, False, b"\x7c\x85" + bytes(1000)), (129, 0, False, slice_nal(1, 0, 1000))]) == []
    assert assembler.units <= MAX_UNITS + 1
    assert assembler._nals == assembler._fragments == []  # nor is anything kept of what is lost anyway
    assert feed(assembler, [(130, 0, True, bomb)]) == []
    assert assembler.wants_key
    after = packets([picture(0, key=True)], start=131, begin=3000)
    assert [done.key for done in feed(assembler, after)] == [True]


@pytest.mark.parametrize("filler", [b"\x09\xf0", b"\x0c\xff", b"\x06\x05"])
def test_units_are_counted_whatever_they_are(filler: bytes) -> None:
    assembler = PictureAssembler()
    few, many = [together(*[filler] * count) for count in (MAX_UNITS // 2, MAX_UNITS)]
    rtp = packets([[few, *picture(0, key=True)], [many, *picture(1, key=True)], [few, *picture(2, key=True)]])
    assert [done.timestamp // 3000 for done in feed(assembler, rtp)] == [0, 2]


@pytest.mark.parametrize(
    ("sets", "taken"),
    [
        ((SPS, PPS), True),
        ((SPS + bytes(MAX_PARAMETER_SET - len(SPS)), PPS), True),
        ((SPS + bytes(MAX_PARAMETER_SET), PPS), False),
        ((SPS, PPS + bytes(MAX_PARAMETER_SET)), False),
        ((SPS, *[PPS] * 20), True),
        ((SPS, *[PPS] * 40), False),
    ],
)
def test_parameter_sets_that_cannot_be_any_spoil_their_picture(sets: tuple[bytes, ...], taken: bool) -> None:
    assembler = PictureAssembler()
    rtp = packets([[*sets, slice_nal(5, 0, 40)], picture(1, key=True, sets=False)])
    assert [done.key for done in feed(assembler, rtp)] == [True, True] * taken  # nor are they remembered
    offered = PictureAssembler(sets)
    assert len(feed(offered, packets([picture(0, key=True, sets=False)]))) == taken


@given(payloads=st.lists(st.binary(max_size=40), max_size=60), markers=st.integers(0))
def test_no_input_upsets_it(payloads: list[bytes], markers: int) -> None:
    assembler = PictureAssembler()
    for index, payload in enumerate(payloads):
        assembler.add(index, index // 3 * 3000, bool(markers >> index & 1), payload, index * 0.01)
        assembler.expire(index * 0.01)


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 0xFFFF),
    begin=st.integers(0, 0xFFFFFFFF),
    sizes=st.lists(st.integers(1, 900), min_size=4, max_size=25),
    lost=st.sets(st.integers(0, 200), max_size=12),
    swaps=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 9)), max_size=12),
    doubled=st.sets(st.integers(0, 200), max_size=6),
)
def test_what_comes_out_is_whole_and_in_order(
    start: int, begin: int, sizes: list[int], lost: set[int], swaps: list[tuple[int, int]], doubled: set[int]
) -> None:
    """Loss, reordering, doubling and both wrap-arounds at once; every fourth picture is a key frame."""
    clip = [picture(number, key=number % 4 == 0, size=size, piece=80) for number, size in enumerate(sizes)]
    whole = packets(clip, start, begin)
    stream = [packet for index, packet in enumerate(whole) if index == 0 or index not in lost]
    for position, distance in swaps:
        if 0 < position < len(stream):
            stream.insert(min(position + distance, len(stream) - 1), stream.pop(position))
    stream += [stream[index] for index in doubled if index < len(stream)]
    assembler = PictureAssembler()
    done = feed(assembler, stream) + assembler.expire(1e9)
    order = [((unit.timestamp - begin) & 0xFFFFFFFF) // 3000 for unit in done]
    assert order == sorted(set(order))
    arrived = {packet[1] for packet in whole} - {packet[1] for index, packet in enumerate(whole) if index and index in lost}
    for unit, number in zip(done, order, strict=True):
        assert unit.timestamp in arrived  # no picture with a hole
        assert unit.nals[-1] == slice_nal(5 if number % 4 == 0 else 1, number, sizes[number])
    for before, after in zip([-1, *order], order, strict=False):
        assert after == before + 1 or after % 4 == 0  # after a gap comes a key frame
