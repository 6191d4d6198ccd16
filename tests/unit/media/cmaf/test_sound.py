"""Opus to AAC: sound stays where its media time says, whatever is lost, late or drifting."""

import array
from collections.abc import Sequence
from itertools import pairwise

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.cmaf.fmp4 import AUDIO_SPECIFIC_CONFIG
from server.media.cmaf.sound import SoundTranscoder, silent_frame
from server.media.cmaf.timeline import (
    AAC_SAMPLES,
    AAC_TICKS,
    first_aac_frame,
    micros_at,
    origin_before,
    sample_at,
    ticks_since,
)
from server.media.model import OpusPacket
from tests.support.coded import START, opus_packets

Frames = list[tuple[int, bytes]]


def heard(frames: Frames) -> "tuple[int, array.array[float]]":
    """Decode: the number of the first sample since the epoch, and one channel."""
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = AUDIO_SPECIFIC_CONFIG
    samples = array.array("f")
    for _, data in frames:
        for frame in decoder.decode(av.Packet(data)):
            assert (frame.sample_rate, frame.layout.name, frame.samples) == (48_000, "stereo", AAC_SAMPLES)
            samples.frombytes(bytes(frame.planes[0])[: 4 * AAC_SAMPLES])
    return frames[0][0] * AAC_SAMPLES, samples


def onsets(frames: Frames) -> list[float]:
    """Media times in milliseconds after START at which a beep begins after a quiet moment."""
    first, samples = heard(frames)
    found: list[float] = []
    quiet = 10_000
    for index, value in enumerate(samples):
        if abs(value) > 0.1:
            if quiet > 4_000:
                found.append((first + index) / 48 - START / 1000)
            quiet = 0
        else:
            quiet += 1
    return found


def transcode(packets: Sequence[OpusPacket]) -> Frames:
    transcoder = SoundTranscoder(128_000)
    return [frame for packet in packets for frame in transcoder.feed([packet])]


@pytest.mark.parametrize("application", ["audio", "voip", "lowdelay"])
def test_beeps_sound_where_media_time_says(application: str) -> None:
    frames = transcode(opus_packets(200, beep_every=24_000, application=application))
    found = onsets(frames)
    assert len(found) >= 7
    for index, at in enumerate(found):
        assert abs(at - index * 500) < 10


def test_numbers_have_no_gap_and_no_double() -> None:
    numbers = [number for number, _ in transcode(opus_packets(100))]
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))


def test_lost_packets_become_silence_of_their_length() -> None:
    packets = opus_packets(200, beep_every=24_000)
    kept = [packet for index, packet in enumerate(packets) if not 60 <= index < 70 and index % 17]
    frames = transcode(kept)
    numbers = [number for number, _ in frames]
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))
    found = [at for at in onsets(frames) if at % 500 < 20 or at % 500 > 480]
    assert len(found) >= 6


def test_a_long_pause_is_jumped_over() -> None:
    packets = opus_packets(50, beep_every=24_000)
    later = [OpusPacket(packet.data, packet.at + 60_000_000) for packet in packets]
    frames = transcode([*packets, *later])
    numbers = [number for number, _ in frames]
    assert len(frames) < 110  # nobody encodes a minute of silence
    assert numbers == sorted(set(numbers))
    after = [frame for frame in frames if frame[0] * AAC_SAMPLES > sample_at(START + 59_000_000)]
    assert abs(onsets(after)[1] - 60_500) < 10  # the first beep lies where the codecs are still settling


def test_time_that_goes_back_begins_anew() -> None:
    packets = opus_packets(60)
    earlier = [OpusPacket(packet.data, packet.at - 5_000_000) for packet in packets]
    frames = transcode([*packets, *earlier])
    assert frames[-1][0] < frames[50][0]


@pytest.mark.parametrize("parts_per_million", [-300, 300])
def test_drift_is_followed(parts_per_million: int) -> None:
    """The sender's clock is wrong by 300 ppm: 18 ms in a minute. Media time, not the count of samples, decides."""
    count = 3000
    packets = opus_packets(count, beep_every=48_000)
    stretched = [
        OpusPacket(packet.data, START + round((packet.at - START) * (1 + parts_per_million / 1e6))) for packet in packets
    ]
    found = onsets(transcode(stretched))
    expected = [index * 1000 * (1 + parts_per_million / 1e6) for index in range(len(found))]
    assert len(found) >= 58
    assert max(abs(at - wanted) for at, wanted in zip(found, expected, strict=True)) < 10


def test_rubbish_costs_its_own_place_only() -> None:
    packets = opus_packets(60)
    spoiled = [OpusPacket(b"\xff" * 40 if index % 10 == 3 else packet.data, packet.at) for index, packet in enumerate(packets)]
    numbers = [number for number, _ in transcode([OpusPacket(b"", START - 20_000), *spoiled])]
    assert len(numbers) > 50
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))


def test_the_silent_frame_is_silent() -> None:
    _, samples = heard([(0, silent_frame())] * 5)
    assert max(map(abs, samples)) < 1e-4
    assert len(silent_frame()) < 20


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-40_000, 60_000), st.booleans()), min_size=10, max_size=60))
def test_any_timing_gives_growing_numbers(shifts: list[tuple[int, bool]]) -> None:
    packets = opus_packets(60)
    moved = [OpusPacket(packet.data, packet.at + shift) for packet, (shift, kept) in zip(packets, shifts, strict=False) if kept]
    numbers = [number for number, _ in transcode(moved)]
    assert numbers == sorted(set(numbers))


@given(st.integers(0, 4_000_000_000_000_000))
def test_the_grid_of_sound_meets_every_origin(at: int) -> None:
    origin = origin_before(at + 1_000_000)
    first = first_aac_frame(origin)
    assert sample_at(origin) == first * AAC_SAMPLES
    assert origin % 1000 == 0
    assert AAC_TICKS <= ticks_since(origin, at + 1_000_000) <= 4 * AAC_TICKS + 1
    assert abs(micros_at(origin, ticks_since(origin, at + 1_000_000)) - at - 1_000_000) <= 6
