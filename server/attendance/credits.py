"""What having been present earns. A cause for each broadcast and member, credited once (`points`).

A broadcast that belongs to an activity makes its members present there, and they get what the activity earns and nothing
besides; everybody else is credited for the lecture that it was. A replay makes up for a lecture or a theme day; who was absent
from a meeting with votes does not become present at it afterwards, and gets nothing in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..activities import ActivityService
from ..broadcasts import Broadcast
from ..core.db import Session
from ..points import Cause
from .model import Proof, Topic

ATTENDED = "lecture.attendance.confirmed"
_TITLE_MOST = 120


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who has just become present at a broadcast, with their branches. `at`: when it counts, if not on the day it was live."""

    broadcast: Broadcast
    topic: Topic | None
    members: Mapping[str, str | None]
    way: Proof = Proof.LIVE
    at: datetime | None = None


class Credits:
    def __init__(self, activities: ActivityService) -> None:
        self._activities = activities

    async def present(self, session: Session, arrived: Sequence[Arrived]) -> None:
        """The last thing in its transaction, and once, as `Ledger.award` wants it."""
        parts, causes = [], []
        for each in arrived:
            on_air, broadcast_id = self._activities.on_air, each.broadcast.id
            if each.way is Proof.REPLAY:
                attended, there = await on_air.made_up(session, broadcast_id, each.members)
            else:
                attended = await on_air.attended(session, broadcast_id, each.members)
                there = {part.member_id for _, part in attended}
            parts += attended
            causes += [_cause(each, member_id) for member_id in each.members if member_id not in there]
        await self._activities.on_air.credit(session, parts, causes)


def _cause(arrived: Arrived, member_id: str) -> Cause:
    broadcast = arrived.broadcast
    return Cause(
        member_id,
        ATTENDED,
        broadcast.id,
        arrived.at or broadcast.live_at or broadcast.starts_at,
        title=broadcast.title[:_TITLE_MOST],
        link=f"/b/{broadcast.id}",
        traits={} if arrived.topic is None else {"topic": arrived.topic.value},
    )
