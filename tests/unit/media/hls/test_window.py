"""The live window: what it holds, what it lets go of and when, what it says about it."""

from itertools import pairwise

import pytest

from server.media.cmaf.parts import Part
from server.media.hls.playlist import Timing
from server.media.hls.segments import Variant
from server.media.hls.window import Window
from tests.support.coded import START
from tests.support.hls_rules import broken_promises, broken_rules, parse
from tests.support.simulate import BOTH, Simulation, evenly, film, soundtrack

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


def test_bytes_stay_for_a_segment_and_a_window_after_they_are_unlisted() -> None:
    simulation = simulated(60, 10.0)
    window = simulation.window
    first = simulation.playlist().first_msn
    now = simulation.now / 1e6
    assert window.resource("v0.m4s") is None
    kept = [msn for msn in range(first) if window.resource(f"v{msn}.m4s") is not None]
    assert 5 <= len(kept) <= 7
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
