"""From RTP timestamps to media time: wall-clock microseconds that sound and picture share. Synchronous, holds no clock.

Policy. A track starts on arrival: its first unit is stamped with the time at which it came, or, where `onset` has looked at
several before, with the time the least delayed of them tells. From then on time follows the RTP clock, not arrivals, so network
jitter moves nothing. Sender reports (RFC 3550 section 6.4.1) tie both RTP clocks to the publisher's own wall clock; once both
tracks have one, the picture is moved onto the sound. The sound itself is only moved against drift, very slowly, for a gap or an
overlap in sound is heard where one in the picture is not seen; only in its first seconds a session that proves to be far ahead
of the wall clock is slowed down faster. Without reports each track follows its own earliest arrivals. Corrections are bounded
shares of the time that passed, so time never runs backwards. A timestamp jump that no network explains starts the track on
arrival again, and so does a clock that has left the arrivals, little by little, further than any network would: one that stands
still, creeps or races does not take media time along. Where the wall clock was set back, all arrivals are taken to be so much
later that the stream goes on.
"""

from collections.abc import Callable
from typing import Final

MICROS: Final = 1_000_000
NTP_TO_UNIX: Final = 2_208_988_800  # seconds from 1900 to 1970
VIDEO_RATE: Final = 90_000  # ticks a second
AUDIO_RATE: Final = 48_000

PICTURE_SLEW: Final = 0.10  # a picture may last a tenth longer or shorter while it is moved onto the sound
DRIFT_SLEW: Final = 0.002  # ten times any honest oscillator, 2 ms a second
CATCH_UP_SLEW: Final = 0.01  # where the error is large
BACKLOG_SLEW: Final = 0.10  # of a session that is far ahead of the wall clock, in its beginning
LARGE: Final = 100_000  # microseconds
SETTLING: Final = 3 * MICROS  # a picture is moved freely in its first seconds: key frames are paced, first packets late
BACKLOG_SETTLING: Final = 15 * MICROS  # a backlog that comes hardly faster than real time shows itself only so late
MAX_BACKLOG: Final = 10 * MICROS  # older than this at its arrival no unit is believed to be
MAX_SKEW: Final = (
    2 * MICROS
)  # reports that pull sound and picture further apart than this contradict the arrivals: not believed
STEP: Final = 1  # the least step between two units of a track

_BACK: Final = -1 * MICROS  # an RTP clock that goes back further than this,
_LEAP: Final = 2 * MICROS  # or runs ahead of the arrivals by more than this from one unit to the next,
_STALL: Final = -10 * MICROS  # or falls behind them by more than this, has been set anew
_ASTRAY: Final = 3 * MICROS  # or has come away from the earliest arrivals by more than this, step by step
_WINDOW: Final = 5 * MICROS  # the earliest arrival is sought over one to two of these
_SMOOTHING: Final = 4  # a report moves the estimate by a quarter of its difference, for reports jitter too
_REPORT_JUMP: Final = 200_000  # unless it differs by more than this: then the sender's clock was set


class TrackClock:
    """One track's RTP clock. Offsets are microseconds to add to the RTP clock, which is 0 at the first unit."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._timestamp = 0
        self._ticks = 0
        self._previous = 0  # RTP clock and arrival of the unit before
        self._previous_arrival = 0
        self._last_report: tuple[int, int] | None = None
        self._anchor: tuple[int, int] | None = None
        self._lead = 0  # RTP clock of the unit that told the start
        self._earliest = self._earliest_before = 0
        self._window_ends = 0
        self.started = False
        self._trusted = True  # until it has to be started again
        self.offset = 0
        self.report: int | None = None  # the sender's wall clock minus the RTP clock, from its reports
        self.last_at = -1

    def anchor(self, timestamp: int, arrived: int) -> None:
        """Let the next start be told by this unit, which may come later than the first."""
        self._anchor = (timestamp, arrived)

    def stamp(self, timestamp: int, arrived: int) -> int:
        """Take the next unit; return its RTP clock in microseconds."""
        if not self.started or self._is_jump(timestamp, arrived) or self._is_astray:
            self._start(timestamp, arrived)
        delta = self._ahead(timestamp)
        self._ticks += delta
        self._timestamp = timestamp
        clock = self._ticks * MICROS // self._rate
        self._note_arrival(clock, arrived)
        return clock

    def place(self, clock: int, target: int, share: float) -> int:
        """Move the offset towards `target` by at most `share` of the time since the last unit; give out the media time."""
        room = int(max(clock - self._previous, 0) * share)
        self._previous = clock
        self.offset += min(max(target - self.offset, -room), room)
        self.last_at = max(clock + self.offset, self.last_at + STEP)
        return self.last_at

    def note_report(self, wall: int, timestamp: int) -> None:
        self._last_report = (wall, timestamp)
        if not self.started:
            return
        fresh = wall - self._clock_at(timestamp)
        if self.report is None or abs(fresh - self.report) > _REPORT_JUMP:
            self.report = fresh
        else:
            self.report += (fresh - self.report) // _SMOOTHING

    @property
    def by_arrival(self) -> int:
        """The offset by the earliest arrivals of late: the least delayed units show the sender's clock best."""
        return min(self._earliest, self._earliest_before)

    @property
    def settling(self) -> bool:
        """Whether the session is so young that a picture may be moved freely."""
        return self._previous < self._lead + SETTLING

    @property
    def backlogged(self) -> bool:
        """Whether the session is young and shows to have begun with a backlog: it is far ahead of its earliest arrivals."""
        return self.by_arrival - self.offset < -LARGE and self._previous < self._lead + BACKLOG_SETTLING

    def _ahead(self, timestamp: int) -> int:
        """Ticks from the last timestamp to this one; 32 bits wrap after 13 hours of video, 25 of audio."""
        return ticks_between(self._timestamp, timestamp)

    def _clock_at(self, timestamp: int) -> int:
        return (self._ticks + self._ahead(timestamp)) * MICROS // self._rate

    def _is_jump(self, timestamp: int, arrived: int) -> bool:
        step = self._ahead(timestamp) * MICROS // self._rate
        beyond = step - (arrived - self._previous_arrival)
        return step < _BACK or beyond > _LEAP or beyond < _STALL

    @property
    def _is_astray(self) -> bool:
        """Whether the clock has left the arrivals for good. One that was never caught may only have begun with a backlog."""
        ahead = self.offset - self.by_arrival
        return ahead < -_ASTRAY or ahead > (MAX_BACKLOG if self._trusted else _ASTRAY)

    def _start(self, timestamp: int, arrived: int) -> None:
        self._timestamp, self._ticks, self._previous = timestamp, 0, 0
        self.offset = self._earliest = self._earliest_before = self._anchored(timestamp, arrived)
        self._window_ends = arrived + _WINDOW
        self._trusted = not self.started
        if self.started:
            self._last_report = None  # it spoke of the clock before
        self.started = True
        self.report = None
        if self._last_report is not None:
            self.note_report(*self._last_report)

    def _anchored(self, timestamp: int, arrived: int) -> int:
        """Media time of the first unit."""
        self._lead = 0
        if self._anchor is not None:
            (told, told_at), self._anchor = self._anchor, None
            lead = ticks_between(timestamp, told) * MICROS // self._rate
            if 0 <= lead <= MAX_BACKLOG:
                self._lead = lead
                return min(arrived, told_at - lead)
        return arrived

    def _note_arrival(self, clock: int, arrived: int) -> None:
        delay = arrived - clock
        if arrived >= self._window_ends:
            self._earliest_before, self._earliest = self._earliest, delay
            self._window_ends = arrived + _WINDOW
        elif delay < self._earliest:
            self._earliest = delay
        self._previous_arrival = arrived


