"""Takes Opus packets off the event loop to the worker thread and brings AAC frames back, in order and in few trips.

A trip costs about as much as decoding two packets, so packets are collected: up to 100 ms of them, unless the packager needs
sound up to a moment that the newest packet reaches.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from .cmaf.sound import SoundTranscoder
from .model import OpusPacket

log = structlog.get_logger(__name__)

_BATCH = 5
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
        self._closed = False

    def feed(self, packet: OpusPacket) -> None:
        self._pending.append(packet)
        if self._job is None and (len(self._pending) >= _BATCH or packet.at + _PACKET >= self._wanted()):
            self._start()

    def close(self) -> None:
        """What is still under way is not wanted any more."""
        self._closed = True
        self._pending.clear()

    def _start(self) -> None:
        batch, self._pending = self._pending, []
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
        elif not self._closed:
            self._deliver(job.result())
        if not self._closed and self._pending and self._pending[-1].at + _PACKET >= self._wanted():
            self._start()
