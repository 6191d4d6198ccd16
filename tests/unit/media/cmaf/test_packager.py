"""Streams of every kind through the packager, their playlists held against the rules."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.cmaf.fmp4 import SOUND_TRACK, VIDEO_TRACK
from server.media.cmaf.packager import Packager
from server.media.cmaf.timeline import AAC_TICKS, TICKS
from server.media.hls.segments import Variant
from server.media.model import AccessUnit, Tracks
from tests.support.boxes import runs
from tests.support.coded import START
from tests.support.hls_rules import broken_promises, broken_rules
from tests.support.simulate import BOTH, Simulation, evenly, film, parameter_sets, picture, soundtrack

SECOND = 1_000_000
TARGETS = (0.25, 0.5)


def every(seconds: float, rate: float, count: int) -> set[int]:
    """Indices of key frames."""
    step = round(seconds * rate)
    return set(range(0, count, step))


def assert_rules(simulation: Simulation) -> None:
    """Every playlist that was ever published keeps the rules, and none contradicts the one before."""
    for _, live, sound in simulation.playlists:
        assert broken_rules(live) == []
        assert broken_rules(sound) == []
    for (_, live, sound), (_, next_live, next_sound) in pairwise(simulation.playlists):
        assert broken_promises(live, next_live) == []
        assert broken_promises(sound, next_sound) == []


def assert_samples(simulation: Simulation) -> None:
    """Samples in order, none lost or doubled; sound without a gap inside a discontinuity; both start within 50 ms."""
    for finished in simulation.finished:
        sound = [run for run in runs(finished.live_bytes) if run.track == SOUND_TRACK]
        alone = runs(finished.sound_bytes)
        assert [run.samples for run in sound] == [run.samples for run in alone]
        at = sound[0].decode_time
        for run in sound:
            assert run.decode_time == at
            at += 1024 * len(run.samples)
        video = [run for run in runs(finished.live_bytes) if run.track == VIDEO_TRACK]
        if video:
            starts = [run.decode_time for run in video]
            assert starts == sorted(starts)


def assert_no_hole(simulation: Simulation) -> None:
    """At a hole in the picture players stand still: each picture lasts until the next, the last one as long as the sound."""
    shown: int | None = None
    end = 0
    for finished in simulation.finished:
        if finished.live.discontinuity:
            assert shown is None or shown >= end - AAC_TICKS, f"a hole of {(end - shown) / TICKS:.3f} s"
            shown = None
        for run in runs(finished.live_bytes):
            if run.track == VIDEO_TRACK:
                assert shown is None or run.decode_time <= shown, f"a hole of {(run.decode_time - shown) / TICKS:.3f} s"
                shown = run.decode_time + sum(duration for duration, _, _ in run.samples)
        end = finished.live.start + finished.live.length
    assert shown is None or shown >= end - AAC_TICKS, f"a hole of {(end - shown) / TICKS:.3f} s"


def starts_apart(simulation: Simulation) -> list[float]:
    """How far sound and picture of each segment start from each other, in seconds."""
    apart: list[float] = []
    for finished in simulation.finished:
        found = runs(finished.live_bytes)
        video = next(run.decode_time for run in found if run.track == VIDEO_TRACK)
        sound = next(run.decode_time for run in found if run.track == SOUND_TRACK)
        apart.append(abs(video / TICKS - sound / 48_000))
    return apart


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("rate", [15, 24, 25, 30_000 / 1001, 30, 50, 60])
def test_steady_rates_keep_every_rule(target: float, rate: float) -> None:
    simulation = Simulation(part_target=target, keep_playlists=True)
    simulation.begin()
    times = evenly(rate, 24)
    simulation.run(film(times, every(2, rate, len(times))), soundtrack(START - 100_000, START + 24 * SECOND))
    assert_rules(simulation)
    assert_no_hole(simulation)
    assert_samples(simulation)
    assert max(starts_apart(simulation)) < 0.05
    assert len(simulation.finished) >= 11


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("rate", [15, 25, 30_000 / 1001, 30])
def test_llhls_06_the_next_part_comes_within_a_part_target(target: float, rate: float) -> None:
    simulation = Simulation(part_target=target)
    simulation.begin()
    times = evenly(rate, 20)
    simulation.run(film(times, every(2, rate, len(times))), soundtrack(START - 100_000, START + 20 * SECOND))
    gaps = [(later - earlier) / SECOND for (earlier, _), (later, _) in pairwise(simulation.parts)]
    assert max(gaps[1:]) <= target + 0.005


@pytest.mark.parametrize("target", TARGETS)
def test_a_still_screen_goes_on_with_sound(target: float) -> None:
    """A shared screen: motion, then a picture every 1.7 s, a key frame at each."""
    simulation = Simulation(part_target=target, keep_playlists=True)
    simulation.begin()
    moving = evenly(30, 4)
    still = [moving[-1] + round(index * 1.7 * SECOND) for index in range(1, 12)]
    keys = {0, 60} | set(range(len(moving), len(moving) + len(still)))
    end = still[-1] + SECOND
    simulation.run(film(moving + still, keys), soundtrack(START - 100_000, end), until=end)
    assert_rules(simulation)
    assert_no_hole(simulation)
    gaps = [(later - earlier) / SECOND for (earlier, _), (later, _) in pairwise(simulation.parts)]
    assert max(gaps) <= target + 0.1
    without_pictures = [part for _, part in simulation.parts if part.muxed and len(runs(part.muxed)) == 1]
    assert without_pictures


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("after", [*range(4_600_000, 5_200_000, 20_000), 5_000_000])
def test_a_lost_host_leaves_no_hole_and_no_segment_without_a_picture(target: float, after: int) -> None:
    """Silence stands in until the segment is as long as it may get; nothing would be told by another."""
    simulation = Simulation(part_target=target)
    simulation.begin()
    lost = START + after
    pictures = film([at for at in evenly(30, 6) if at < lost], {0, 60, 120})
    simulation.run(pictures, soundtrack(START - 100_000, lost), until=lost + 3 * SECOND)
    simulation.pause()
    assert_no_hole(simulation)
    shown = [{run.track for run in runs(done.live_bytes)} for done in simulation.finished]
    assert shown == [{VIDEO_TRACK, SOUND_TRACK}] * 3


def test_after_a_silence_longer_than_a_segment_nothing_is_missing() -> None:
    """Everything came three seconds late, as over a bad network that recovers."""
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    times = evenly(30, 12)
    held = [
        (max(at, START + 8 * SECOND) if at > START + 5 * SECOND else at, unit)
        for at, unit in film(times, every(2, 30, len(times)))
    ]
    sound = soundtrack(START - 100_000, START + 12 * SECOND)
    late = [(max(at, START + 8 * SECOND) if at > START + 5 * SECOND else at, frames) for at, frames in sound]
    simulation.run(held, late, until=START + 13 * SECOND)
    simulation.pause()
    assert_rules(simulation)
    assert_no_hole(simulation)
    assert_samples(simulation)
    count = sum(len(run.samples) for done in simulation.finished for run in runs(done.live_bytes) if run.track == VIDEO_TRACK)
    assert count == len(times)


def test_a_picture_of_unknown_duration_covers_the_pause() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin()
    times = evenly(30, 2.3)
    simulation.run(film(times, {0, 60}), soundtrack(START - 100_000, START + 6 * SECOND))
    last = [run.samples[-1] for _, part in simulation.parts for run in runs(part.muxed or b"") if run.track == VIDEO_TRACK][-1]
    assert last[0] >= TICKS


@pytest.mark.parametrize("target", TARGETS)
def test_without_key_frames_segments_are_cut_at_the_limit(target: float) -> None:
    simulation = Simulation(part_target=target, keep_playlists=True)
    simulation.begin()
    times = evenly(30, 12)
    simulation.run(film(times, {0}), soundtrack(START - 100_000, START + 12 * SECOND))
    assert_rules(simulation)
    assert_no_hole(simulation)
    durations = [segment.duration for segment in simulation.playlist().complete]
    assert len(durations) >= 4
    assert all(2.2 < (duration or 0) < 2.5 for duration in durations)
    assert not any(part.independent for segment in simulation.playlist().segments[1:] for part in segment.parts)


def test_a_key_frame_after_a_forced_cut_starts_a_segment() -> None:
    """Key frames every 4 s, as an encoder sends them that cannot be asked: every other segment starts with one."""
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    times = evenly(30, 24)
    simulation.run(film(times, every(4, 30, len(times))), soundtrack(START - 100_000, START + 24 * SECOND))
    assert_rules(simulation)
    assert_no_hole(simulation)
    first_parts = [cut.independent for _, cut in simulation.parts if cut.head is not None]
    assert first_parts[:6] == [True, False, True, False, True, False]


def test_a_segment_takes_an_early_key_frame_when_the_next_would_be_too_late() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin()
    times = evenly(25, 12)
    simulation.run(film(times, every(1.4, 25, len(times))), soundtrack(START - 100_000, START + 12 * SECOND))
    assert {round(segment.duration or 0, 2) for segment in simulation.playlist().complete} <= {1.4, 2.8}
    assert all((segment.duration or 0) < 2.5 for segment in simulation.playlist().complete)
    assert all(cut.independent for _, cut in simulation.parts if cut.head is not None)


@pytest.mark.parametrize("tracks", [BOTH, Tracks(video=False, audio=True)])
def test_hints_foresee_regular_key_frames(tracks: Tracks) -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin(tracks)
    times = evenly(30, 20)
    pictures = film(times, every(2, 30, len(times))) if tracks.video else []
    simulation.run(pictures, soundtrack(START - 100_000, START + 20 * SECOND))
    assert_rules(simulation)
    wrong = 0
    for (_, older, _), (_, newer, _) in pairwise(simulation.playlists[8:]):
        wrong += newer.segments[-1].parts[-1].uri != older.hints[0]["URI"]
    assert wrong == 0


def test_sound_that_never_comes_becomes_silence() -> None:
    simulation = Simulation(part_target=0.25, keep_playlists=True)
    simulation.begin()
    times = evenly(30, 6)
    simulation.run(film(times, every(2, 30, len(times))))
    assert_rules(simulation)
    assert len(simulation.finished) >= 2


def test_late_sound_is_dropped_and_later_sound_is_awaited_longer() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin()
    times = evenly(30, 12)
    early = soundtrack(START - 100_000, START + 4 * SECOND)
    late = soundtrack(START + 4 * SECOND, START + 12 * SECOND, delay=400_000)
    marked = [(at, [(number, b"real") for number, _ in frames]) for at, frames in late if isinstance(frames, list)]
    simulation.run(film(times, every(2, 30, len(times))), early, marked)
    assert_samples(simulation)
    last = runs(simulation.finished[-1].sound_bytes)
    assert all(sample == b"real" for run in last for _, sample, _ in run.samples)


def test_video_only_gets_a_silent_soundtrack() -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin(Tracks(video=True, audio=False))
    times = evenly(25, 8)
    simulation.run(film(times, every(2, 25, len(times))))
    assert_rules(simulation)
    assert_samples(simulation)
    assert len(simulation.finished) >= 3


def test_sound_only_has_exact_durations_and_no_pictures() -> None:
    simulation = Simulation(part_target=0.25, keep_playlists=True)
    simulation.begin(Tracks(video=False, audio=True))
    simulation.run(soundtrack(START, START + 12 * SECOND))
    assert_rules(simulation)
    for _, part in simulation.parts:
        assert part.muxed is None
        assert part.duration == AAC_TICKS * len(runs(part.sound)[0].samples)
    assert "RESOLUTION" not in simulation.window.multivariant().decode()
    for segment in simulation.playlist().complete[-2:]:
        assert segment.duration == pytest.approx(sum(part.duration for part in segment.parts), abs=1e-4)


def test_programme_date_time_is_origin_plus_decode_time() -> None:
    simulation = Simulation(part_target=0.25)
    simulation.begin()
    times = evenly(30_000 / 1001, 10)
    simulation.run(film(times, every(2, 30, len(times))), soundtrack(START - 100_000, START + 10 * SECOND))
    origin = simulation.packager.origin or 0
    for variant, track, rate in ((Variant.LIVE, VIDEO_TRACK, TICKS), (Variant.SOUND, SOUND_TRACK, 48_000)):
        for finished, listed in zip(simulation.finished, simulation.playlist(variant).complete, strict=True):
            data = finished.live_bytes if variant is Variant.LIVE else finished.sound_bytes
            decoded = next(run.decode_time for run in runs(data) if run.track == track)
            assert listed.date is not None
            assert abs(listed.date.timestamp() - (origin / 1e6 + decoded / rate)) < 0.00051


def test_a_resolution_change_starts_a_segment_with_a_discontinuity() -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    times = evenly(30, 8)
    turned = parameter_sets((180, 320))
    shots = [
        (at, picture(unit.at, key=True, number=index, sets=turned) if unit.key and index >= 100 else unit)
        for index, (at, unit) in enumerate(film(times, {0, 60, 100, 160, 220}))
        if not isinstance(unit, list)
    ]
    simulation.run(list(shots), soundtrack(START - 100_000, START + 8 * SECOND))
    assert_rules(simulation)
    assert_no_hole(simulation)
    marks = [segment.discontinuity for segment in simulation.playlist().segments]
    assert marks[:4] == [False, False, True, False]
    assert marks[:4] == [segment.discontinuity for segment in simulation.playlist(Variant.SOUND).segments][:4]
    maps = [segment.map for segment in simulation.playlist().segments]
    assert maps[1] != maps[2] == maps[3]


def test_a_publisher_that_comes_back_goes_on_behind_a_discontinuity() -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    simulation.run(film(evenly(30, 5), {0, 60, 120}), soundtrack(START - 100_000, START + 5 * SECOND))
    simulation.pause()
    assert simulation.packager.wake_at is None
    again = START + 12 * SECOND
    simulation.begin()
    times = evenly(30, 5, again)
    simulation.run(film(times, {0, 60, 120}), soundtrack(again - 100_000, again + 5 * SECOND))
    simulation.pause()
    assert_rules(simulation)
    assert_no_hole(simulation)
    listed = simulation.playlist().segments
    assert [segment.msn for segment in listed] == list(range(len(listed)))
    resumed = [segment for segment in listed if segment.discontinuity]
    assert len(resumed) == 1
    assert resumed[0].date is not None
    assert abs(resumed[0].date.timestamp() - again / 1e6) < 0.001


def test_a_pause_publishes_everything_that_came() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin()
    times = evenly(30, 3.21)
    simulation.run(film(times, {0, 60}), soundtrack(START - 100_000, START + 3 * SECOND))
    simulation.pause()
    count = sum(len(run.samples) for done in simulation.finished for run in runs(done.live_bytes) if run.track == VIDEO_TRACK)
    assert count == len(times)


@pytest.mark.parametrize("tracks", [BOTH, Tracks(video=True, audio=False)])
def test_a_media_clock_that_stands_still_holds_nothing_back_for_long(tracks: Tracks) -> None:
    """Thirty pictures a second, each a tick after the other: no grid is ever reached, and no picture is ever late."""
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin(tracks)
    stuck = [(START + index * 33_333, picture(START + index * 11, key=index % 60 == 0, number=index)) for index in range(3600)]
    most = 0
    for arrival in stuck:
        simulation.run([arrival])
        most = max(most, len(simulation.packager._pictures))
    assert_rules(simulation)
    gaps = [(later - earlier) / SECOND for (earlier, _), (later, _) in pairwise(simulation.parts)]
    assert max(gaps) < 4.9  # twice the longest segment
    assert most <= 2 * 4.9 * 30  # a part, and the turn to the segment after it
    assert len(simulation.parts) >= 120 / 4.9 - 2
    for before, after in pairwise(simulation.playlist().segments):
        assert before.date is not None
        assert before.duration is not None
        assert after.date is not None
        assert (after.date - before.date).total_seconds() >= before.duration - 0.05  # time goes on, as the playlist says


def test_a_thousand_pictures_a_second_on_a_clock_that_stands_still_are_bounded() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin(Tracks(video=True, audio=False))
    most = 0
    for index in range(8000):
        simulation.run([(START + index * 1000, picture(START + index * 11, key=index % 500 == 0, number=index))])
        most = max(most, len(simulation.packager._pictures))
    assert 1000 < most <= 1025
    assert len(simulation.packager._pictures) < 1025


def test_a_sound_clock_that_stands_still_fills_no_memory_and_is_heard_again_once_it_goes() -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin(Tracks(video=False, audio=True))
    first = START * 48 // 1000 // 1024
    simulation.run([(START + index * 20_000, [(first + index // 500, b"sound")]) for index in range(3000)])
    assert len(simulation.packager._sound._frames) < 10
    silent = len(simulation.parts)
    mended = START + 60 * SECOND
    frames = [(mended + index * 21_334, [(mended * 48 // 1000 // 1024 + index, b"sound")]) for index in range(250)]
    simulation.run(frames)
    assert_rules(simulation)
    assert len(simulation.parts) > silent + 5


def test_a_media_clock_that_races_does_not_fill_the_memory() -> None:
    """A hundred times too fast: parts go out more slowly than their media comes. Then the clock is mended."""
    simulation = Simulation(part_target=0.5)
    simulation.begin(Tracks(video=True, audio=False))
    most = 0
    for index in range(9000):
        simulation.run([(START + index * 33_333, picture(START + index * 3_333_300, key=index % 60 == 0, number=index))])
        most = max(most, len(simulation.packager._pictures))
    assert most < 60
    known = len(simulation.finished)
    resumed = START + 9000 * 3_333_300
    shots = film(evenly(30, 10, resumed), set(range(0, 300, 60)))
    simulation.run([(at - resumed + simulation.now, unit) for at, unit in shots])
    assert len(simulation.finished) > known + 2
    assert len(simulation.packager._pictures) < 60


def test_large_pictures_that_wait_are_bounded_in_bytes() -> None:
    simulation = Simulation(part_target=0.5)
    simulation.begin(Tracks(video=True, audio=False))
    body = bytes(4 << 20)
    for index in range(30):
        unit = picture(START + index, key=index == 0, number=index)
        simulation.run([(START + index * 33_333, AccessUnit((*unit.nals, b"\x41" + body), unit.at, unit.key))])
        assert simulation.packager._pictures.size < 36 << 20
    assert not simulation.packager._pictures  # given up; the next key frame begins anew
    after = START + 2 * SECOND
    simulation.run(film(evenly(30, 3, after), {0, 60}))
    assert simulation.parts


@pytest.mark.parametrize("rate", [30, 1000])
def test_each_picture_is_looked_at_a_few_times_whatever_their_number(rate: int) -> None:
    looks = 0

    class Counting(Packager):
        def _turns(self, segment, picture):  # type: ignore[no-untyped-def]  # only counts
            nonlocal looks
            looks += 1
            return super()._turns(segment, picture)

    simulation = Simulation(part_target=0.5)
    simulation.packager = Counting(simulation.packager._cutting)
    simulation.begin(Tracks(video=True, audio=False))
    times = evenly(rate, 10)
    simulation.run(film(times, every(2, rate, len(times))))
    assert len(simulation.finished) >= 4
    assert looks < 3 * len(times)


def test_parameter_sets_may_change_now_and_then_but_not_with_every_picture() -> None:
    """Each change begins a segment and an init section of its own; a publisher that changes them all the time gets gaps."""
    sizes = [parameter_sets((width, 180)) for width in range(160, 640, 16)]
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    times = evenly(10, 30)
    shots = [(at + 40_000, picture(at, key=True, number=n, sets=sizes[n % len(sizes)])) for n, at in enumerate(times)]
    simulation.run(list(shots), soundtrack(START - 100_000, START + 30 * SECOND))
    assert_rules(simulation)
    heads = [part.head for _, part in simulation.parts if part.head is not None]
    changes = sum(before.sets != after.sets for before, after in pairwise(heads))
    assert 9 <= changes <= 12  # four in ten seconds
    assert len(heads) < 40
    again = START + 31 * SECOND
    simulation.run(film(evenly(30, 9, again), {0, 60, 120, 180, 240}), soundtrack(again, again + 9 * SECOND))
    assert_rules(simulation)
    assert simulation.finished[-1].live.init.size == (320, 180)  # one that has settled is followed


def test_turning_a_phone_back_and_forth_is_followed() -> None:
    upright, lying = parameter_sets((180, 320)), parameter_sets()
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    turns = {0: lying, 30: upright, 45: lying, 75: upright, 120: upright}
    times = evenly(30, 6)
    shots = [
        (at + 40_000, picture(at, key=index in turns, number=index, sets=turns.get(index))) for index, at in enumerate(times)
    ]
    simulation.run(list(shots), soundtrack(START - 100_000, START + 6 * SECOND))
    simulation.pause()
    assert_rules(simulation)
    shown = [
        sample
        for done in simulation.finished
        for run in runs(done.live_bytes)
        if run.track == VIDEO_TRACK
        for _, sample, _ in run.samples
    ]
    assert len(shown) == len(times)


def test_what_is_dropped_leaves_a_discontinuity_and_nothing_else() -> None:
    simulation = Simulation(part_target=0.5, keep_playlists=True)
    simulation.begin()
    simulation.run(film(evenly(30, 5), {0, 60, 120}), soundtrack(START - 100_000, START + 5 * SECOND))
    simulation.packager.drop()
    closed = simulation.window.break_off(simulation.now / 1e6)
    assert closed is not None
    again = START + 5 * SECOND
    simulation.run(film(evenly(30, 5, again), {0, 60, 120}), soundtrack(again, again + 5 * SECOND))
    simulation.pause()
    assert_rules(simulation)
    assert [segment.discontinuity for segment in simulation.playlist().segments].count(True) == 1


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[int], set[int], list[int], list[tuple[int, int]]]:
    """Pictures at uneven times, key frames where they happen to come, network jitter, holes in the sound."""
    intervals = draw(
        st.lists(
            st.one_of(
                st.integers(16_000, 70_000),
                st.sampled_from([33_333, 33_367, 40_000, 66_667]),
                st.integers(70_000, 1_900_000),
            ),
            min_size=20,
            max_size=160,
        )
    )
    times = [START]
    for interval in intervals:
        times.append(times[-1] + interval)
    keys = {0} | draw(st.sets(st.integers(1, len(times) - 1), max_size=20))
    jitter = draw(st.lists(st.integers(0, 120_000), min_size=1, max_size=7))
    holes = draw(st.lists(st.tuples(st.integers(0, 8 * SECOND), st.integers(20_000, 900_000)), max_size=3))
    return times, keys, jitter, [(START + at, START + at + length) for at, length in holes]


@settings(max_examples=60, deadline=None)
@given(stream=streams(), target=st.sampled_from(TARGETS))
def test_uneven_streams_keep_every_rule(
    stream: tuple[list[int], set[int], list[int], list[tuple[int, int]]], target: float
) -> None:
    times, keys, jitter, holes = stream
    simulation = Simulation(part_target=target, keep_playlists=True)
    simulation.begin()
    sound = soundtrack(START - 100_000, times[-1], silence=holes)
    simulation.run(film(times, keys, jitter=jitter), sound, until=times[-1] + SECOND)
    simulation.pause()
    simulation.playlists.append((simulation.now, simulation.playlist(), simulation.playlist(Variant.SOUND)))
    assert_rules(simulation)
    assert_no_hole(simulation)
    assert_samples(simulation)
    shown = [
        sample
        for done in simulation.finished
        for run in runs(done.live_bytes)
        if run.track == VIDEO_TRACK
        for _, sample, _ in run.samples
    ]
    assert len(shown) == len(times)
    assert len(set(shown)) == len(times)
