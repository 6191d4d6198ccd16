"""Makes the outputs of one process; they share its worker threads, its budget of waiting requests and the recordings."""

import asyncio

from ..core.clock import Clock
from .hls.waiters import WaitBudget
from .limits import MediaSettings
from .output import StreamOutput
from .recording.store import Recordings
from .workers import MediaWorkers


class Outputs:
    def __init__(self, settings: MediaSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._workers = MediaWorkers()
        self._budget = WaitBudget(settings.blocked_in_all)
        self.recordings = Recordings(settings.recordings_dir, disk=self._workers.disk, remux=self._workers.remux)

    def make(self, stream_id: str, recorded: bool) -> StreamOutput:
        folder = self.recordings.path(stream_id) if recorded else None
        return StreamOutput(stream_id, self._settings, self._clock, workers=self._workers, budget=self._budget, folder=folder)

    async def close(self) -> None:
        """Wait for the threads; may take as long as the disk."""
        await self.recordings.close()
        await asyncio.to_thread(self._workers.close)
