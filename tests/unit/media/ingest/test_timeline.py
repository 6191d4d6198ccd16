import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.ingest.timeline import MICROS, NTP_TO_UNIX, Timeline

START = 1_800_000_000 * MICROS
PICTURE = 3000  # ticks at 30 pictures a second
SOUND = 960  # ticks of 20 ms


def ntp(micros: int) -> int:
    seconds, rest = divmod(micros, MICROS)
    return (seconds + NTP_TO_UNIX) << 32 | (rest << 32) // MICROS


class Sender:
    """A camera and a microphone. Captured moments become RTP timestamps by clocks of the sender's own."""

    def __init__(self, *, video_base: int = 0xFFFFF000, audio_base: int = 0xFFFFFF00, clock_off: int = 7_777_777_777) -> None:
        self.video_base, self.audio_base, self.clock_off = video_base, audio_base, clock_off
        self.audio_rate = 48_000.0

    def video_timestamp(self, moment: int) -> int:
        return (self.video_base + (moment - START) * 90_000 // MICROS) & 0xFFFFFFFF

    def audio_timestamp(self, moment: int) -> int:
        return (self.audio_base + int((moment - START) * self.audio_rate / MICROS)) & 0xFFFFFFFF

    def report(self, line: Timeline, moment: int) -> None:
        line.report_video(ntp(moment + self.clock_off), self.video_timestamp(moment))
        line.report_audio(ntp(moment + self.clock_off), self.audio_timestamp(moment))


def run(
    line: Timeline,
    sender: Sender,
    seconds: float,
    *,
    video_delay: int,
    audio_delay: int,
    reports: bool,
    jitter: random.Random | None = None,
    first: float = 0.0,
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(captured, media time) of every picture and every packet."""
    events = [(START + round((first + n / 30) * MICROS), "video") for n in range(int(seconds * 30))]
    events += [(START + round((first + n / 50) * MICROS), "audio") for n in range(int(seconds * 50))]
    if reports:
        events += [(START + round((first + 0.5 + n) * MICROS), "report") for n in range(int(seconds))]
    pictures, sounds = [], []
    for moment, what in sorted(events):
        late = int(jitter.expovariate(1 / 8000)) if jitter is not None else 0
        if what == "video":
            pictures.append((moment, line.stamp_video(sender.video_timestamp(moment), moment + video_delay + late)))
        elif what == "audio":
            sounds.append((moment, line.stamp_audio(sender.audio_timestamp(moment), moment + audio_delay + late)))
        else:
            sender.report(line, moment)
    return pictures, sounds


def skew(pictures: list[tuple[int, int]], sounds: list[tuple[int, int]], since: int) -> int:
    """The largest difference between how late sound and picture are shown, from `since` on, in microseconds."""
    offsets = (
        [at - moment for moment, at in pictures if moment >= since],
        [at - moment for moment, at in sounds if moment >= since],
    )
    return max(abs(v - a) for v, a in itertools.product((min(offsets[0]), max(offsets[0])), (min(offsets[1]), max(offsets[1]))))


def test_the_first_unit_of_a_track_is_stamped_with_its_arrival() -> None:
    line = Timeline()
    assert line.stamp_video(123, START) == START
    assert line.stamp_audio(456, START + 5000) == START + 5000


def test_jitter_moves_nothing() -> None:
    line = Timeline()
    line.stamp_audio(0, START)
    stamps = [line.stamp_audio(n * SOUND, START + n * 20_000 + (n * 7919) % 30_000) for n in range(1, 200)]
    steps = {after - before for before, after in itertools.pairwise(stamps)}
    assert all(abs(step - 20_000) <= 41 for step in steps)  # 2 ms a second at most


def test_without_reports_sound_and_picture_are_together_by_arrival() -> None:
    pictures, sounds = run(Timeline(), Sender(), 20, video_delay=60_000, audio_delay=30_000, reports=False)
    assert skew(pictures, sounds, START) <= 50_000


def test_with_reports_the_picture_moves_onto_the_sound() -> None:
    """The picture takes 400 ms longer than the sound: encoder, pacing. Reports say so, and it is put right in seconds."""
    pictures, sounds = run(Timeline(), Sender(), 20, video_delay=450_000, audio_delay=50_000, reports=True)
    assert skew(pictures, sounds, START + 6 * MICROS) <= 5_000
    sound_steps = [after[1] - before[1] for before, after in itertools.pairwise(sounds)]
    assert all(abs(step - 20_000) <= 40 for step in sound_steps)  # the sound has not been touched


def test_reports_before_the_first_media_align_it_from_the_start() -> None:
    line, sender = Timeline(), Sender()
    sender.report(line, START - 200_000)
    pictures, sounds = run(line, sender, 5, video_delay=70_000, audio_delay=40_000, reports=True)
    assert skew(pictures, sounds, START) <= 50_000
    assert skew(pictures, sounds, START + 2 * MICROS) <= 5_000


def test_a_drifting_sound_card_stays_together_with_the_picture() -> None:
    """300 ppm fast over an hour is a second of sound too much; reports tie it to the picture all along."""
    line, sender = Timeline(), Sender()
    sender.audio_rate = 48_000 * 1.0003
    pictures, sounds = run(line, sender, 3600, video_delay=60_000, audio_delay=40_000, reports=True, jitter=random.Random(1))
    assert skew(pictures[-30 * 60 :], sounds[-50 * 60 :], START) <= 50_000
    assert abs(sounds[-1][1] - sounds[-1][0]) < 150_000  # nor has either left the wall clock


def test_both_clocks_may_wrap() -> None:
    """32 bits of RTP time pass their end a second after the start."""
    sender = Sender(video_base=0x100000000 - 90_000, audio_base=0x100000000 - 48_000)
    pictures, sounds = run(Timeline(), sender, 10, video_delay=40_000, audio_delay=40_000, reports=True)
    assert skew(pictures, sounds, START) <= 50_000
    assert pictures[-1][1] - pictures[0][1] == pytest.approx(pictures[-1][0] - pictures[0][0], abs=5_000)


def test_reports_of_unrelated_clocks_are_not_believed() -> None:
    """A sender whose two tracks report different wall clocks would be torn apart by an hour."""
    line, sender = Timeline(), Sender()
    for n in range(300):
        moment = START + n * 20_000
        line.stamp_audio(sender.audio_timestamp(moment), moment)
        line.stamp_video(sender.video_timestamp(moment), moment)
        if n == 50:
            line.report_audio(ntp(moment), sender.audio_timestamp(moment))
            line.report_video(ntp(moment + 3_600 * MICROS), sender.video_timestamp(moment))
    assert abs(line.last_at - (START + 299 * 20_000)) < 20_000


@pytest.mark.parametrize("leap", [5 * 48_000, -5 * 48_000, 0x7000_0000, 0x9000_0000])
def test_a_leaping_timestamp_starts_the_track_again(leap: int) -> None:
    line = Timeline()
    for n in range(100):
        at = line.stamp_audio(n * SOUND, START + n * 20_000)
    for n in range(100, 200):
        at = line.stamp_audio((n * SOUND + leap) & 0xFFFFFFFF, START + n * 20_000)
    assert abs(at - (START + 199 * 20_000)) < 25_000


@pytest.mark.parametrize("share", [0.0, 0.0004, 0.01, 0.5, 0.8, 1.2, 2.0, 10.0, 50.0, 100.0, 500.0])
@pytest.mark.parametrize("track", ["video", "audio"])
def test_a_clock_that_creeps_or_races_does_not_take_media_time_along(track: str, share: float) -> None:
    """At this share of its speed, for two minutes. Where it is heard beside an honest one, that one is not moved."""
    line = Timeline()
    slow, right = (line.stamp_video, line.stamp_audio) if track == "video" else (line.stamp_audio, line.stamp_video)
    rate, other_rate = (90_000, 48_000) if track == "video" else (48_000, 90_000)
    ahead, honest = [], []
    for n in range(120 * 50):
        arrived = START + n * 20_000
        at = slow(int(n * rate * 0.02 * share) & 0xFFFFFFFF, arrived)
        ahead.append((at - arrived) / MICROS)
        honest.append((right(n * other_rate // 50, arrived) - arrived) / MICROS)
    assert min(ahead) > -13.5  # three seconds, seen over one to two windows of five
    assert max(ahead) < 12.0  # once it might be a backlog, of ten seconds at most; and a last leap
    assert max(ahead[4000:]) < 6.0  # later three seconds and a leap
    assert max(map(abs, honest)) < 0.05


def test_a_network_that_slows_down_by_seconds_is_no_clock_gone_astray() -> None:
    """Everything comes later and later, by two and a half seconds in the end, stays so for a while, and recovers."""
    line = Timeline()
    stamps = []
    for n in range(60 * 50):
        late = min(max(n - 500, 0) * 5_000, 2_500_000) if n < 2000 else max(2_500_000 - (n - 2000) * 15_000, 0)
        stamps.append(line.stamp_audio(n * SOUND, START + n * 20_000 + late))
    steps = [after - before for before, after in itertools.pairwise(stamps)]
    assert all(abs(step - 20_000) <= 200 for step in steps)


def test_reports_of_the_clock_before_a_leap_are_forgotten() -> None:
    """The picture's clock is set back by a second and a half; by the old report that would be a picture so much older."""
    line, sender = Timeline(), Sender()
    for n in range(30 * 50):
        moment = START + n * 20_000
        at = line.stamp_video((sender.video_timestamp(moment) - (135_000 if n >= 500 else 0)) & 0xFFFFFFFF, moment)
        line.stamp_audio(sender.audio_timestamp(moment), moment)
        if n == 400:
            sender.report(line, moment)
    assert abs(at - moment) < 20_000


def test_a_backlog_of_six_seconds_that_shows_late_is_slowed_down_and_not_cut() -> None:
    """It comes in at twice the speed; nobody has looked ahead."""
    line = Timeline()
    stamps = []
    for n in range(30 * 50):
        captured = START + n * 20_000
        stamps.append(line.stamp_video(n * 1800, max(captured, START + 6 * MICROS + n * 10_000)))
    steps = [after - before for before, after in itertools.pairwise(stamps)]
    assert min(steps) >= 17_900
    assert stamps[-1] < captured + 5 * MICROS


def test_a_burst_after_a_stall_keeps_its_own_pace() -> None:
    """The network held everything for a second, then let it go at once: media time does not know."""
    line = Timeline()
    stamps = []
    for n in range(200):
        arrived = START + n * 20_000 if not 50 <= n < 100 else START + 100 * 20_000
        stamps.append(line.stamp_audio(n * SOUND, arrived))
    steps = [after - before for before, after in itertools.pairwise(stamps)]
    assert all(abs(step - 20_000) <= 200 for step in steps)


def test_after_a_silence_time_goes_on_from_the_arrival() -> None:
    line = Timeline()
    before = line.stamp_video(0, START)
    line.restart()
    after = line.stamp_video(90_000 * 5, START + 60 * MICROS)
    assert after == START + 60 * MICROS > before


def test_a_clock_set_back_does_not_take_the_stream_back() -> None:
    line = Timeline(lambda: START)
    first = line.stamp_video(0, START - 3_600 * MICROS)
    second = line.stamp_video(PICTURE, START - 3_600 * MICROS + 33_333)
    assert START < first < second
    assert line.stamp_audio(0, START - 3_600 * MICROS) > START


def test_a_report_that_knows_no_time_is_ignored() -> None:
    line = Timeline()
    line.report_audio(0, 0)
    line.report_video(0, 0)
    assert line.stamp_video(5, START) == START


@settings(max_examples=60, deadline=None)
@given(
    base=st.integers(0, 0xFFFFFFFF),
    steps=st.lists(
        st.tuples(st.integers(0, 400_000), st.one_of(st.integers(0, 40_000), st.integers(-0x7FFFFFFF, 0x7FFFFFFF))),
        min_size=2,
        max_size=80,
    ),
    reports=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 1 << 64), st.integers(0, 0xFFFFFFFF)), max_size=8),
)
def test_time_never_stands_still_or_runs_back(
    base: int, steps: list[tuple[int, int]], reports: list[tuple[int, int, int]]
) -> None:
    """Whatever timestamps and reports a sender invents."""
    line = Timeline()
    arrived, timestamp = START, base
    last_video = last_audio = -1
    for index, (pause, ticks) in enumerate(steps):
        for when, time, at in reports:
            if when == index:
                line.report_audio(time & 0xFFFFFFFFFFFFFFFF, at)
                line.report_video((time * 3) & 0xFFFFFFFFFFFFFFFF, at)
        arrived += pause
        timestamp = (timestamp + ticks) & 0xFFFFFFFF
        video, audio = line.stamp_video(timestamp, arrived), line.stamp_audio(timestamp, arrived)
        assert video > last_video
        assert audio > last_audio
        last_video, last_audio = video, audio


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    video_delay=st.integers(10_000, 120_000),
    audio_delay=st.integers(10_000, 80_000),
    reports=st.booleans(),
    clock_off=st.integers(-(10**14), 10**14),
)
def test_ordinary_senders_are_within_fifty_milliseconds_all_along(
    seed: int, video_delay: int, audio_delay: int, reports: bool, clock_off: int
) -> None:
    """With jitter; what the delays of the tracks differ by is known only from reports."""
    sender = Sender(clock_off=clock_off)
    pictures, sounds = run(
        Timeline(), sender, 15, video_delay=video_delay, audio_delay=audio_delay, reports=reports, jitter=random.Random(seed)
    )
    allowed = 30_000 + (0 if reports else abs(video_delay - audio_delay))
    assert skew(pictures, sounds, START + 5 * MICROS) <= allowed


def test_what_another_sent_until_the_first_unit_comes_counts() -> None:
    """Of two sessions the first goes on sending while the second is being set up."""
    shown_until = -1
    line = Timeline(lambda: shown_until)
    shown_until = START + 400_000
    line.anchor(video=(90_000, START + 500_000), audio=None)  # its backlog is a second long
    assert line.stamp_video(0, START + 500_000) == shown_until + 1
    shown_until = START + 10 * MICROS  # its own media is no bound for the other track
    assert line.stamp_audio(0, START + 500_000) == START + 500_000
