import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import AppError, TooLarge, Unprocessable
from server.media.ingest.sdp import read_offer
from tests.support.offers import AUDIO, FFMPEG, SESSION, VIDEO, candidate, offer

ALONE = tuple(line for line in SESSION if not line.startswith("a=group"))


def refusal(raw: bytes) -> str:
    with pytest.raises(AppError) as caught:
        read_offer(raw)
    assert caught.value.status in (400, 413, 422)
    assert caught.value.detail
    return caught.value.code


def test_a_browsers_offer_is_read() -> None:
    read = read_offer(offer())
    assert [section.kind for section in read.sections] == ["audio", "video"]
    assert read.bundle == ("0", "1")
    assert (read.ufrag, read.setup, read.trickle, read.ice_lite) == ("4ZcD", "actpass", True, False)
    audio, video = read.sections
    assert (audio.codec.name, audio.codec.payload_type, audio.ssrc) == ("opus", 111, 1001)
    assert (video.codec.payload_type, video.codec.rtx, video.ssrc) == (107, 108, 2001)  # packetization mode 1 is preferred
    assert video.codec.feedback == ("nack", "nack pli", "goog-remb")
    assert video.abs_send_time == 2


def test_an_encoders_offer_is_read() -> None:
    read = read_offer(FFMPEG.encode())
    assert read.setup == "passive"
    assert read.candidates == ()
    video = read.section("video")
    assert video is not None
    assert video.codec.parameters["profile-level-id"] == "4d401f"
    assert video.codec.rtx is None


@pytest.mark.parametrize("block", [AUDIO, VIDEO])
def test_one_track_alone_needs_no_group(block: tuple[str, ...]) -> None:
    assert len(read_offer(offer(ALONE, block)).sections) == 1


def test_packetization_mode_0_will_do() -> None:
    assert read_offer(offer(instead=("packetization-mode=1", "packetization-mode=2"))).sections[1].codec.payload_type == 103


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "sdp_malformed"),
        (b"\x00\xff\xfe", "sdp_malformed"),
        (b"hello", "sdp_malformed"),
        ("你好".encode(), "sdp_malformed"),
        (b"v=0\r\n", "sdp_malformed"),
        (b"v=0\r\nthis is no line\r\n", "sdp_malformed"),
        (offer(SESSION), "sdp_malformed"),
        (offer(without="v="), "sdp_malformed"),
        (offer(without="a=mid"), "sdp_malformed"),
        (offer(instead=("a=mid:1", "a=mid:0")), "sdp_malformed"),
        (offer(instead=("SAVPF 111 63", "SAVPF 300 63")), "sdp_malformed"),
        (offer(instead=("a=rtpmap:111 opus/48000/2", "a=rtpmap:what")), "sdp_malformed"),
        (offer(instead=("m=video 9 UDP/TLS/RTP/SAVPF", "m=video nine UDP/TLS/RTP/SAVPF")), "sdp_malformed"),
        (offer(instead=("107", "111")), "sdp_malformed"),
        (offer(without="a=fingerprint"), "fingerprint_missing"),
        (offer(instead=("sha-256 00:01", "sha-256 0:1")), "fingerprint_missing"),
        (offer(instead=("a=fingerprint:sha-256", "a=fingerprint:sha-1")), "fingerprint_unsupported"),
        (offer(without="a=ice-ufrag"), "ice_missing"),
        (offer(instead=("a=ice-pwd:2/1muCWoOi3uLifh0NuRHlI4", "a=ice-pwd:short")), "ice_missing"),
        (offer(without="a=setup"), "setup_unsupported"),
        (offer(instead=("a=setup:actpass", "a=setup:holdconn")), "setup_unsupported"),
        (offer(without="a=group"), "bundle_needed"),
        (offer(instead=("BUNDLE 0 1", "BUNDLE 0")), "bundle_needed"),
        (offer(instead=("BUNDLE 0 1", "BUNDLE 0 1 2")), "bundle_needed"),
        (offer(instead=("a=rtcp-mux\r\n", "")), "rtcp_mux_needed"),
        (offer(instead=("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111")), "profile_unsupported"),
        (offer(instead=("a=msid:stream picture", "a=msid:another picture")), "one_stream_needed"),
        (offer(instead=("opus/48000", "speex/48000")), "opus_needed"),
        (offer(instead=("H264/90000", "VP9/90000")), "h264_needed"),
        (offer(SESSION, AUDIO, VIDEO, ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2")), "tracks_unsupported"),
        (offer(SESSION, AUDIO, VIDEO, VIDEO), "tracks_unsupported"),
        (offer(SESSION, AUDIO, AUDIO), "tracks_unsupported"),
        (offer(extra=("a=candidate:nonsense",)), "candidate_malformed"),
    ],
)
def test_each_fault_has_its_name(raw: bytes, code: str) -> None:
    assert refusal(raw) == code


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_only_senders_are_taken(direction: str) -> None:
    assert refusal(offer(instead=("a=sendonly", f"a={direction}"))) == "direction_unsupported"
    assert read_offer(offer(instead=("a=sendonly", "a=sendrecv"))).sections


