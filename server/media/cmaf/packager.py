"""Cuts a stream into parts and segments on media time. Synchronous: pictures, AAC frames and the time go in, cuts come out.

Policy
- A segment begins at the key frame that really came, about every `segment_target`. If none comes, it is cut at `limit` all the
  same, and then the next key frame cuts again.
- Inside a segment parts lie on a grid of `part_target` from its start. A part holds the pictures shown in its interval and
  declares the interval, not the sum of its samples: with 15 pictures a second no whole number of them lies between 85 and 100 %
  of 0.25 s, yet a part every 0.25 s is what the rules ask for (draft-pantos-hls-rfc8216bis section 4.4.4.9).
- Sound ends 21 to 43 ms before the picture at every cut: AAC has two frames of lookahead, which a part need not wait for.
- A part goes out when the picture after its last one is there, so that each lasts exactly until the next; where that is late,
  without it. Missing sound is awaited 100 ms longer than it usually takes, then silence stands in; sound that comes later is
  dropped, pictures are not.
- Where neither pictures nor sound come, the open segment is filled up to `limit`, and no other begins before something does.
- A picture whose successor is unknown gets a generous duration: at a hole players stand still until they seek, while the sound
  goes on. An overlap does no harm, as the next decode time is always the true one. The last picture before a pause lasts as
  long as the sound.
- What media time does is the publisher's doing, so it is never waited for without end: a part that has been open for twice as
  long as a segment may get goes out with what there is, pictures that pile up all the same are thrown away up to the next key
  frame, and parameter sets that change all the time are not followed.
"""

from dataclasses import dataclass

from ..model import AccessUnit, Tracks
from .cadence import Changes, FrameRhythm, Lateness, Pace
from .fmp4 import fragment
from .h264 import ParameterSets, ParameterSetTracker, length_prefixed
from .parts import Cut, Part, SegmentEnd, SegmentHead
from .queues import Picture, PictureQueue, SoundQueue
from .timeline import AAC_SAMPLES, AAC_TICKS, TICKS, first_aac_frame, micros_at, origin_before, ticks_since

