"""The encoded loop, looked at with a decoder: its clock can be read from the coded picture, and its cache is trustworthy."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import pytest
from aiortc.codecs.h264 import h264_depayload

from server.demo import clockcode
from server.demo.encoding import Encoding, encode, load_or_encode
from server.demo.film import Film, FilmSpec

SPEC = FilmSpec(seconds=4, bitrate=1_500_000)


@pytest.fixture(scope="module")
def film() -> Film:
    return encode(SPEC, None)


def decoded(film: Film) -> Iterator[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for payloads in film.pictures:
        yield from decoder.decode(av.Packet(b"".join(h264_depayload(payload) for payload in payloads)))
    yield from decoder.decode(None)


@pytest.mark.parametrize("width", [1280, 640])
def test_the_clock_is_read_back_from_every_coded_picture(film: Film, width: int) -> None:
    codes = []
    for frame in decoded(film):
        plane = frame.reformat(width=width, height=width * 9 // 16).planes[0]  # the luma of yuv420p
        luma, line = bytes(plane), plane.line_size
        codes.append(clockcode.read(partial(_at, luma, line), width))
    assert codes == list(range(100))


def _at(luma: bytes, line: int, x: int, y: int) -> int:
    return luma[y * line + x]


def test_key_frames_come_every_two_seconds_and_carry_their_parameters(film: Film) -> None:
    units = [b"".join(h264_depayload(payload) for payload in payloads) for payloads in film.pictures]
    kinds = [{nal[0] & 31 for nal in unit.split(b"\0\0\0\1") if nal} for unit in units]
    assert [number for number, kind in enumerate(kinds) if 5 in kind] == [0, film.key_frames]
    assert all({7, 8} <= kind for kind in kinds if 5 in kind)


def test_pictures_are_sent_in_the_order_in_which_they_are_shown(film: Film) -> None:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for payloads in film.pictures:
        for _ in decoder.decode(av.Packet(b"".join(h264_depayload(payload) for payload in payloads))):
            pass
    assert decoder.profile in ("Baseline", "Constrained Baseline")
    assert not decoder.has_b_frames


def test_payloads_fit_into_a_datagram_and_a_key_frame_into_a_socket(film: Film) -> None:
    assert max(len(payload) for payloads in film.pictures for payload in payloads) <= 1300
    assert max(sum(map(len, payloads)) for payloads in film.pictures) < 100_000


def test_the_chime_is_on_the_second_in_the_coded_sound(film: Film) -> None:
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    sound: list[int] = []
    for packet in film.sounds * 2:
        for frame in decoder.decode(av.Packet(packet)):
            plain = bytes(frame.planes[0])[: frame.samples * 2]
            sound.extend(memoryview(plain).cast("h"))
    assert len(film.sounds) == 200
    for second in range(1, 7):
        begin = second * 48_000 - 4_800
        onset = next(index for index in range(begin, begin + 9_600) if abs(sound[index]) > 400)
        assert abs(onset - second * 48_000) < 480  # 10 ms


def test_a_second_start_reads_the_file_and_encodes_nothing(tmp_path: Path) -> None:
    spec = FilmSpec(seconds=2)
    first = load_or_encode(tmp_path, spec)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    assert load_or_encode(tmp_path, spec) == first
    assert file.stat().st_mtime_ns == written


def test_a_film_is_made_from_the_present_second_round_to_where_it_began() -> None:
    spec = FilmSpec(seconds=6)
    encoding = Encoding(spec, None, first=100)
    encoding.run()
    assert encoding.whole
    whole = Film(spec, encoding.film.pictures, encoding.film.sounds)
    codes = []
    for frame in decoded(whole):
        plane = frame.planes[0]
        codes.append(clockcode.read(partial(_at, bytes(plane), plane.line_size), 1280))
    assert codes == list(range(150))


def test_what_is_stopped_is_left_unfinished() -> None:
    encoding = Encoding(FilmSpec(seconds=2), None)
    encoding.stop()
    encoding.run()
    assert not encoding.whole
    assert not any(encoding.film.pictures)


def test_a_damaged_file_is_encoded_again_and_an_outdated_one_goes(tmp_path: Path) -> None:
    spec = FilmSpec(seconds=2)
    first = load_or_encode(tmp_path, spec)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-10])
    (tmp_path / "demo-0123456789abcdef.film").write_bytes(b"old")
    assert load_or_encode(tmp_path, spec).sounds == first.sounds
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
