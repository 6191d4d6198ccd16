from datetime import timedelta

import pytest

from server.media import AccessUnit, OpusPacket, Tracks
from server.media.ingest.onset import PATIENCE
from server.media.ingest.tracks import MediaInput
from tests.support.clock import ManualClock
from tests.support.coded import pictures
from tests.support.publishing import Collected

OPUS = bytes([31 << 3]) + b"sound"  # 20 ms
BOTH = Tracks(video=True, audio=True)


class Feed:
    """A MediaInput, what it is fed with, and the sink behind it."""

    def __init__(self, clock: ManualClock, *, not_before: int = -1) -> None:
        self.clock = clock
        self.sink = Collected("stream", recorded=False)
        self.heard: list[bool] = []
        self.input = MediaInput(self.sink, BOTH, clock, (), lambda: not_before, lambda now, key: self.heard.append(key))
        self.sequence = 0
        self.frames = pictures(1)

    def picture(self, *, key: bool, timestamp: int) -> bool:
        gap = False
        nals = self.frames[0][0] if key else (b"\x41\x9aplain",)
        for nal in nals:
            gap = self.input.video_packet(self.sequence, timestamp, nal is nals[-1], nal) or gap
            self.sequence += 1
        return gap

    def sound(self, number: int) -> None:
        self.input.audio_packet(number, number * 960, False, OPUS)

    def settle(self) -> None:
        """The first units have waited long enough."""
        self.clock.advance(PATIENCE / 1e6)
        self.input.expire(self.clock.monotonic())

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp() * 1e6)


@pytest.fixture
def feed(clock: ManualClock) -> Feed:
    return Feed(clock)


def test_the_sink_is_told_of_the_beginning_once(feed: Feed) -> None:
    feed.sound(0)
    feed.picture(key=True, timestamp=0)
    feed.picture(key=False, timestamp=3000)
    assert feed.sink.begun == []  # held for a moment
    feed.settle()
    assert feed.sink.begun == [BOTH]
    assert [unit.key for unit in feed.sink.pictures] == [True, False]
    assert feed.heard == [False, True, False]
    assert feed.input.pictures == 2


def test_media_time_is_the_wall_clock(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.sound(0)
    came = feed.now
    feed.settle()
    assert isinstance(feed.sink.pictures[0], AccessUnit)
    assert isinstance(feed.sink.sounds[0], OpusPacket)
    assert abs(feed.sink.pictures[0].at - came) <= 1
    assert abs(feed.sink.sounds[0].at - (came - 20_000)) <= 1  # its first sample is as old as the packet is long


def test_a_wall_clock_set_meanwhile_does_not_matter(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.clock.advance(1.0)
    feed.clock.set_wall(feed.clock.now() - timedelta(hours=1))
    feed.picture(key=False, timestamp=90_000)
    feed.settle()
    assert feed.sink.pictures[1].at - feed.sink.pictures[0].at == pytest.approx(1_000_000, abs=2)


def test_the_size_comes_from_the_stream(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.settle()
    assert feed.input.size is not None
    assert feed.input.size.width * 9 == feed.input.size.height * 16


def test_after_a_silence_all_begins_anew_with_a_key_frame(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.settle()
    feed.input.pause()
    feed.input.pause()
    assert feed.sink.pauses == 1
    feed.clock.advance(60.0)
    feed.picture(key=False, timestamp=3000)
    assert [feed.input.wants_key, feed.input.wants_key] == [True, False]  # said once
    feed.picture(key=True, timestamp=6000)
    came = feed.now
    feed.settle()
    assert len(feed.sink.begun) == 2
    assert abs(feed.sink.pictures[1].at - came) <= 1


def test_a_gap_is_told_at_once_and_given_up_in_time(feed: Feed) -> None:
    assert not feed.picture(key=True, timestamp=0)
    feed.sound(0)
    feed.settle()
    feed.sequence += 1
    assert feed.picture(key=False, timestamp=6000)
    assert feed.input.missing() == [feed.sequence - 2]
    feed.sound(2)
    assert len(feed.sink.sounds) == 1
    feed.clock.advance(0.1)
    feed.input.expire(feed.clock.monotonic())
    assert len(feed.sink.sounds) == 2
    feed.clock.advance(0.4)
    feed.input.expire(feed.clock.monotonic())
    assert feed.input.missing() == []
    assert feed.input.wants_key
    assert len(feed.sink.pictures) == 1


def test_a_new_source_begins_with_a_key_frame(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.input.new_video_source()
    assert feed.input.wants_key
    feed.sequence = 40_000
    feed.picture(key=False, timestamp=0x8000_0000)
    feed.picture(key=True, timestamp=0x8000_0000 + 3000)
    feed.settle()
    assert [unit.key for unit in feed.sink.pictures] == [True, True]
    assert feed.sink.pictures[1].at > feed.sink.pictures[0].at


def test_a_session_goes_on_where_the_stream_was(clock: ManualClock) -> None:
    ahead = int(clock.now().timestamp() * 1e6) + 3_600_000_000
    feed = Feed(clock, not_before=ahead)
    feed.picture(key=True, timestamp=0)
    feed.settle()
    assert feed.sink.pictures[0].at == ahead + 1
    assert feed.input.last_at == ahead + 1


def test_what_is_still_held_when_all_falls_silent_is_dropped(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.input.pause()
    feed.settle()
    assert feed.sink.begun == []
    assert feed.sink.pauses == 0


def test_a_backlog_is_as_old_as_it_is(feed: Feed) -> None:
    """A second of pictures and sound comes at once, as FFmpeg's muxer sends it."""
    for number in range(31):
        feed.picture(key=number == 0, timestamp=number * 3000)
    for number in range(51):
        feed.sound(number)
    came = feed.now
    feed.settle()
    assert abs(feed.sink.pictures[0].at - (came - 1_000_000)) <= 1
    assert abs(feed.sink.pictures[-1].at - came) <= 1
    assert abs(feed.sink.sounds[-1].at - (came - 20_000)) <= 1


def test_what_came_is_counted_whoever_sent_it(feed: Feed) -> None:
    feed.picture(key=True, timestamp=0)
    feed.sound(0)
    feed.sound(1)
    assert feed.input.sound == pytest.approx(0.04)
    before = feed.input.units
    assert before > 0
    feed.sequence += 10
    feed.picture(key=False, timestamp=3000)
    missed = feed.input.units
    assert missed >= before + 10  # the missing packets count as what must be looked after
    feed.input.new_video_source()
    assert feed.input.units == missed
    feed.picture(key=True, timestamp=9000)
    assert feed.input.units > missed
