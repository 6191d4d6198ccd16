"""How many were watching, for the report and as the peak of a broadcast: written down while it is on air.

Once in ten seconds, and within two when there are more than ever: a process that is killed takes no more with it than that.
Every process that has people in the room writes the same number, of which the largest stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..broadcasts import BroadcastService
from ..core.clock import Clock
from ..core.db import Database
from . import store
from .reactions import beginning
from .store import Sample

_PEAK_WITHIN = 2.0  # s


@dataclass(slots=True)
class _Step:
    """Ten seconds of one room that are not over yet."""

    at: datetime
    viewers: int = 0
    most: int = 0


class Samples:
    def __init__(self, database: Database, broadcasts: BroadcastService, clock: Clock) -> None:
        self._database, self._broadcasts, self._clock = database, broadcasts, clock
        self._steps: dict[str, _Step] = {}
        self._peaks: dict[str, int] = {}  # what this process has written
        self._written_at = 0.0

    async def look(self, counts: Mapping[str, int]) -> None:
        """`counts`: viewers of those rooms that are on air and have somebody here."""
        at = beginning(self._clock.now())
        over = {each: step for each, step in self._steps.items() if step.at < at or each not in counts}
        self._steps = {each: step for each, step in self._steps.items() if each not in over}
        self._peaks = {each: peak for each, peak in self._peaks.items() if each in counts}
        for each, viewers in counts.items():
            step = self._steps.setdefault(each, _Step(at))
            step.viewers, step.most = viewers, max(step.most, viewers)
        higher = [each for each, step in self._steps.items() if step.most > self._peaks.get(each, 0)]
        soon = bool(higher) and self._clock.monotonic() - self._written_at >= _PEAK_WITHIN
        if over or soon:
            await self._write([*over.items(), *(self._steps.items() if soon else ())])

    async def close(self) -> None:
        await self._write(self._steps.items())

    async def over_time(self, broadcast_id: str) -> list[Sample]:
        """For reports: viewers in ten-second steps, in order; steps without anybody are left out."""
        async with self._database.reading() as session:
            return await store.samples(session, broadcast_id)

    async def _write(self, steps: Iterable[tuple[str, _Step]]) -> None:
        ordered = sorted(steps, key=lambda each: (each[0], each[1].at))  # as all processes do
        if not ordered:
            return
        self._written_at = self._clock.monotonic()
        peaks: dict[str, int] = {}
        async with self._database.transaction() as session:
            for broadcast_id, step in ordered:
                await store.sample(session, broadcast_id, Sample(step.at, step.viewers, step.most))
                peaks[broadcast_id] = max(step.most, peaks.get(broadcast_id, 0))
            await self._broadcasts.note_viewers(session, peaks)
        self._peaks |= {each: max(peak, self._peaks.get(each, 0)) for each, peak in peaks.items()}
