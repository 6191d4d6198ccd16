import pytest
from aioice import Candidate
from aiortc.sdp import SessionDescription

from server.media.ingest.answer import Local, offer_for_aiortc, write_answer
from server.media.ingest.sdp import read_offer
from tests.support.offers import FFMPEG, FINGERPRINT, offer

LOCAL = Local(
    session=12345,
    ufrag="abcd",
    password="p" * 22,
    fingerprint=FINGERPRINT,
    candidates=(
        Candidate("1", 1, "udp", 2130706431, "203.0.113.7", 40001, "host"),
        Candidate("2", 1, "udp", 2130706431, "2001:db8::7", 40002, "host"),
    ),
)


def sections(answer: str) -> list[list[str]]:
    """Lines of each media section."""
    blocks: list[list[str]] = []
    for line in answer.split("\r\n"):
        if line.startswith("m="):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return blocks


def test_every_section_is_answered_in_order_with_one_codec() -> None:
    audio, video = sections(write_answer(read_offer(offer()), LOCAL, 2_500_000))
    assert audio[0] == "m=audio 40001 UDP/TLS/RTP/SAVPF 111"
    assert video[0] == "m=video 40001 UDP/TLS/RTP/SAVPF 107 108"
    assert "a=mid:0" in audio
    assert "a=mid:1" in video
    for block in (audio, video):
        assert "a=recvonly" in block
        assert "a=rtcp-rsize" in block


def test_whip_21_each_bundled_section_says_rtcp_mux_only() -> None:
    answer = write_answer(read_offer(offer()), LOCAL, 2_500_000)
    assert "a=group:BUNDLE 0 1" in answer
    for block in sections(answer):
        assert "a=rtcp-mux" in block
        assert "a=rtcp-mux-only" in block


def test_whip_07_all_candidates_are_in_the_answer() -> None:
    first, second = sections(write_answer(read_offer(offer()), LOCAL, 2_500_000))
    assert [line for line in first if line.startswith("a=candidate")] == [
        "a=candidate:1 1 udp 2130706431 203.0.113.7 40001 typ host",
        "a=candidate:2 1 udp 2130706431 2001:db8::7 40002 typ host",
    ]
    assert "a=end-of-candidates" in first
    assert not any("candidate" in line for line in second)


def test_browsers_are_told_the_bitrate_to_begin_with() -> None:
    _, video = sections(write_answer(read_offer(offer()), LOCAL, 2_500_000))
    assert (
        "a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f;x-google-start-bitrate=2500" in video
    )
    assert "a=rtcp-fb:107 nack pli" in video
    assert "a=fmtp:108 apt=107" in video


@pytest.mark.parametrize(("offered", "answered"), [("actpass", "passive"), ("active", "passive"), ("passive", "active")])
def test_the_server_is_passive_where_it_has_the_choice(offered: str, answered: str) -> None:
    raw = offer(instead=("a=setup:actpass", f"a=setup:{offered}"))
    answer = write_answer(read_offer(raw), LOCAL, 1)
    assert answer.count(f"a=setup:{answered}\r\n") == 2
    assert "ice-lite" not in answer


def test_simulcast_is_plainly_not_taken() -> None:
    raw = offer(extra=("a=rid:h send", "a=rid:l send", "a=simulcast:send h;l"))
    answer = write_answer(read_offer(raw), LOCAL, 1)
    assert "simulcast" not in answer
    assert "a=rid" not in answer


@pytest.mark.parametrize("raw", [offer(), FFMPEG.encode()])
def test_what_aiortc_gets_is_short_and_sound(raw: bytes) -> None:
    short = offer_for_aiortc(read_offer(raw))
    parsed = SessionDescription.parse(short)
    assert [media.kind for media in parsed.media] == ["audio", "video"]
    assert all(not media.ice_candidates for media in parsed.media)
    assert len(short) < 2000
