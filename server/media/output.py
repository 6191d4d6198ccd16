"""A stream's way out: access units and Opus packets become the live window that players read, and the recording.

All calls come from the event loop and none blocks: sound is coded and files are written in worker threads. The packager, the
window and the recorder know nothing of each other; they meet here. A failure in between costs what was pending: what has been
published stays as it is, and the stream goes on at the next key frame.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from ..core.clock import Clock
from ..core.ids import new_token
from ..core.tasks import Tasks
from .cmaf.packager import Cutting, Packager
from .cmaf.parts import Cut, Part
from .cmaf.timeline import micros_at, ticks
from .hls.playlist import Timing
from .hls.waiters import WaitBudget, Waiters
from .hls.window import Finished, Window
from .limits import MediaSettings
from .model import AccessUnit, OpusPacket, RecordingInfo, Tracks
from .recording.recorder import Kept, Recorder
from .transcoding import Frames, SoundPath
from .workers import MediaWorkers

log = structlog.get_logger(__name__)

_SWEEP_EVERY = 0.5
# A segment may exceed the target duration as long as it rounds down to it; the sound's end may lie two AAC frames later.
_OVER_TARGET = 0.4
_PARTS_AT_MOST = 32  # in a segment; only keeps fragment numbers growing over restarts
_SHORTEST = 0.4  # of the segment target: no stream goes on cutting shorter than that (`packager`)
_SEQUENCES = 1 << 31  # half of what a fragment number can be
_LEAD = 100_000  # microseconds; the first sound of a session may begin so long before its first packet


class StreamOutput:
    """Implements `IngestSink`. `open` before use; `finish` or `discard` at the end."""

    def __init__(
        self,
        stream_id: str,
        settings: MediaSettings,
        clock: Clock,
        *,
        workers: MediaWorkers,
        budget: WaitBudget,
        folder: Path | None = None,
    ) -> None:
        """`folder` is where the recording goes; None records nothing."""
        self.stream_id = stream_id
        self.reached = -1
        """The media time that an earlier run may have shown; what comes now lies after it."""
        self.timing = timing_of(settings)
        self.window = Window(folder=new_token(96), timing=self.timing, length=settings.window)
        self.waiters = Waiters(budget)
        self._settings = settings
        self._clock = clock
        self._workers = workers
        self._packager = Packager(cutting_of(settings))
        self._recorder = Recorder(folder, stream_id, workers.disk, clock) if folder is not None else None
        self._sound: SoundPath | None = None
        self._tasks = Tasks(f"output {stream_id}")
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    async def open(self) -> None:
        """Start. A recording of the same stream goes on where it was."""
        if self._recorder is not None:
            target = self._settings.segment_target
            kept = await self._recorder.open(window=self._settings.window, gap=target, shortest=target * _SHORTEST)
            if kept is not None:
                self._go_on(kept)
        self._tasks.every(_SWEEP_EVERY, self._sweep, "sweep")

    def _go_on(self, kept: Kept) -> None:
        """Take up an earlier run: the same clock, the same names, segment numbers that nobody has seen."""
        manifest, tail = kept.manifest, kept.tail
        self.window = Window(folder=manifest.folder, timing=self.timing, length=self._settings.window)
        self.window.restore(tail.segments, next_msn=kept.next_msn, discontinuities=tail.discontinuities)
        sequence = kept.next_msn * _PARTS_AT_MOST % _SEQUENCES
        self._packager = Packager(cutting_of(self._settings), origin=manifest.origin, sequence=sequence)
        self.reached = micros_at(manifest.origin, tail.end) + _LEAD

    # IngestSink

    def begin(self, tracks: Tracks) -> None:
        if self._over:
            return
        self._run(lambda now: self._packager.begin(tracks))
        if self._sound is not None:
            self._sound.forget()
            self._sound = None
        if tracks.audio:
            self._sound = SoundPath(
                self._workers.sound,
                self._settings.sound_bitrate,
                wanted=lambda: self._packager.sound_wanted,
                deliver=self._sound_ready,
            )

    def video(self, unit: AccessUnit) -> None:
        if self._over:
            return
        self._run(lambda now: self._packager.video(unit, now))

    def audio(self, packet: OpusPacket) -> None:
        if self._over or self._sound is None:
            return
        self._sound.feed(packet)

    def pause(self) -> None:
        if not self._over:
            if self._sound is not None:
                self._sound.forget()
            self._run(lambda now: self._packager.pause())

    # The end

    async def finish(self) -> None:
        """Publish what is pending, say ENDLIST, seal the recording. The window can be read until `discard`."""
        if self._over:
            return
        if self._sound is not None:
            await self._sound.drain()
        self.pause()
        self._over = True
        self._stop_media()
        self.window.end()
        self.waiters.moved()
        if self._recorder is not None:
            await self._recorder.seal()

    async def discard(self) -> None:
        """Let everything go: nobody can watch any more. What came is recorded, and the recording can be taken up again."""
        self.pause()
        self._over = True
        self._stop_media()
        self.waiters.release()
        await self._tasks.aclose()
        if self._recorder is not None:
            await self._recorder.close()

    def _stop_media(self) -> None:
        if self._sound is not None:
            self._sound.forget()
            self._sound = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What the studio shows

    @property
    def recording(self) -> bool:
        """Whether what comes is written to disk."""
        return self._recorder is not None and self._recorder.active

    @property
    def recording_fault(self) -> str | None:
        """`disk_full` or `folder_unwritable` while the recording has to stop."""
        return self._recorder.fault if self._recorder is not None else None

    @property
    def holds_recording(self) -> bool:
        """Whether the recording's files are open here."""
        return self._recorder is not None and self._recorder.busy

    @property
    def info(self) -> RecordingInfo | None:
        """What is durably recorded; None as long as nothing is."""
        return self._recorder.info if self._recorder is not None else None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the newest pictures, in pixels."""
        sets = self._packager.sets
        return (sets.picture.width, sets.picture.height) if sets is not None else None

    @property
    def frame_rate(self) -> float | None:
        return self._packager.rhythm.frame_rate

    # Inside

    def _sound_ready(self, frames: Frames) -> None:
        if not self._over:
            self._run_alone(lambda now: self._packager.sound(frames, now))

    def _tick(self) -> None:
        self._timer = None
        self._run_alone(self._packager.tick)

    def _run_alone(self, work: Callable[[int], list[Cut]]) -> None:
        """Like `_run`, where nobody is above who could be told of a failure."""
        try:
            self._run(work)
        except Exception:
            log.exception("cut_failed", stream=self.stream_id)

    def _run(self, work: Callable[[int], list[Cut]]) -> None:
        """Let the packager work, publish what it cut, and see when it wants to be woken."""
        now = self._clock.monotonic()
        try:
            cuts = work(round(now * 1e6))
            if cuts:
                self._publish(cuts, now)
        except Exception:
            self._break_off(now)
            raise
        finally:
            self._wake_later(now)

    def _wake_later(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._packager.wake_at is not None:
            delay = max(self._packager.wake_at / 1e6 - now, 0.001)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _publish(self, cuts: list[Cut], now: float) -> None:
        self.window.frame_rate = self._packager.rhythm.frame_rate
        origin = self._packager.origin or 0
        for cut in cuts:
            if self._recorder is not None and isinstance(cut, Part) and cut.head is not None:
                self._recorder.opened(self.window.open_msn, origin=origin, folder=self.window.folder)
            for finished in self.window.publish([cut], origin, now):
                self._record(finished)
        self.waiters.moved()

    def _record(self, finished: Finished) -> None:
        if self._recorder is not None:
            self._recorder.append(finished)

    def _break_off(self, now: float) -> None:
        """The packager is ahead of what was published: let both begin anew, behind what players have."""
        self._packager.drop()
        finished = self.window.break_off(now)
        if finished is not None:
            self._record(finished)
        self.waiters.moved()

    async def _sweep(self) -> None:
        now = self._clock.monotonic()
        self.waiters.sweep(now)
        self.window.expire(now)
        if self._recorder is not None:
            self._recorder.look(now)


def timing_of(settings: MediaSettings) -> Timing:
    return Timing(part_target=settings.part_target, target_duration=-int(-settings.segment_target // 1))


def cutting_of(settings: MediaSettings) -> Cutting:
    return Cutting(
        part_target=ticks(settings.part_target),
        segment_target=ticks(settings.segment_target),
        limit=ticks(timing_of(settings).target_duration + _OVER_TARGET),
    )
