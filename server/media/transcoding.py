"""Takes Opus packets off the event loop to the worker thread and brings AAC frames back, in order and in few trips.

A trip costs about as much as decoding two packets, so packets are collected: up to 100 ms of them, unless the packager needs
sound up to a moment that the newest packet reaches. Streams share the threads, so no trip is long, whatever has come together;
and what the threads do not keep up with is left out, the oldest first.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from .cmaf.sound import SoundTranscoder
from .model import OpusPacket

log = structlog.get_logger(__name__)

_BATCH = 5
_MOST_BATCH = 50
_MOST_PENDING = 1000  # the longest backlog that a session may begin with, twice
_PACKET = 20_000  # microseconds; what browsers send

Frames = list[tuple[int, bytes]]


class SoundPath:
    """One publishing session's sound. `wanted` tells the media time up to which sound is needed for the next cut."""

    def __init__(
        self, executor: Executor, bit_rate: int, *, wanted: Callable[[], int], deliver: Callable[[Frames], None]
    ) -> None:
        self._executor = executor
        self._transcoder = SoundTranscoder(bit_rate)
        self._wanted = wanted
        self._deliver = deliver
        self._pending: list[OpusPacket] = []
        self._job: asyncio.Future[Frames] | None = None
        self._wanted_jobs = True

    def feed(self, packet: OpusPacket) -> None:
        self._pending.append(packet)
        if len(self._pending) > _MOST_PENDING:
            del self._pending[0]
        if self._job is None and (len(self._pending) >= _BATCH or packet.at + _PACKET >= self._wanted()):
            self._start()

    def forget(self) -> None:
        """What has come so far is not wanted any more."""
        self._pending.clear()
        self._wanted_jobs = False

    async def drain(self) -> None:
        """Bring in everything that has come so far."""
        while self._job is not None or self._pending:
            if self._job is None:
                self._start()
            await asyncio.wait([job for job in (self._job,) if job is not None])
            await asyncio.sleep(0)  # _done runs, and may start what came meanwhile

    def _start(self) -> None:
        batch, self._pending = self._pending[:_MOST_BATCH], self._pending[_MOST_BATCH:]
        self._wanted_jobs = True
        self._job = asyncio.get_running_loop().run_in_executor(self._executor, self._transcoder.feed, batch)
        self._job.add_done_callback(self._done)

    def _done(self, job: "asyncio.Future[Frames]") -> None:
        self._job = None
        if job.cancelled():
            return
        error = job.exception()
        if error is not None:
            # A defect in the codec costs the sound of this batch, not the stream; silence stands in for it.
            log.error("sound_transcoding_failed", exc_info=error)
        elif self._wanted_jobs:
            self._deliver(job.result())
        if len(self._pending) >= _BATCH or (self._pending and self._pending[-1].at + _PACKET >= self._wanted()):
            self._start()
