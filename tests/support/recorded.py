"""What a recording holds, read from its manifest without the code that wrote it."""

import json
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

TICKS = 90_000  # a second
JUMP = 1.0  # s by which media time must jump to count as a loss; a new size of the picture is a discontinuity without one


@dataclass(frozen=True)
class Segment:
    """Seconds from the origin of the recording, and what its bytes hash to. `begins`: there is a loss before it, or nothing."""

    msn: int
    start: float
    duration: float
    sha256: str
    begins: bool

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True)
class Recorded:
    origin: float  # the wall clock at media time zero, seconds since the epoch
    segments: tuple[Segment, ...]
    opened: int  # the newest segment that players may have seen parts of

    @property
    def length(self) -> float:
        """What the replay lasts: the pauses are not in it."""
        return sum(segment.duration for segment in self.segments)

    @property
    def stretches(self) -> list[tuple[float, float]]:
        """From when to when it goes without a loss, on the wall clock."""
        begins = [segment.start for segment in self.segments if segment.begins]
        ends = [before.end for before, after in pairwise(self.segments) if after.begins] + [self.segments[-1].end]
        return [(self.origin + begin, self.origin + end) for begin, end in zip(begins, ends, strict=True)]

    @property
    def seams(self) -> list[float]:
        """Where in the replay something is missing, in seconds from its beginning."""
        starts = accumulate((segment.duration for segment in self.segments), initial=0.0)
        return [start for start, segment in zip(starts, self.segments, strict=False) if segment.begins and start > 0]


def recorded(folder: Path) -> Recorded:
    """The recording in this folder as its manifest tells it."""
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    assert lines[0]["kind"] == "recording"
    segments: list[Segment] = []
    for line in lines:
        if line["kind"] == "segment":
            live = line["live"]
            start = live["start"] / TICKS
            begins = not segments or start - segments[-1].end > JUMP
            segments.append(Segment(line["msn"], start, live["duration"] / TICKS, live["sha256"], begins))
    numbers = folder / "numbers.json"  # gone when the recording is sealed
    opened = json.loads(numbers.read_bytes())["newest"] if numbers.exists() else segments[-1].msn if segments else -1
    return Recorded(lines[0]["origin"] / 1e6, tuple(segments), opened)