_SOUND_PATIENCE = TICKS // 10
_PICTURE_PATIENCE = TICKS // 20
_LATEST_PICTURE = TICKS // 10  # fewer pictures than ten a second are not waited for
_LATEST_SOUND = TICKS  # sound that lags the picture by more than a second is not waited for
_SLACK = TICKS // 20  # sound and picture of one segment start within 50 ms of each other
_BEFORE_LIMIT = TICKS // 10  # any picture so close to the limit may start the next segment
_STILL = 3 * TICKS
_MOST_AHEAD = 15 * TICKS  # from the open part to the newest picture; a session may begin with a backlog of ten seconds
_SET_CHANGES = (4, 10 * TICKS)  # so many in so long a time; a phone is turned, a browser adapts, hardly more often


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a stream is cut, in ticks. `limit` is the longest a segment may get."""

    part_target: int
    segment_target: int
    limit: int


@dataclass(slots=True)
class _Segment:
    head: SegmentHead
    independent: bool
    first: Picture | None
    part_start: int
    parts: int = 0


class Packager:
    """One stream. `origin` goes on from an earlier run of the same stream; times `now` are microseconds of any steady clock."""

    def __init__(self, cutting: Cutting, *, origin: int | None = None, sequence: int = 0) -> None:
        self.origin = origin
        self.wake_at: int | None = None
        """When `tick` is wanted if nothing comes before, in microseconds of `now`."""
        self._cutting = cutting
        self._sequence = sequence
        self._published = origin is not None
        self._broken = self._published  # what comes next does not continue what was published before
        self._set_changes = Changes(*_SET_CHANGES)
        self._clock = self._moved_at = 0  # now, and when something was last cut or begun
        self._restart(Tracks(video=True, audio=True))

    def _restart(self, tracks: Tracks) -> None:
        self.tracks = tracks
        self.rhythm = FrameRhythm()
        self._tracker = ParameterSetTracker()
        self._video_late = Lateness()
        self._sound_late = Lateness()
        self._pace = Pace()
        self._last_key: int | None = None
        self._key_interval: int | None = None
        # Sound alone is cut on its own frames and has nothing to lag behind; every declared duration is exact then.
        target = self._cutting.part_target
        self._grid = target if tracks.video else target // AAC_TICKS * AAC_TICKS
        self._lag = 1 if tracks.video else 0
        self._drop_pending()

    def _drop_pending(self) -> None:
        self._segment: _Segment | None = None
        self._resume: int | None = None  # a segment was cut at the limit here, the next one has not begun yet
        self._sets: ParameterSets | None = None
        self._newest_sets: ParameterSets | None = None  # of the pictures that wait
        self._awaiting_key = True
        self._pictures = PictureQueue()
        self._over = False  # nothing comes after what is pending
        self._sound = SoundQueue()
        self.wake_at = None

    def begin(self, tracks: Tracks) -> list[Cut]:
        """Another publishing session: close what is open; the next segment starts at its first key frame."""
        cuts = self.pause()
        self._restart(tracks)
        return cuts

    def video(self, unit: AccessUnit, now: int) -> list[Cut]:
        """A picture. Nothing is kept of those before the first key frame whose parameter sets are known."""
        self._tracker.feed(unit.nals)
        sets = self._tracker.current
        if not self.tracks.video or sets is None or (self._awaiting_key and not unit.key):
            return []
        if unit.key and not self._follows(sets, now):
            self._awaiting_key = True
            return []
        self._awaiting_key = False
        if self.origin is None:
            self.origin = origin_before(unit.at)
        at = ticks_since(self.origin, unit.at)
        if self.rhythm.last is not None:
            at = max(at, self.rhythm.last + 1)
        self._note_key(at, unit.key)
        self.rhythm.note(at)
        self._video_late.note(at, _clock(now))
        self._pictures.append(Picture(at, length_prefixed(unit.nals), unit.key, sets if unit.key else None))
        cuts = self._advance(now)
        if self._is_piled_up(at):
            cuts += self._give_up()
        return cuts

    def _is_piled_up(self, newest: int) -> bool:
        return self._pictures.is_full or (self._segment is not None and newest - self._segment.part_start > _MOST_AHEAD)

    def _follows(self, sets: ParameterSets, now: int) -> bool:
        """Whether a key frame with these parameter sets is taken; each change of them begins a segment, however short."""
        if self._newest_sets is not None and sets != self._newest_sets and not self._set_changes.allow(_clock(now)):
            return False
        self._newest_sets = sets
        return True

    def sound(self, frames: list[tuple[int, bytes]], now: int) -> list[Cut]:
        """AAC frames with their numbers on the grid from the epoch."""
        ceiling = None if self._video_late.value is None else self._video_late.value + _LATEST_SOUND
        for number, data in frames:
            if self.origin is None and not self.tracks.video:
                self.origin = origin_before(number * 64_000 // 3 + 1)
            if self.origin is not None:
                self._sound_late.note(self._ticks(number + 1), _clock(now), ceiling)
            self._sound.put(number, data)
        return self._advance(now)

    def tick(self, now: int) -> list[Cut]:
        """Time has passed; due at `wake_at`."""
        return self._advance(now)

    def pause(self) -> list[Cut]:
        """Close what is pending without waiting for more. Media that comes afterwards starts behind a discontinuity."""
        cuts: list[Cut] = []
        self._over = True
        while self._segment is not None or (self._resume is not None and self._pictures):
            if self._segment is None:
                self._open(None)
            elif not self._flush(self._segment, cuts):
                break
        self._over = False
        self._drop_pending()
        self._broken = self._published
        return cuts

    def drop(self) -> None:
        """Let go of what is pending, uncut; what was cut last may not have been published. Goes on behind a discontinuity."""
        self._restart(self.tracks)
        self._broken = self._published

    def _give_up(self) -> list[Cut]:
        """Too much is pending: drop it, and learn the publisher's ways anew."""
        cuts: list[Cut] = []
        if self._segment is not None:
            self._close(self._segment, self._segment.part_start, cuts)
        self.drop()
        return cuts

    @property
    def sound_wanted(self) -> int:
        """The media time up to which sound must have come for the next cut; 0 when none is awaited."""
        segment = self._segment
        if segment is None or self.origin is None:
            return 0
        turn = self._next_turn(segment)
        end = turn.at if turn is not None else self._grid_end(segment)
        return micros_at(self.origin, end + (2 - self._lag) * AAC_TICKS)

    @property
    def sets(self) -> ParameterSets | None:
        """The configuration of the newest pictures."""
        return self._tracker.current

    def _note_key(self, at: int, key: bool) -> None:
        if key:
            self._key_interval = at - self._last_key if self._last_key is not None else None
            self._last_key = at
            self._pictures.look_again()  # the interval decides

    def _ticks(self, frame: int) -> int:
        return (frame - first_aac_frame(self.origin or 0)) * AAC_TICKS

    def _frame_at(self, ticks: int) -> int:
        return first_aac_frame(self.origin or 0) + ticks // AAC_TICKS

    def _advance(self, now: int) -> list[Cut]:
        cuts: list[Cut] = []
        clock = self._clock = _clock(now)
        self.wake_at = None
        while self._step(None if self._is_overdue(clock) else clock, cuts):
            pass
        return cuts

    def _is_overdue(self, clock: int) -> bool:
        """Whether the open part has waited too long. Only what arrives can make it wait so: nobody need be woken for it."""
        return self._segment is not None and clock - self._moved_at >= 2 * self._cutting.limit

    def _step(self, clock: int | None, cuts: list[Cut]) -> bool:
        """Do the next thing that can be done now; False when something has to come first."""
        segment = self._segment
        if segment is None:
            return self._open(clock)
        turn = self._next_turn(segment)
        if turn is not None:
            return self._turn(segment, turn, clock, cuts)
        end = self._grid_end(segment)
        sound_end = max(self._frame_at(end) - self._lag, self._sound.next + 1)
        tail = self._tail(end, clock)
        if tail is None or not self._sound_ready(sound_end, clock) or not self._due(end, clock):
            return False
        self._cut(segment, end, sound_end, tail, cuts)
        self._close_if_long(segment, end, cuts)
        return True

    def _open(self, clock: int | None) -> bool:
        """Begin a segment: at a key frame, after a cut at the limit at the next picture, in sound alone at any frame."""
        first = self._pictures.first
        if self._resume is not None:
            start = self._resume
            if first is not None and first.at <= start + _SLACK:
                start = first.at if first.at > start - _SLACK else start  # what comes late does not turn the timeline back
            elif first is None and not self._worth_beginning(start, clock):
                return False
            else:
                first = None
        elif self.tracks.video:
            if first is None:
                return False
            start = first.at
            self._sound.start_at(max(self._frame_at(start) - self._lag, first_aac_frame(self.origin or 0)))
        else:
            if self._sound.oldest is None:
                return False
            self._sound.start_at(self._sound.oldest)
            start = self._ticks(self._sound.next)
        self._begin_segment(start, first)
        return True

    def _worth_beginning(self, start: int, clock: int | None) -> bool:
        """Whether a segment begins at `start` although no picture is there: none is to be expected then, and there is sound."""
        if self.tracks.video and not self._passed(start + _SLACK, self._video_late, clock):
            return False
        return not self.tracks.audio or self._sound.newest >= self._sound.next

    def _begin_segment(self, start: int, first: Picture | None) -> None:
        sets = first.sets if first is not None and first.sets is not None else self._sets
        discontinuity = self._broken or (self._sets is not None and sets != self._sets)
        self._sets = sets
        head = SegmentHead(start, self._ticks(self._sound.next), discontinuity, sets)
        independent = not self.tracks.video or (first is not None and first.key)
        self._segment = _Segment(head, independent, first, start)
        self._moved_at = self._clock
        self._pictures.look_again()
        self._resume = None

    def _next_turn(self, segment: _Segment) -> Picture | None:
        """The first picture inside the current part that has to begin another segment."""
        return self._pictures.find(
            lambda picture: picture is not segment.first and self._turns(segment, picture), self._grid_end(segment)
        )

    def _turns(self, segment: _Segment, picture: Picture) -> bool:
        length = picture.at - segment.head.start
        limit, target = self._cutting.limit, self._cutting.segment_target
        if not picture.key:
            return length >= limit - _BEFORE_LIMIT
        if picture.sets != self._sets or not segment.independent or length * 4 >= target * 3:
            return True
        # Take this key frame if the next one would come too late.
        return self._key_interval is not None and length * 5 >= target * 2 and length + self._key_interval > limit

    def _turn(self, segment: _Segment, turn: Picture, clock: int | None, cuts: list[Cut]) -> bool:
        """End the segment at the picture `turn` and begin the next one with it."""
        # A key frame that comes long after its time was passed begins where the timeline is.
        end = turn.at if turn.at > segment.part_start - _SLACK else segment.part_start
        pending = self._pictures.first is not turn
        sound = self._sound
        if pending or end - self._ticks(sound.next) > _SLACK:
            sound_end = max(self._frame_at(end) - self._lag, sound.next + 1)
            if not self._sound_ready(sound_end, clock) or not self._due(end, clock):
                return False
            length = min(max(end - segment.part_start, AAC_TICKS), self._grid)
            self._cut(segment, turn.at, sound_end, 0, cuts, length)
        self._close(segment, end, cuts)
        self._begin_segment(end, turn)
        return True

    def _tail(self, end: int, clock: int | None) -> int | None:
        """None while pictures before `end` may still come; else the duration for a last picture without a successor."""
        newest = self._pictures.newest
        if not self.tracks.video or (newest is not None and newest.at >= end):
            return self.rhythm.interval
        if clock is None:
            return self._rest(self._ticks(self._sound.newest + 1)) if self._over else _STILL
        patience = max(_PICTURE_PATIENCE, min(self.rhythm.interval * 5 // 4, _LATEST_PICTURE))
        return _STILL if self._passed(end, self._video_late, clock, patience) else None

    def _rest(self, end: int) -> int:
        """How long the newest picture lasts if nothing comes after it and all is over at `end`."""
        return max(self.rhythm.interval, end - (self.rhythm.last or 0))

    def _sound_ready(self, end: int, clock: int | None) -> bool:
        if not self.tracks.audio or self._sound.newest >= end - 1:
            return True
        late = self._sound_late if self._sound_late.value is not None else self._video_late
        return self._passed(self._ticks(end), late, clock, _SOUND_PATIENCE)

    def _passed(self, media: int, late: Lateness, clock: int | None, patience: int = _PICTURE_PATIENCE) -> bool:
        """Whether what belongs to `media` should have arrived by now; if not, ask to be woken then."""
        due = media + (late.value or 0) + patience
        if clock is None or clock >= due:
            return True
        self.wake_at = due * 100 // 9 + 1
        return False

    def _due(self, end: int, clock: int | None) -> bool:
        """Whether the complete cut at `end` may go out now; if not, ask to be woken then."""
        if clock is not None:
            due = self._pace.due(end, clock, min(self.rhythm.interval, _LATEST_PICTURE))
            if clock < due:
                self.wake_at = due * 100 // 9 + 1
                return False
            self._pace.published(end)
        return True

    def _grid_end(self, segment: _Segment) -> int:
        return min(segment.part_start + self._grid, segment.head.start + self._cutting.limit)

    def _cut(self, segment: _Segment, end: int, sound_end: int, tail: int, cuts: list[Cut], length: int | None = None) -> None:
        """Give out the part up to `end`."""
        first = self._pictures.first
        decode_time = first.at if first is not None else 0
        pictures = self._pictures.take_before(end, tail)
        sound_time = self._ticks(self._sound.next) // AAC_TICKS * AAC_SAMPLES
        sound = (sound_time, self._sound.take_until(sound_end))
        self._sequence += 1
        muxed = None
        if self.tracks.video:
            muxed = fragment(self._sequence, (decode_time, pictures) if pictures else None, sound)
        cuts.append(
            Part(
                head=segment.head if segment.parts == 0 else None,
                duration=end - segment.part_start if length is None else length,
                independent=not self.tracks.video or any(picture.key for picture in pictures),
                muxed=muxed,
                sound=fragment(self._sequence, None, sound),
                turns=self._expects_turn(segment, end),
            )
        )
        segment.part_start = end
        segment.parts += 1
        self._moved_at = self._clock
        self._broken = False
        self._published = True

    def _expects_turn(self, segment: _Segment, end: int) -> bool:
        """Whether the segment will probably end where this part ends, because a regular key frame is due."""
        length = end - segment.head.start
        if not self.tracks.video:
            return self._is_long(length)
        near = self.rhythm.interval // 2
        if any(picture.at <= end + near and self._turns(segment, picture) for picture in self._pictures):
            return True
        if self._last_key is None or self._key_interval is None or length * 4 < self._cutting.segment_target * 3:
            return length >= self._cutting.limit
        return abs(self._last_key + self._key_interval - end) <= near

    def _close(self, segment: _Segment, end: int, cuts: list[Cut]) -> None:
        if segment.parts:
            cuts.append(SegmentEnd(end, self._ticks(self._sound.next)))
        self._segment = None

    def _close_if_long(self, segment: _Segment, end: int, cuts: list[Cut]) -> None:
        if self._is_long(end - segment.head.start):
            self._close(segment, end if self.tracks.video else self._ticks(self._sound.next), cuts)
            self._resume = end

    def _is_long(self, length: int) -> bool:
        """Whether a segment of this length ends without waiting for a key frame."""
        enough = not self.tracks.video and length + self._grid // 2 > self._cutting.segment_target
        return enough or length >= self._cutting.limit

    def _flush(self, segment: _Segment, cuts: list[Cut]) -> bool:
        """One step of closing everything without waiting; False when the last segment is closed."""
        if self._step_is_full(segment):
            return self._step(None, cuts)
        end = segment.part_start
        newest = self._pictures.newest
        if newest is not None or self._sound.newest >= self._sound.next:
            shown = newest.at + self.rhythm.interval if newest is not None else 0
            heard = self._ticks(self._sound.newest + 1)
            end = min(max(shown, heard, end + AAC_TICKS), self._grid_end(segment))
            sound_end = max(self._frame_at(end), self._sound.next + 1)
            self._cut(segment, end, sound_end, self._rest(end), cuts)
        self._close(segment, end, cuts)
        return False

    def _step_is_full(self, segment: _Segment) -> bool:
        """Whether a whole part, or a turn to the next segment, is still pending."""
        end = self._grid_end(segment)
        newest = self._pictures.newest
        shown = newest is not None and newest.at >= end
        heard = self._ticks(self._sound.newest + 1) >= end
        return shown or heard or self._next_turn(segment) is not None


def _clock(now: int) -> int:
    return now * 9 // 100