class Timeline:
    """Media time for one publishing session.

    `not_before` is asked at each start for the stream's last media time, whoever sent it: nothing may come before that, even if
    the clock has gone back, or if what comes was captured while another was still sending.
    """

    def __init__(self, not_before: Callable[[], int] = lambda: -1) -> None:
        self._not_before = not_before
        self._audio = TrackClock(AUDIO_RATE)
        self._video = TrackClock(VIDEO_RATE)
        self._shift: int | None = None  # by how much the wall clock was set back

    def anchor(self, *, video: tuple[int, int] | None, audio: tuple[int, int] | None) -> None:
        """Before a start: for each track the RTP timestamp and arrival of its least delayed unit so far."""
        for track, told in ((self._video, video), (self._audio, audio)):
            if told is not None:
                track.anchor(told[0], self._shifted(told[1]))

    def stamp_audio(self, timestamp: int, arrived: int) -> int:
        """Media time of a packet's first sample; `arrived` in microseconds since the epoch."""
        audio = self._audio
        clock = audio.stamp(timestamp, self._shifted(arrived))
        target = audio.by_arrival
        return audio.place(clock, target, BACKLOG_SLEW if audio.backlogged else _drift(target - audio.offset))

    def stamp_video(self, timestamp: int, arrived: int) -> int:
        """Media time of a picture; `arrived` is that of its first packet, in microseconds since the epoch."""
        video = self._video
        clock = video.stamp(timestamp, self._shifted(arrived))
        target = self._onto_sound()
        if target is not None:
            return video.place(clock, target, PICTURE_SLEW)
        target = video.by_arrival
        share = PICTURE_SLEW if video.settling or video.backlogged else _drift(target - video.offset)
        return video.place(clock, target, share)

    def report_audio(self, ntp: int, timestamp: int) -> None:
        """A sender report: 64-bit NTP time and the RTP timestamp of the same moment."""
        _report(self._audio, ntp, timestamp)

    def report_video(self, ntp: int, timestamp: int) -> None:
        _report(self._video, ntp, timestamp)

    def restart(self) -> None:
        """After a silence both tracks start on arrival again; media time goes on from where it was."""
        self._audio.started = self._video.started = False
        self._shift = None

    @property
    def last_at(self) -> int:
        """The newest media time given out; -1 before the first."""
        return max(self._audio.last_at, self._video.last_at)

    def _shifted(self, arrived: int) -> int:
        """An arrival as media time; the first one after a start comes after everything that was given out before."""
        if self._shift is None:
            last = max(self.last_at, self._not_before())
            self._audio.last_at = self._video.last_at = last
            self._shift = max(last + STEP - arrived, 0)
        return arrived + self._shift

    def _onto_sound(self) -> int | None:
        """The picture's offset at which both tracks agree by the sender's reports; None while that is not known."""
        audio, video = self._audio, self._video
        if not audio.started or audio.report is None or video.report is None:
            return None
        target = video.report - audio.report + audio.offset
        return target if abs(target - video.by_arrival) <= MAX_SKEW else None


def ticks_between(first: int, second: int) -> int:
    """From one RTP timestamp to another, which may lie before it; both count 32 bits round and round."""
    delta = (second - first) & 0xFFFFFFFF
    return delta - 0x100000000 if delta >= 0x80000000 else delta


def _drift(error: int) -> float:
    return CATCH_UP_SLEW if abs(error) > LARGE else DRIFT_SLEW


def _report(track: TrackClock, ntp: int, timestamp: int) -> None:
    if ntp >> 32:  # 0: the sender does not know the time
        wall = ((ntp >> 32) - NTP_TO_UNIX) * MICROS + ((ntp & 0xFFFFFFFF) * MICROS >> 32)
        track.note_report(wall, timestamp)
