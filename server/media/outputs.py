"""Makes the outputs of one process; they share its worker threads and its budget of waiting requests."""

from ..core.clock import Clock
from .hls.waiters import WaitBudget
from .limits import MediaSettings
from .output import StreamOutput
from .workers import MediaWorkers


class Outputs:
    def __init__(self, settings: MediaSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._workers = MediaWorkers()
        self._budget = WaitBudget(settings.blocked_in_all)

    def make(self, stream_id: str, recorded: bool) -> StreamOutput:
        return StreamOutput(stream_id, self._settings, self._clock, workers=self._workers, budget=self._budget)

    def close(self) -> None:
        """Wait for the threads; may take as long as the disk."""
        self._workers.close()
