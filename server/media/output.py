"""A stream's way out: access units and Opus packets become the live window that players read, and the recording.

All calls come from the event loop and none blocks: sound is coded and files are written in worker threads. The packager, the
window and the recorder know nothing of each other; they meet here.
"""

import asyncio
from collections.abc import Callable

from ..core.clock import Clock
from ..core.ids import new_token
from ..core.tasks import Tasks
from .cmaf.packager import Cutting, Packager
from .cmaf.parts import Cut
from .cmaf.timeline import ticks
from .hls.playlist import Timing
from .hls.waiters import WaitBudget, Waiters
from .hls.window import Window
from .limits import MediaSettings
from .model import AccessUnit, OpusPacket, Tracks
from .transcoding import Frames, SoundPath
from .workers import MediaWorkers

_SWEEP_EVERY = 0.5
# A segment may exceed the target duration as long as it rounds down to it; the sound's end may lie two AAC frames later.
_OVER_TARGET = 0.4


class StreamOutput:
    """Implements `IngestSink`. `open` before use; `finish` or `discard` at the end."""

    def __init__(
        self, stream_id: str, settings: MediaSettings, clock: Clock, *, workers: MediaWorkers, budget: WaitBudget
    ) -> None:
        self.stream_id = stream_id
        self.last_media_at: int | None = None
        self.timing = timing_of(settings)
        self.window = Window(folder=new_token(96), timing=self.timing, length=settings.window)
        self.waiters = Waiters(budget)
        self._settings = settings
        self._clock = clock
        self._workers = workers
        self._packager = Packager(cutting_of(settings))
        self._sound: SoundPath | None = None
        self._tasks = Tasks(f"output {stream_id}")
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    async def open(self) -> None:
        """Start. A recording of the same stream goes on where it was."""
        self._tasks.every(_SWEEP_EVERY, self._sweep, "sweep")

    # IngestSink

    def begin(self, tracks: Tracks) -> None:
        if self._over:
            return
        self._run(lambda now: self._packager.begin(tracks))
        if self._sound is not None:
            self._sound.close()
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
        self.last_media_at = unit.at
        self._run(lambda now: self._packager.video(unit, now))

    def audio(self, packet: OpusPacket) -> None:
        if self._over or self._sound is None:
            return
        self.last_media_at = packet.at
        self._sound.feed(packet)

    def pause(self) -> None:
        if not self._over:
            self._run(lambda now: self._packager.pause())

    # The end

    async def finish(self) -> None:
        """Publish what is pending, say ENDLIST, seal the recording. The window can be read until `discard`."""
        if self._over:
            return
        self.pause()
        self._over = True
        self._stop_media()
        self.window.end()
        self.waiters.moved()

    async def discard(self) -> None:
        """Let everything go: nobody can watch any more. What was recorded stays on disk."""
        self._over = True
        self._stop_media()
        self.waiters.release()
        await self._tasks.aclose()

    def _stop_media(self) -> None:
        if self._sound is not None:
            self._sound.close()
            self._sound = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What the studio shows

    @property
    def recording(self) -> bool:
        """Whether media is being written to disk now."""
        return False

    @property
    def recording_fault(self) -> str | None:
        return None

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
            self._run(lambda now: self._packager.sound(frames, now))

    def _tick(self) -> None:
        self._timer = None
        self._run(self._packager.tick)

    def _run(self, work: Callable[[int], list[Cut]]) -> None:
        """Let the packager work, publish what it cut, and see when it wants to be woken."""
        now = self._clock.monotonic()
        cuts = work(round(now * 1e6))
        if cuts:
            self._publish(cuts, now)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._packager.wake_at is not None:
            delay = max(self._packager.wake_at / 1e6 - now, 0.001)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _publish(self, cuts: list[Cut], now: float) -> None:
        self.window.frame_rate = self._packager.rhythm.frame_rate
        self.window.publish(cuts, self._packager.origin or 0, now)
        self.waiters.moved()

    async def _sweep(self) -> None:
        now = self._clock.monotonic()
        self.waiters.sweep(now)
        self.window.expire(now)


def timing_of(settings: MediaSettings) -> Timing:
    return Timing(part_target=settings.part_target, target_duration=-int(-settings.segment_target // 1))


def cutting_of(settings: MediaSettings) -> Cutting:
    return Cutting(
        part_target=ticks(settings.part_target),
        segment_target=ticks(settings.segment_target),
        limit=ticks(timing_of(settings).target_duration + _OVER_TARGET),
    )
