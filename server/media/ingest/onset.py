"""The beginning of a session: its first units wait a moment, until it is known when they were really captured.

Encoders begin with a backlog: FFmpeg's muxer sends at once what it encoded while ICE and DTLS were set up, about a second.
Stamped on arrival, its first unit would be a second younger than it is, and the whole stream a second ahead of the wall clock.
The unit that came with the least delay tells the truth about all; with a backlog that is the newest, so it must be there before
the first stamp is given out. Each unit that comes sooner, by its timestamp, than all before it shows that the backlog is still
coming in; when no such one has come for a while, everything goes on with right stamps. Nothing is held back after that, and
nothing is dropped. Synchronous; a call says what time it is, in microseconds of the clock of the arrivals.
"""

from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ..model import Tracks
from .timeline import AUDIO_RATE, MICROS, VIDEO_RATE, Timeline, ticks_between

QUIET: Final = 150_000  # microseconds without a sooner unit; a few pictures, several packets of sound
PATIENCE: Final = 500_000  # the same while an announced track has not been heard at all: backlogs come one after the other
LONGEST: Final = 2_000_000  # from the first unit on, whatever comes
MOST: Final = 1_000  # units; a backlog of some seconds
_MARGIN: Final = 10_000  # sooner by less than this is jitter

Unit = TypeVar("Unit")


@dataclass(slots=True)
class _Least:
    """The least delayed unit of a track. Delays are relative to the first unit."""

    rate: int
    first: int | None = None  # RTP timestamp
    delay: int = 0
    known: int = 0  # the delay that was last taken for news
    anchor: tuple[int, int] | None = None  # timestamp and arrival

    def note(self, timestamp: int, arrived: int) -> bool:
        """Take a unit; True if it is the first, or tells that the delay is really less than was known."""
        news = self.first is None
        if self.first is None:
            self.first = timestamp
        delay = arrived - ticks_between(self.first, timestamp) * MICROS // self.rate
        if news or delay < self.delay:
            self.delay, self.anchor = delay, (timestamp, arrived)
        news = news or delay < self.known - _MARGIN
        if news:
            self.known = delay
        return news


@dataclass(slots=True)
class _Beginning(Generic[Unit]):
    """What is held, and how long still."""

    video: _Least = field(default_factory=lambda: _Least(VIDEO_RATE))
    audio: _Least = field(default_factory=lambda: _Least(AUDIO_RATE))
    held: list[tuple[bool, int, int, Unit]] = field(default_factory=list)  # is a picture, timestamp, arrival, unit
    since: int = 0
    news_at: int = 0


class Onset(Generic[Unit]):
    """Units in, the same units with their media time out, in the same order. Stands before the session's timeline."""

    def __init__(self, timeline: Timeline, tracks: Tracks) -> None:
        self._timeline = timeline
        self._tracks = tracks
        self._beginning: _Beginning[Unit] | None = _Beginning()

    def restart(self) -> None:
        """After a silence it is like at the beginning; what was still held is of no use any more."""
        self._timeline.restart()
        self._beginning = _Beginning()

    def picture(self, timestamp: int, arrived: int, unit: Unit, now: int) -> list[tuple[Unit, int]]:
        if self._beginning is None:
            return [(unit, self._timeline.stamp_video(timestamp, arrived))]
        return self._hold(self._beginning, True, timestamp, arrived, unit, now)

    def sound(self, timestamp: int, arrived: int, unit: Unit, now: int) -> list[tuple[Unit, int]]:
        if self._beginning is None:
            return [(unit, self._timeline.stamp_audio(timestamp, arrived))]
        return self._hold(self._beginning, False, timestamp, arrived, unit, now)

    def expire(self, now: int) -> list[tuple[Unit, int]]:
        """Time has passed. Call it every tenth of a second."""
        beginning = self._beginning
        if beginning is None or not beginning.held or not self._is_over(beginning, now):
            return []
        return self._release(beginning)

    def _hold(
        self, beginning: _Beginning[Unit], is_picture: bool, timestamp: int, arrived: int, unit: Unit, now: int
    ) -> list[tuple[Unit, int]]:
        track = beginning.video if is_picture else beginning.audio
        if not beginning.held:
            beginning.since = now
        if track.note(timestamp, arrived):
            beginning.news_at = now
        beginning.held.append((is_picture, timestamp, arrived, unit))
        return self._release(beginning) if self._is_over(beginning, now) else []

    def _is_over(self, beginning: _Beginning[Unit], now: int) -> bool:
        awaited = (self._tracks.video and beginning.video.first is None) or (
            self._tracks.audio and beginning.audio.first is None
        )
        quiet = now - beginning.news_at >= (PATIENCE if awaited else QUIET)
        return quiet or now - beginning.since >= LONGEST or len(beginning.held) >= MOST

    def _release(self, beginning: _Beginning[Unit]) -> list[tuple[Unit, int]]:
        self._beginning = None
        line = self._timeline
        line.anchor(video=beginning.video.anchor, audio=beginning.audio.anchor)
        return [
            (unit, line.stamp_video(timestamp, arrived) if is_picture else line.stamp_audio(timestamp, arrived))
            for is_picture, timestamp, arrived, unit in beginning.held
        ]
