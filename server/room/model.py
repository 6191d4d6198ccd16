"""What people may do in a broadcast's room beside writing, how fast, and how often a room is told of numbers. Pure rules."""

import enum

from ..broadcasts import ON_AIR, OVER, Broadcast, refuse_over, rights
from ..core.buckets import Buckets
from ..core.errors import Conflict, Forbidden
from ..identity import Member

MOST_AT_ONCE = 50  # taps in one batch
MOST_CHARACTERS = 200  # of a notice
TAPS_PER_SECOND = 20.0  # of one person, sustained
TAPS_BURST = 150.0
BUCKET_SECONDS = 10  # for which reactions are counted together, and viewers sampled
_TOLD_PER_SECOND = 5000  # messages with numbers that one room may cost; a large one is told less often


class Kind(enum.StrEnum):
    LIKE = "like"
    APPLAUSE = "applause"
    FLOWER = "flower"
    HEART = "heart"


class NoticeKind(enum.StrEnum):
    PINNED = "pinned"
    ANNOUNCED = "announced"


def check_on_air(broadcast: Broadcast) -> None:
    """Raise Conflict `reactions_closed` unless it can be reacted to now."""
    if broadcast.state not in ON_AIR:
        raise Conflict("reactions_closed", "不在直播中，暂时不能互动")


def check_keeper(broadcast: Broadcast, member: Member) -> None:
    """Raise Forbidden `keeper_needed` for whoever only watches, Conflict `broadcast_over` when nobody is left to read it."""
    if not rights(broadcast, member).insider:
        raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以发布公告")
    if broadcast.state in OVER:
        raise refuse_over(broadcast)


def pause(listeners: int) -> float:
    """Seconds between two signals of a room with so many connections: small ones see taps at once, large ones stay cheap."""
    return min(max(listeners / _TOLD_PER_SECOND, 0.2), 2.0)


class Pace(Buckets):
    """A bucket of taps for each person."""

    def __init__(self) -> None:
        super().__init__(TAPS_BURST, TAPS_PER_SECOND)
