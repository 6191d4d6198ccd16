"""Parameter sets: sizes with cropping, formats, scaling lists, and the decoder record; x264 is the judge."""

import av
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from server.media.cmaf.h264 import MAX_PARAMETER_SET, PPS, SPS, ParameterSetTracker, length_prefixed, read_sps
from tests.support.coded import pictures, split_annex_b


def parameter_sets(size: tuple[int, int], profile: str, pixels: str = "yuv420p", **options: str) -> tuple[bytes, bytes]:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = pixels
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": profile, **options}
    frame = VideoFrame(*size, pixels)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    nals = [nal for packet in encoder.encode(frame) for nal in split_annex_b(bytes(packet))]
    return next(nal for nal in nals if nal[0] & 31 == SPS), next(nal for nal in nals if nal[0] & 31 == PPS)


@pytest.mark.parametrize("size", [(320, 180), (1280, 720), (1920, 1080), (180, 320), (642, 362), (16, 16)])
@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
def test_sizes_are_read_after_cropping(size: tuple[int, int], profile: str) -> None:
    found = read_sps(parameter_sets(size, profile)[0])
    assert found is not None
    assert (found.width, found.height) == size
    assert (found.chroma_format, found.luma_depth, found.chroma_depth) == (1, 8, 8)


@pytest.mark.parametrize(("pixels", "profile", "chroma", "depth"), [
    ("yuv444p", "high444", 3, 8), ("yuv422p", "high422", 2, 8), ("yuv420p10le", "high10", 1, 10), ("gray", "high", 0, 8),
])  # fmt: skip
def test_other_sample_formats_are_read(pixels: str, profile: str, chroma: int, depth: int) -> None:
    found = read_sps(parameter_sets((322, 182), profile, pixels)[0])
    assert found is not None
    assert (found.width, found.height, found.chroma_format, found.luma_depth) == (322, 182, chroma, depth)


def test_interlaced_pictures_crop_by_pairs_of_rows() -> None:
    found = read_sps(parameter_sets((320, 180), "main", flags="+ildct", x264opts="tff=1")[0])
    assert found is not None
    assert (found.width, found.height) == (320, 180)


def test_scaling_lists_are_skipped() -> None:
    """High profile with a scaling matrix: one flat 4x4 list, one default 8x8 list, written by hand."""
    bits = "01100100" + "00000000" + "00011111" + "1"  # profile 100, level 3.1, id 0
    bits += "010" + "1" + "1" + "0" + "1"  # 4:2:0, 8 bits twice, no bypass, lists follow
    bits += "1" + "1" * 16 + "0" * 5  # list 0: sixteen deltas of 0; lists 1 to 5 absent
    bits += "1" + "000010001" + "0"  # list 6: a delta of -8 ends it at once; list 7 absent
    bits += "1" + "011" + "010" + "0"  # frame numbers, order count type 2, one reference, no gaps
    bits += "000010100" + "0001100" + "1" + "1" + "0" + "0" + "1"  # 20 columns, 12 rows, frames only
    bits += "0" * (-len(bits) % 8)
    found = read_sps(b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big"))
    assert found is not None
    assert (found.width, found.height) == (320, 192)


@given(st.binary(max_size=80))
def test_rubbish_is_refused_and_nothing_else(data: bytes) -> None:
    read_sps(b"\x67" + data)
    tracker = ParameterSetTracker()
    tracker.feed((b"\x67" + data, b"\x68" + data, b""))
    assert tracker.current is None or tracker.current.picture.width > 0


def test_the_tracker_needs_both_kinds_and_takes_the_newest() -> None:
    small, large = parameter_sets((320, 180), "baseline"), parameter_sets((640, 360), "baseline")
    half = ParameterSetTracker()
    half.feed((small[0],))
    assert half.current is None
    tracker = ParameterSetTracker()
    tracker.feed((small[0],))
    tracker.feed((small[1], b"\x65\x88"))
    first = tracker.current
    assert first is not None
    assert first.codec == f"avc1.{small[0][1:4].hex()}"
    tracker.feed(small)
    assert tracker.current is first
    tracker.feed(large)
    assert tracker.current is not None
    assert (tracker.current.picture.width, tracker.current.picture.height) == (640, 360)


def test_parameter_sets_that_the_decoder_record_could_not_hold_are_passed_over() -> None:
    sps, pps = parameter_sets((320, 180), "baseline")
    large = ParameterSetTracker()
    large.feed((sps + bytes(70_000), pps))
    assert large.current is None
    assert read_sps(sps + bytes(70_000)) is None
    tracker = ParameterSetTracker()
    tracker.feed((sps, pps))
    whole = tracker.current
    assert whole is not None
    tracker.feed((sps, pps + bytes(70_000)))
    assert tracker.current is whole
    tracker.feed((sps + bytes(MAX_PARAMETER_SET - len(sps)), pps + bytes(MAX_PARAMETER_SET - len(pps))))
    assert tracker.current is not None
    assert len(tracker.current.decoder_record()) > 2 * MAX_PARAMETER_SET


def test_of_each_id_the_newest_counts_however_many_there_are() -> None:
    """PPS ids are Exp-Golomb codes; with more bits behind them they are different parameter sets of the same id."""
    sps, _ = parameter_sets((320, 180), "baseline")

    def named(identifier: int, rest: str) -> bytes:
        code = f"{identifier + 1:b}"
        bits = "0" * (len(code) - 1) + code + rest
        return b"\x68" + int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")

    tracker = ParameterSetTracker()
    tracker.feed((sps, *(named(identifier, "1") for identifier in reversed(range(300)))))
    assert tracker.current is not None
    assert len(tracker.current.pps) == 255
    assert tracker.current.pps[-1] == named(255, "1")  # there are no ids above
    tracker.feed((named(1, "01"),))
    assert tracker.current.pps[0] == named(1, "01")
    assert tracker.current.decoder_record()


def test_samples_carry_slices_and_no_parameter_sets() -> None:
    nals, _ = pictures(1)[0]
    data = length_prefixed((b"\x09\xf0", *nals, b"\x0c\xff"))
    kinds = []
    while data:
        size = int.from_bytes(data[:4], "big")
        kinds.append(data[4] & 31)
        data = data[4 + size :]
    assert kinds
    assert not set(kinds) & {7, 8, 9, 12}
