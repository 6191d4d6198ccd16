"""The live window: what it holds, what it lets go of and when, what it says about it."""

import struct
from dataclasses import replace
from itertools import pairwise

import pytest

from server.media.cmaf.parts import Part, SegmentEnd
from server.media.hls.playlist import Timing
from server.media.hls.segments import Variant
from server.media.hls.window import Window
from tests.support.coded import START
from tests.support.hls_rules import broken_promises, broken_rules, parse
from tests.support.simulate import BOTH, Simulation, evenly, film, parameter_sets, picture, soundtrack

SECOND = 1_000_000


def simulated(seconds: int, length: float, takes: int = 1) -> Simulation:
    simulation = Simulation(length=length, keep_playlists=True)
    for take in range(takes):
        start = START + take * (seconds + 5) * SECOND
        simulation.begin(BOTH)
        times = evenly(30, seconds, start)
        sound = soundtrack(start - 100_000, start + seconds * SECOND)
        simulation.run(film(times, set(range(0, len(times), 60))), sound)
        simulation.pause()
    return simulation


def test_it_is_as_long_as_asked_and_never_shorter_than_three_target_durations() -> None:
    for length, shortest in ((10.0, 10.0), (1.0, 6.0)):
        simulation = simulated(40, length)
        lengths = [live.length for _, live, _ in simulation.playlists if live.first_msn]
        assert min(lengths) >= shortest
        assert max(lengths) <= shortest + 2.6


def test_bytes_stay_for_a_segment_and_the_longest_playlist_after_they_are_unlisted() -> None:
    simulation = simulated(60, 10.0)
    window = simulation.window
    first = simulation.playlist().first_msn
    now = simulation.now / 1e6
    assert window.resource("v0.m4s") is None
    kept = [msn for msn in range(first) if window.resource(f"v{msn}.m4s") is not None]
    assert 6 <= len(kept) <= 8
    assert window.resource(f"v{first - 1}.0.m4s") is not None
    window.expire(now + 60)
    assert not any(window.resource(f"{kind}{msn}.m4s") for msn in range(first) for kind in "va")
    assert window.resource(f"v{first}.m4s") is not None


def test_discontinuities_that_have_left_are_counted() -> None:
    simulation = simulated(9, 8.0, takes=4)
    assert simulation.playlist().discontinuity_sequence == 2
    assert simulation.playlist(Variant.SOUND).discontinuity_sequence == 2
    for (_, live, sound), (_, next_live, next_sound) in pairwise(simulation.playlists):
        assert broken_promises(live, next_live) == broken_promises(sound, next_sound) == []


def test_an_init_section_is_named_once_for_all_its_segments() -> None:
    text = simulated(9, 60.0, takes=3).text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2
    assert text.count("#EXT-X-MAP") == 1


