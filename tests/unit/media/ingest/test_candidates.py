import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import AppError
from server.media.ingest.candidates import read_fragment

FRAGMENT = (
    b"a=ice-ufrag:4ZcD\r\n"
    b"a=ice-pwd:2/1muCWoOi3uLifh0NuRHlI4\r\n"
    b"m=audio 9 RTP/AVP 0\r\n"
    b"a=mid:0\r\n"
    b"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag 4ZcD network-id 1\r\n"
    b"a=candidate:3471623853 1 udp 2122194687 b3d1c3a2.local 61765 typ host generation 0\r\n"
    b"a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n"
    b"a=candidate:2154773085 1 udp 1686052607 198.51.100.1 61764 typ srflx raddr 192.0.2.1 rport 61764\r\n"
    b"a=end-of-candidates\r\n"
)


def test_a_fragment_names_its_ice_session_and_usable_candidates() -> None:
    fragment = read_fragment(FRAGMENT)
    assert fragment.ufrag == "4ZcD"
    assert [(entry.address, entry.type) for entry in fragment.candidates] == [("192.0.2.1", "host"), ("198.51.100.1", "srflx")]


def test_the_end_alone_is_a_fragment() -> None:
    assert read_fragment(b"a=ice-ufrag:4ZcD\na=ice-pwd:x\nm=audio 9 RTP/AVP 0\na=mid:0\na=end-of-candidates\n").candidates == ()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "fragment_malformed"),
        (b"{}", "fragment_malformed"),
        (b"\xff\xff", "fragment_malformed"),
        (b"m=audio 9 RTP/AVP 0\r\na=mid:0\r\n", "fragment_malformed"),
        (b"a=candidate:1 1 udp\r\n", "candidate_malformed"),
        (b"a=candidate:1 1 udp 99999999999 192.0.2.1 5 typ host\r\n", "candidate_malformed"),
        (b"a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n" * 51, "fragment_too_many_candidates"),
        (b"a=x\r\n" * 4000, "fragment_too_large"),
    ],
)
def test_each_fault_has_its_name(raw: bytes, code: str) -> None:
    with pytest.raises(AppError) as caught:
        read_fragment(raw)
    assert caught.value.code == code


@given(st.binary(max_size=300))
def test_noise_is_refused_in_words(noise: bytes) -> None:
    try:
        read_fragment(noise)
    except AppError as error:
        assert error.status in (400, 413, 422)  # noqa: PT017  # a lucky guess is as good
