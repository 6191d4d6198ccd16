"""Presence at activities that are followed in a broadcast's room: proven there, by roll-calls, and credited as any presence.

For features above. Marking and crediting are two steps, since the ledger wants all causes of a transaction at once, last.
"""

from collections.abc import Mapping, Sequence

from ..core.clock import Clock
from ..core.db import Session
from ..points import Cause
from . import store
from .credits import Credits
from .model import INVITED, Activity, ActivityState, Part, Way, present

Attended = tuple[Activity, Part]

_COUNTING = (ActivityState.ANNOUNCED, ActivityState.OPEN, ActivityState.CLOSED)


class OnAir:
    def __init__(self, credits_: Credits, clock: Clock) -> None:
        self._credits, self._clock = credits_, clock

    async def attended(self, session: Session, broadcast_id: str, members: Mapping[str, str | None]) -> list[Attended]:
        """These members, with their branches, were present at a broadcast: they are at those of its activities that are for
        them. Gives all their presences there, with those they had already."""
        found: list[Attended] = []
        now = self._clock.now()
        for activity in await store.of_broadcast(session, broadcast_id, _COUNTING):
            for member_id, branch_id in sorted(members.items()):
                part = await store.part(session, activity.id, member_id)
                if not _is_for(activity, part, branch_id):
                    continue
                part = await store.hold(session, activity.id, member_id)
                if part.present_at is None:
                    part = present(part, now, Way.ROLL_CALL)
                    await store.keep(session, part)
                found.append((activity, part))
        return found

    async def credit(self, session: Session, attended: Sequence[Attended], causes: Sequence[Cause]) -> None:
        """What these presences earn, and `causes` of the caller's own. The last thing in its transaction."""
        await self._credits.arrived_at(session, attended, causes)


def _is_for(activity: Activity, part: Part | None, branch_id: str | None) -> bool:
    """A committee's meeting, and a talk, is for those who were asked; anything else for its branch, or all."""
    if part is not None and (part.expected or part.seat is not None or part.present_at is not None):
        return True
    if activity.plan.kind in INVITED:
        return False
    return activity.plan.branch_id is None or activity.plan.branch_id == branch_id
