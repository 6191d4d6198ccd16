"""Whatever a client sends is a packet or Malformed, and nothing else."""

import json
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.core.sockets import packets
from server.core.sockets.codec import SEPARATOR, Malformed, Shared, check_packet, close_frame, split_payload, text_frame

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
# Text that is nearly right finds more than text that is not right at all.
PIECES = ["0", "1", "2", "3", "4", "5", "6", "-", "/", ",", "?", "[", "]", "{", "}", '"a"', ":", "٣", "1e9"]
nearly = st.lists(st.sampled_from(PIECES))


@given(st.text() | nearly.map("".join))
@example("2" + "[" * 100_000)
@example('2["\\ud800"]')
@example('2["\ud800"]')
@example('2["a",' + "9" * 5000 + "]")
@example("2" + "9" * 5000 + '["a"]')
@example('2["a",Infinity]')
@example('2["a",1e999]')
def test_parse_raises_nothing_but_malformed(text: str) -> None:
    try:
        packet = packets.parse(text)
    except Malformed:
        return
    assert packet.type in "012"
    assert packet.namespace.startswith("/")
    assert packet.id is None or 0 <= packet.id < 10**15


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=64),
    arguments=st.lists(plain, max_size=3),
    number=st.none() | st.integers(0, 10**15 - 1),
)
def test_an_event_is_read_as_it_was_meant(name: str, arguments: list[object], number: int | None) -> None:
    text = "2" + ("" if number is None else str(number)) + json.dumps([name, *arguments])
    if name in packets._RESERVED:
        with pytest.raises(Malformed):
            packets.parse(text)
        return
    assert packets.parse(text) == packets.Packet("2", "/", number, name, arguments)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")), st.integers(1, 8))
def test_a_payload_is_split_or_malformed(body: bytes, most: int) -> None:
    try:
        found = split_payload(body, most=most)
    except Malformed:
        return
    assert 1 <= len(found) <= most
    assert SEPARATOR.join(found).encode() == body
    for packet in found:
        check_packet(packet)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_only_messages_pongs_and_goodbyes_come_from_clients(packet: str) -> None:
    try:
        check_packet(packet)
    except Malformed:
        assert packet[:1] != "4"
        assert packet not in ("1", "3")
    else:
        assert packet[:1] == "4" or packet in ("1", "3")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_frames_have_the_shortest_length_that_fits(size: int) -> None:
    frame = text_frame(b"a" * size)
    header = 2 if size < 126 else 4 if size < 65_536 else 10
    assert len(frame) == header + size
    assert frame[0] == 0x81
    assert int.from_bytes(frame[2:header], "big") == size if header > 2 else frame[1] == size


def test_a_close_frame_has_its_code() -> None:
    assert close_frame(1001) == b"\x88\x02\x03\xe9"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(0, 60))
def test_what_is_deflated_for_all_is_read_by_a_fresh_window_and_by_a_used_one(text: str, times: int) -> None:
    """RFC 7692, section 7.2.2: the receiver adds the empty block that was left out."""
    packet = ("4" + text * times).encode()
    shared = Shared(packet)
    assert shared.plain[-len(packet) :] == packet
    assert shared.deflated is shared.deflated
    frame = shared.deflated
    if frame[0] == 0x81:
        assert len(packet) < 256
        return
    header = {126: 4, 127: 10}.get(frame[1], 2)
    window = zlib.decompressobj(-15)
    for _ in range(2):
        assert window.decompress(frame[header:] + b"\x00\x00\xff\xff") == packet


def test_refusals_are_objects() -> None:
    text = packets.refused("no", code="csrf_invalid")
    assert text[:2] == b"44"
    assert json.loads(text[2:]) == {"message": "no", "data": {"code": "csrf_invalid"}}
    assert packets.refused("no", code="x", namespace="/a").startswith(b"44/a,{")
