"""Watch time, from what a page says every ten seconds: where its picture stands, whether it plays, whether it is seen. Pure.

Between two reports of one page that both play and are seen, what the picture has moved on was watched, up to the time that
has passed on the server's clock. Moving on by much more is seeking, moving back too, and neither earns anything; nor does a
page that was silent for long. What was watched is a set of moments, however many devices saw them and however often; and it
is never more than the time during which any device was watching.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SILENCE = 35_000  # ms between two reports, beyond which nothing is known of the time between
SPEED, SLACK = 2.0, 2_000  # how much faster than the clock a replay may play, and ms by which buffers may jump
MOST_INTERVALS = 1_000

Interval = tuple[int, int]
"""ms, the end excluded."""

Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`at`: ms on the server's clock; `media`: ms of the broadcast; `watching`: it plays and is seen."""

    at: int
    media: int
    watching: bool


@dataclass(frozen=True, slots=True)
class Earned:
    media: Interval
    wall: Interval


@dataclass(frozen=True, slots=True)
class Watched:
    """`media`: the moments of the broadcast that were watched; `wall`: when anything was."""

    media: Intervals = ()
    wall: Intervals = ()

    @property
    def ms(self) -> int:
        return min(length(self.media), length(self.wall))

    def plus(self, earned: Earned) -> "Watched":
        media = united(self.media, earned.media)
        if len(media) > MOST_INTERVALS:
            return self
        return Watched(media, united(self.wall, earned.wall))


def earned(before: Report | None, now: Report, aired: int) -> Earned | None:
    """What a report proves, after the one before it of the same page. `aired`: how many ms were broadcast by now."""
    if before is None or not (before.watching and now.watching):
        return None
    elapsed, moved = now.at - before.at, now.media - before.media
    if not 0 < elapsed <= SILENCE or not 0 < moved <= elapsed * SPEED + SLACK:
        return None
    media = (max(0, now.media - min(moved, elapsed)), min(now.media, aired))
    return Earned(media, (before.at, now.at)) if media[0] < media[1] else None


def united(intervals: Intervals, more: Interval) -> Intervals:
    """With one more; those that touch are one."""
    first, last = more
    kept: list[Interval] = []
    for start, end in intervals:
        if end < first or start > last:
            kept.append((start, end))
        else:
            first, last = min(first, start), max(last, end)
    return tuple(sorted([*kept, (first, last)]))


def length(intervals: Iterable[Interval]) -> int:
    return sum(end - start for start, end in intervals)
