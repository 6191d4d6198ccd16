"""Traces of how media comes in, through onset and timeline as in a session: what is stamped, and when it goes on."""

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media import Tracks
from server.media.ingest.onset import LONGEST, MOST, PATIENCE, QUIET, Onset
from server.media.ingest.timeline import MICROS, NTP_TO_UNIX, Timeline

START = 1_800_000_000 * MICROS
BOTH = Tracks(video=True, audio=True)
FRAME = 40_000  # microseconds of a picture
PACKET = 20_000


@dataclass(frozen=True)
class Sent:
    """One unit of a trace: when it was captured and when it came."""

    captured: int
    arrived: int
    picture: bool


@dataclass(frozen=True)
class Shown:
    sent: Sent
    at: int
    passed_on: int

    @property
    def off(self) -> int:
        """How much older (+) or younger (−) than its capture media time makes it."""
        return self.sent.captured - self.at


def trace(seconds: float, *, connected: float = 0.0, per_unit: int = 4_000, delay: int = 30_000, jitter: int = 0) -> list[Sent]:
    """Captured from START on. Until `connected` all is kept; then the backlog goes out, `per_unit` apart, pictures first."""
    chance = random.Random(3)
    until = START + round(connected * MICROS)
    sent: list[Sent] = []
    leaves = until
    for picture, each in ((True, FRAME), (False, PACKET)):
        for n in range(round(seconds * MICROS / each)):
            captured = START + n * each
            leaves = max(leaves + per_unit, captured) if captured < leaves else captured
            sent.append(Sent(captured, leaves + delay + (chance.randrange(jitter) if jitter else 0), picture))
        leaves = max(until, START + sum(unit.arrived < until + MICROS for unit in sent) * per_unit) if connected else until
    return sorted(sent, key=lambda unit: unit.arrived)


def play(sent: Iterable[Sent], line: Timeline | None = None, tracks: Tracks = BOTH) -> list[Shown]:
    """A session's life, with its look at the clock ten times a second."""
    onset: Onset[Sent] = Onset(line or Timeline(), tracks)
    shown: list[Shown] = []
    looked = START
    for unit in sent:
        while looked + 100_000 < unit.arrived:
            looked += 100_000
            shown += [Shown(*found, looked) for found in onset.expire(looked)]
        ticks = (unit.captured - START) * (90_000 if unit.picture else 48_000) // MICROS
        take = onset.picture if unit.picture else onset.sound
        found = take((0xFFFFFF00 + ticks) & 0xFFFFFFFF, unit.arrived, unit, unit.arrived)
        shown += [Shown(*one, unit.arrived) for one in found]
    return shown


def check(shown: list[Shown], sent: list[Sent]) -> None:
    """Everything is passed on once, each track in its order, and time never runs back."""
    for picture in (True, False):
        assert [one.sent for one in shown if one.sent.picture == picture] == [unit for unit in sent if unit.picture == picture]
        stamps = [one.at for one in shown if one.sent.picture == picture]
        assert all(after > before for before, after in itertools.pairwise(stamps))


@pytest.mark.parametrize("backlog", [0.3, 1.0, 3.0])
def test_a_backlog_is_stamped_with_the_time_it_was_captured(backlog: float) -> None:
    sent = trace(backlog + 3, connected=backlog)
    shown = play(sent)
    check(shown, sent)
    assert all(abs(one.off + 30_000) <= 5_000 for one in shown)  # only the way is left, for sound and picture alike


@pytest.mark.parametrize("picture", [True, False])
def test_a_backlog_that_comes_slowly_is_mended_in_the_first_seconds(picture: bool) -> None:
    """An encoder that hardly overtakes real time: what the wait did not show is mended by running slower."""
    sent = [unit for unit in trace(20, connected=2.0, per_unit=25_000 if picture else 12_500) if unit.picture == picture]
    shown = play(sent, tracks=Tracks(video=picture, audio=not picture))
    check(shown, sent)
    assert shown[0].off < -500_000
    assert all(abs(one.off + 30_000) <= 110_000 for one in shown if one.sent.captured > START + 14 * MICROS)
    each = FRAME if picture else PACKET
    steps = [(after.at - before.at) / each for before, after in itertools.pairwise(shown)]
    assert 0.89 < min(steps) <= max(steps) < 1.01


def test_steady_media_waits_for_a_moment_only_at_its_beginning() -> None:
    sent = trace(3)
    shown = play(sent)
    check(shown, sent)
    assert all(abs(one.off + 30_000) <= 5_000 for one in shown)
    waited = [one.passed_on - one.sent.arrived for one in shown]
    assert max(waited) <= QUIET + PACKET
    assert all(pause == 0 for pause, one in zip(waited, shown, strict=True) if one.sent.captured > START + 2 * QUIET)


def test_jitter_neither_prolongs_the_wait_much_nor_moves_time() -> None:
    sent = trace(4, jitter=60_000)
    shown = play(sent)
    check(shown, sorted(sent, key=lambda unit: unit.arrived))
    assert max(one.passed_on - one.sent.arrived for one in shown) <= 3 * QUIET
    offs = [one.off for one in shown]
    assert max(offs) - min(offs) <= 60_000


def test_a_track_that_never_comes_is_not_waited_for_long() -> None:
    sent = [unit for unit in trace(2) if not unit.picture]
    shown = play(sent)
    check(shown, sent)
    assert max(one.passed_on - one.sent.arrived for one in shown) <= PATIENCE + PACKET


def test_a_track_that_comes_later_finds_its_place() -> None:
    sent = [unit for unit in trace(4) if not unit.picture or unit.captured >= START + MICROS]
    shown = play(sent)
    check(shown, sent)
    assert all(abs(one.off + 30_000) <= 5_000 for one in shown)