def test_an_init_section_goes_with_the_last_segment_that_needs_it() -> None:
    """A picture of another size every three seconds, for five minutes; then one size for good."""
    simulation = Simulation(length=10.0)
    simulation.begin(BOTH)
    times = evenly(10, 300)
    shots = []
    for index, at in enumerate(times):
        size = (160 + 16 * (index // 30), 180)
        shots.append(
            (at, picture(at, key=index % 30 == 0, number=index, sets=parameter_sets(size) if index % 30 == 0 else None))
        )
    simulation.run(list(shots), soundtrack(START - 100_000, START + 300 * SECOND))

    def inits() -> set[str]:
        return {name for name in simulation.window._resources if name.startswith("init")}

    listed = {segment.map.partition("/")[2] for segment in simulation.playlist().segments if segment.map is not None}
    assert listed <= inits()
    needed = {segment.map.partition("/")[2] for segment in simulation.playlist(Variant.SOUND).segments if segment.map}
    assert needed <= inits()
    assert len(inits()) <= 12  # of a hundred: a window, a window more, and the sound's
    again = START + 300 * SECOND
    simulation.run(film(evenly(30, 60, again), set(range(0, 1800, 60))), soundtrack(again, again + 60 * SECOND))
    assert inits() == {simulation.finished[-1].live.init.name, simulation.finished[-1].sound.init.name}


def test_what_is_complete_takes_nothing_more() -> None:
    """Whoever lost a part in between must not add the next one to the segment before: its name has been given out."""
    simulation = simulated(9, 30.0)
    parts = [part for _, part in simulation.parts]
    window = simulation.window
    before = dict(window._resources)
    follower = next(part for part in parts if part.head is None)
    for cut in (follower, SegmentEnd(0, 0)):
        with pytest.raises(ValueError, match="open"):
            window.publish([cut], 0, 0.0)
    assert window._resources == before
    assert window.break_off(0.0) is None
    opener = next(part for part in parts if part.head is not None)
    window.publish([opener], 0, 0.0)
    with pytest.raises(ValueError, match="open"):
        window.publish([opener], 0, 0.0)
    assert len(window._segments[Variant.LIVE][-1].parts) == 1


def test_a_part_that_cannot_be_taken_leaves_the_window_as_it_was() -> None:
    simulation = simulated(9, 30.0)
    window, text = simulation.window, simulation.text()
    opener = next(part for _, part in simulation.parts if part.head is not None)
    assert opener.head is not None
    assert opener.head.sets is not None
    endless = replace(opener.head.sets, sps=(opener.head.sets.sps[0] + bytes(70_000),))
    with pytest.raises(struct.error):
        window.publish([replace(opener, head=replace(opener.head, sets=endless))], 0, 0.0)
    assert simulation.text() == text
    assert [len(segments) for segments in window._segments.values()] == [len(simulation.finished)] * 2


def test_an_open_segment_can_end_with_what_it_has() -> None:
    simulation = Simulation(keep_playlists=True)
    simulation.begin(BOTH)
    simulation.run(film(evenly(30, 5), {0, 60, 120}), soundtrack(START - 100_000, START + 5 * SECOND))
    before = simulation.playlist()
    assert before.segments[-1].duration is None
    closed = simulation.window.break_off(0.0)
    after = simulation.playlist()
    assert broken_rules(after) == broken_promises(before, after) == []
    assert closed is not None
    assert after.segments[-1].duration == pytest.approx(sum(part.duration for part in before.segments[-1].parts), abs=1e-4)
    assert closed.live_bytes == bytes(simulation.window.resource(f"v{closed.live.msn}.m4s") or b"")


def test_parts_share_the_memory_of_their_segment() -> None:
    window = simulated(9, 30.0).window
    segment = window.resource("v1.m4s")
    part = window.resource("v1.2.m4s")
    assert isinstance(part, memoryview)
    assert part.obj is segment


@pytest.mark.parametrize(
    ("msn", "part", "contained"),
    [
        (0, None, True),
        (0, 3, True),
        (0, 9, True),
        (3, 3, True),
        (3, 4, False),
        (4, None, False),
        (4, 0, False),
        (9, None, False),
    ],
)  # fmt: skip
def test_contains_between_two_segments(msn: int, part: int | None, contained: bool) -> None:
    """Segments 0 to 3 of four parts are complete; the fifth has not begun."""
    simulation = Simulation()
    simulation.begin(BOTH)
    times = evenly(30, 9)
    simulation.run(film(times, set(range(0, len(times), 60))), soundtrack(START - 100_000, START + 9 * SECOND))
    cuts = [cut for _, cut in simulation.published]
    fifth = next(
        i for i, cut in enumerate(cuts) if isinstance(cut, Part) and cut.head and i > 0 and cut.head.start > 8 * 90_000
    )
    window = Window(folder="f", timing=Timing(0.5, 2), length=30)
    window.publish(cuts[:fifth], 0, 0.0)
    assert (window.open_msn, window.open_parts) == (4, 0)
    assert window.contains(msn, part) is contained


def test_the_multivariant_playlist_tells_rates_size_and_codecs() -> None:
    simulation = simulated(9, 30.0)
    simulation.window.frame_rate = 30.0
    lines = simulation.window.multivariant().decode().splitlines()
    assert lines[2].startswith("#EXT-X-STREAM-INF:BANDWIDTH=")
    assert 'CODECS="avc1.42c00d,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30.000' in lines[2]
    assert lines[3] == "live.m3u8"
    assert lines[5] == "audio.m3u8"
    assert "RESOLUTION" not in lines[4]


def test_many_different_queries_do_not_fill_the_memory() -> None:
    window = simulated(9, 30.0).window
    for number in range(500):
        assert f"token={number}".encode() in window.playlist(Variant.LIVE, query=f"?token={number}")
    assert len(window._rendered) <= 64


def test_the_end_keeps_every_promise() -> None:
    simulation = simulated(9, 30.0)
    before = simulation.playlist()
    simulation.window.end()
    after = parse(simulation.text())
    assert after.ended
    assert broken_rules(after) == broken_promises(before, after) == []
