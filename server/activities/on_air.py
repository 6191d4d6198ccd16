"""Presence at activities that are followed in a broadcast's room: proven there, by roll-calls, and credited as any presence.

For features above. Marking and crediting are two steps, since the ledger wants all causes of a transaction at once, last.
"""

from collections.abc import Mapping, Sequence

from ..core.clock import Clock
from ..core.db import Session
from ..points import Cause
from . import store
from .credits import Credits
from .model import INVITED, Activity, ActivityKind, ActivityState, Part, Seat, Way, present

Attended = tuple[Activity, Part]

_COUNTING = (ActivityState.ANNOUNCED, ActivityState.OPEN, ActivityState.CLOSED)
_MADE_UP = (ActivityKind.LECTURE, ActivityKind.THEME_DAY)
"""What a replay makes up for. Meetings decide and vote: nobody was at one afterwards."""


class OnAir:
    def __init__(self, credits_: Credits, clock: Clock) -> None:
        self._credits, self._clock = credits_, clock

    async def attended(self, session: Session, broadcast_id: str, members: Mapping[str, str | None]) -> list[Attended]:
        """These members, with their branches, were present at a broadcast: they are at those of its activities that are for
        them. Gives all their presences there, with those they had already."""
        found: list[Attended] = []
        for activity, member_id in await self._of(session, broadcast_id, members):
            found.append((activity, await self._come(session, activity, member_id, Way.ROLL_CALL)))
        return found

    async def made_up(
        self, session: Session, broadcast_id: str, members: Mapping[str, str | None]
    ) -> tuple[list[Attended], set[str]]:
        """These members have watched the replay. Gives all their presences, and whom any of the activities was for."""
        found: list[Attended] = []
        concerned: set[str] = set()
        for activity, member_id in await self._of(session, broadcast_id, members):
            concerned.add(member_id)
            part = await store.part(session, activity.id, member_id)
            if activity.plan.kind in _MADE_UP or (part is not None and part.present_at is not None):
                found.append((activity, await self._come(session, activity, member_id, Way.REPLAY)))
        return found, concerned

    async def expected(self, session: Session, broadcast_id: str) -> set[str] | None:
        """The members on the lists of a broadcast's activities; None where there is no such list."""
        found: set[str] = set()
        for activity in await store.of_broadcast(session, broadcast_id, _COUNTING):
            parts = await store.parts(session, activity.id)
            found |= {each.member_id for each in parts if each.expected or each.seat is Seat.GOING}
        return found or None

    async def _of(self, session: Session, broadcast_id: str, members: Mapping[str, str | None]) -> list[tuple[Activity, str]]:
        """The activities of a broadcast, with those of the members whom each is for."""
        return [
            (activity, member_id)
            for activity in await store.of_broadcast(session, broadcast_id, _COUNTING)
            for member_id, branch_id in sorted(members.items())
            if _is_for(activity, await store.part(session, activity.id, member_id), branch_id)
        ]

    async def _come(self, session: Session, activity: Activity, member_id: str, way: Way) -> Part:
        """As it is already, or present now."""
        part = await store.hold(session, activity.id, member_id)
        if part.present_at is None:
            part = present(part, self._clock.now(), way)
            await store.keep(session, part)
        return part

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