def test_a_refused_codec_names_the_ways_out() -> None:
    with pytest.raises(Unprocessable) as caught:
        read_offer(offer(instead=("H264/90000", "VP9/90000")))
    assert "OBS" in caught.value.detail
    assert "只送声音" in caught.value.detail
    assert caught.value.extra["offered"] == ["VP8", "VP9"]


def test_a_rejected_section_is_not_bundled_away() -> None:
    assert refusal(offer(instead=("m=video 9", "m=video 0"))) == "direction_unsupported"
    assert read_offer(offer(instead=("m=video 9", "m=video 0"), extra=("a=bundle-only",))).bundle == ("0", "1")


def test_fingerprints_we_cannot_check_are_passed_over_beside_one_we_can() -> None:
    read = read_offer(offer(instead=("a=setup", "a=fingerprint:sha-1 " + ":".join(["AB"] * 20) + "\r\na=setup")))
    assert [name for name, _ in read.fingerprints] == ["sha-256"]


def test_session_level_transport_attributes_count_for_all_sections() -> None:
    """As some encoders write it."""
    transport = tuple(line for line in AUDIO if line.startswith(("a=ice-", "a=fingerprint", "a=setup")))
    bare = [tuple(line for line in block if line not in transport) for block in (AUDIO, VIDEO)]
    assert read_offer(offer(SESSION + transport, *bare)).ufrag == "4ZcD"


def test_useless_candidates_are_dropped_and_the_rest_kept() -> None:
    lines = (
        candidate(1),
        candidate(2, address="7cb6c4ba-5b9f-4a1f-9f6b-0a4b8f2c1d33.local"),
        candidate(3, address="host.example"),
        candidate(4, transport="tcp"),
        candidate(5, component=2),
        candidate(6, address="2001:db8::1"),
        candidate(7, address="0.0.0.0"),  # noqa: S104  # no address at all
        candidate(8, address="224.0.0.251"),
        candidate(1),
    )
    found = read_offer(offer(extra=lines)).candidates
    assert [(entry.address, entry.port) for entry in found] == [("192.0.2.1", 1025), ("2001:db8::1", 1030)]


@pytest.mark.parametrize(("count", "taken"), [(50, True), (51, False), (10_000, False)])
def test_candidates_are_counted_before_anything_is_read(count: int, taken: bool) -> None:
    raw = offer(extra=tuple(candidate(number) for number in range(count)))
    spent = time.thread_time()
    if taken:
        assert len(read_offer(raw).candidates) == count
    else:
        assert refusal(raw) in ("offer_too_many_candidates", "offer_too_large")
    assert time.thread_time() - spent < 0.05


def test_a_large_offer_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read_offer(offer(extra=("a=x:" + "y" * 65_536,)))


@pytest.mark.parametrize("line", [line for line in (*SESSION, *AUDIO, *VIDEO) if re.search(r"\d", line)])
def test_a_number_without_end_is_read_or_refused_in_words(line: str) -> None:
    """Python refuses to read more than 4300 digits, with an error that nobody expects."""
    for count in range(1, 4):
        try:
            read_offer(offer(instead=(line, re.sub(r"\d+", "9" * 5000, line, count=count))))
        except AppError as error:
            assert error.status in (400, 413, 422)  # noqa: PT017  # being read is as good as being refused


def test_too_many_sections_are_refused_unread() -> None:
    assert refusal(offer(SESSION, *[AUDIO] * 9)) == "offer_too_many_sections"


@given(st.binary(max_size=400))
def test_noise_is_refused_in_words(noise: bytes) -> None:
    assert refusal(noise)
    assert refusal(b"v=0\r\n" + noise)


@given(
    st.lists(
        st.tuples(st.sampled_from(["cut", "double", "swap", "digit", "digits", "empty"]), st.integers(0, 10_000)),
        min_size=1,
        max_size=6,
    )
)
def test_a_spoilt_offer_is_read_or_refused_in_words(faults: list[tuple[str, int]]) -> None:
    lines = offer().decode().split("\r\n")
    for fault, where in faults:
        index = where % len(lines)
        if fault == "cut":
            lines[index] = lines[index][: where % 9]
        elif fault == "double":
            lines.insert(index, lines[index])
        elif fault == "swap":
            lines[index - 1], lines[index] = lines[index], lines[index - 1]
        elif fault == "digit":
            lines[index] = re.sub(r"\d+", "9" * (where % 12), lines[index], count=1)
        elif fault == "digits":  # more than Python turns into a number
            lines[index] = re.sub(r"\d+", "9" * 5000, lines[index], count=1 + where % 3)
        else:
            lines[index] = lines[index].partition(":")[0] + ":"
    raw = "\r\n".join(lines).encode()
    try:
        read_offer(raw)
    except AppError as error:
        assert error.status in (400, 413, 422)  # noqa: PT017  # being read is as good as being refused
