"""The beginning of a session: its first units wait a moment, until it is known when they were really captured.

Encoders begin with a backlog: FFmpeg's muxer sends at once what it encoded while ICE and DTLS were set up, about a second.
Stamped on arrival, its first unit would be a second younger than it is, and the whole stream a second ahead of the wall clock.
The unit that came with the least delay tells the truth about all; with a backlog that is the newest, so it must be there before
the first stamp is given out. Each unit that comes sooner, by its timestamp, than all before it shows that the backlog is still
coming in; when no such one has come for a while, everything goes on with right stamps. Nothing is held back after that, and
nothing is dropped. A track that comes much later than the other has a beginning of its own.

Synchronous; a call says what time it is, in microseconds of the clock of the arrivals.
"""

from dataclasses import dataclass
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
class _Track:
    """What is known of a track that has not begun yet. Delays are relative to its first unit."""

    rate: int
    waiting: bool
    first: int | None = None  # RTP timestamp
    delay: int = 0  # the least
    known: int = 0  # the one that was last taken for news
    anchor: tuple[int, int] | None = None  # timestamp and arrival of the least delayed unit

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


class Onset(Generic[Unit]):
    """Units in, the same units with their media time out, each track in its order. Stands before the session's timeline."""

    def __init__(self, timeline: Timeline, tracks: Tracks) -> None:
        self._timeline = timeline
        self._announced = tracks
        self._begin()

    def _begin(self) -> None:
        self._video = _Track(VIDEO_RATE, waiting=self._announced.video)
        self._audio = _Track(AUDIO_RATE, waiting=self._announced.audio)
        self._held: list[tuple[_Track, int, int, Unit]] = []  # with timestamp and arrival
        self._since = self._news_at = 0

    def restart(self) -> None:
        """After a silence it is like at the beginning; what was still held is of no use any more."""
        self._timeline.restart()
        self._begin()

    def picture(self, timestamp: int, arrived: int, unit: Unit, now: int) -> list[tuple[Unit, int]]:
        if self._video.waiting:
            return self._hold(self._video, timestamp, arrived, unit, now)
        return [(unit, self._timeline.stamp_video(timestamp, arrived))]

    def sound(self, timestamp: int, arrived: int, unit: Unit, now: int) -> list[tuple[Unit, int]]:
        if self._audio.waiting:
            return self._hold(self._audio, timestamp, arrived, unit, now)
        return [(unit, self._timeline.stamp_audio(timestamp, arrived))]

    def expire(self, now: int) -> list[tuple[Unit, int]]:
        """Time has passed. Call it every tenth of a second."""
        return self._release() if self._held and self._is_over(now) else []

    def _hold(self, track: _Track, timestamp: int, arrived: int, unit: Unit, now: int) -> list[tuple[Unit, int]]:
        if not self._held:
            self._since = now
        if track.note(timestamp, arrived):
            self._news_at = now
        self._held.append((track, timestamp, arrived, unit))
        return self._release() if self._is_over(now) else []

    def _is_over(self, now: int) -> bool:
        awaited = any(track.waiting and track.first is None for track in (self._video, self._audio))
        quiet = now - self._news_at >= (PATIENCE if awaited else QUIET)
        return quiet or now - self._since >= LONGEST or len(self._held) >= MOST

    def _release(self) -> list[tuple[Unit, int]]:
        line, held, self._held = self._timeline, self._held, []
        video, audio = self._video, self._audio
        line.anchor(
            video=video.anchor if video.waiting else None,
            audio=audio.anchor if audio.waiting else None,
        )
        for track in (video, audio):
            track.waiting = track.waiting and track.first is None
        return [
            (unit, line.stamp_video(timestamp, arrived) if track is video else line.stamp_audio(timestamp, arrived))
            for track, timestamp, arrived, unit in held
        ]