def test_a_track_that_comes_later_has_a_beginning_of_its_own() -> None:
    """Its backlog comes when the other track has long been going."""
    sound = [unit for unit in trace(4) if not unit.picture]
    pictures = [unit for unit in trace(4, connected=1.2) if unit.picture]
    sent = sorted([*sound, *pictures], key=lambda unit: unit.arrived)
    shown = play(sent)
    check(shown, sent)
    assert all(abs(one.off + 30_000) <= 5_000 for one in shown)
    assert all(one.passed_on == one.sent.arrived for one in shown if not one.sent.picture and one.sent.arrived > START + MICROS)


def test_a_backlog_without_end_is_not_waited_for() -> None:
    sent = trace(20, connected=10.0, per_unit=30_000)
    shown = play(sent)
    assert [one.sent for one in shown] == sent
    assert max(one.passed_on - one.sent.arrived for one in shown) <= LONGEST + 100_000


def test_so_many_units_are_held_and_no_more() -> None:
    onset: Onset[int] = Onset(Timeline(), BOTH)
    out = []
    for number in range(MOST):
        out = onset.sound(number * 960, START, number, START)
    assert len(out) == MOST


def test_one_unit_alone_is_not_held_for_ever() -> None:
    onset: Onset[str] = Onset(Timeline(), Tracks(video=True, audio=False))
    assert onset.picture(0, START, "only", START) == []
    assert onset.expire(START + QUIET - 1) == []
    assert onset.expire(START + QUIET) == [("only", START)]
    assert onset.expire(START + 2 * QUIET) == []


def test_a_stall_ends_with_a_backlog_too() -> None:
    """The network held everything for four seconds: the session was given up for silent, then all comes at once."""
    line = Timeline()
    onset: Onset[int] = Onset(line, Tracks(video=False, audio=True))
    before = [at for n in range(50) for _, at in onset.sound(n * 960, START + n * PACKET, n, START + n * PACKET)]
    onset.restart()
    returns = START + 5 * MICROS
    after = []
    for n in range(50, 300):
        arrived = max(returns, START + n * PACKET)
        after += [at for _, at in onset.sound(n * 960, arrived, n, arrived)]
    assert before
    assert after[0] == START + 50 * PACKET  # as if nothing had been
    assert after[-1] == START + 299 * PACKET


def test_a_backlog_never_reaches_back_before_what_was_shown() -> None:
    """Another encoder takes over: its backlog was captured while the first was still shown."""
    shown_until = START + 700_000
    sent = trace(4, connected=1.0)
    shown = play(sent, Timeline(lambda: shown_until))
    check(shown, sent)
    assert shown[0].at > shown_until
    assert all(abs(one.off + 30_000) <= 5_000 for one in shown if one.sent.captured > shown_until)


def test_a_clock_set_back_by_an_hour_moves_nothing_back() -> None:
    last = START + 3_600 * MICROS
    shown = play(trace(2, connected=1.0), Timeline(lambda: last))
    check(shown, [one.sent for one in shown])
    assert shown[0].at > last
    assert shown[-1].at - last < 3 * MICROS
    offs = [one.off for one in shown if one.sent.captured > START + 1_500_000]
    assert max(offs) - min(offs) < 20_000  # the same hour for both tracks, and evenly


def test_reports_put_sound_and_picture_together_all_the_same() -> None:
    """The picture comes 200 ms after the sound of its moment; a report before the first media says so."""
    sent = [replace(unit, arrived=unit.arrived + 200_000 * unit.picture) for unit in trace(5, connected=1.0)]
    sent.sort(key=lambda unit: unit.arrived)
    line = Timeline()
    wall = (START // MICROS + NTP_TO_UNIX) << 32
    line.report_video(wall, 0xFFFFFF00)
    line.report_audio(wall, 0xFFFFFF00)
    shown = play(sent, line)
    check(shown, sent)
    late = [one for one in shown if one.sent.captured > START + 3 * MICROS]
    assert all(abs(one.off + 30_000) <= 6_000 for one in late)


def test_a_leaping_timestamp_in_the_backlog_is_no_backlog() -> None:
    """The sender's clock was set in between; nothing is believed to be older than ten seconds."""
    onset: Onset[int] = Onset(Timeline(), Tracks(video=False, audio=True))
    out = []
    for number in range(40):
        leap = 60 * 48_000 if number >= 5 else 0
        out += onset.sound(number * 960 + leap, START + number * PACKET, number, START + number * PACKET)
    assert all(abs(at - (START + number * PACKET)) < 25_000 for number, at in out)


@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(
        st.tuples(st.booleans(), st.integers(0, 200_000), st.one_of(st.integers(0, 40_000), st.integers(0, 0xFFFFFFFF))),
        min_size=1,
        max_size=80,
    ),
    not_before=st.one_of(st.just(-1), st.integers(START - 10 * MICROS, START + 10 * MICROS)),
)
def test_whatever_comes_goes_on_once_and_forward(units: list[tuple[bool, int, int]], not_before: int) -> None:
    onset: Onset[int] = Onset(Timeline(lambda: not_before), BOTH)
    out: list[tuple[int, int]] = []
    now, timestamp = START, 0
    for number, (picture, pause, ticks) in enumerate(units):
        now += pause
        timestamp = (timestamp + ticks) & 0xFFFFFFFF
        out += (onset.picture if picture else onset.sound)(timestamp, now, number, now)
    out += onset.expire(now + LONGEST)
    assert [number for number, _ in out] == list(range(len(units)))
    for kind in (True, False):
        stamps = [at for number, at in out if units[number][0] == kind]
        assert all(after > before for before, after in itertools.pairwise([not_before, *stamps]))
