"""What presence earns, and what a seat that was neither used nor given back costs. Each call is the last of its transaction."""

from collections.abc import Sequence

from ..core.db import Session
from ..points import Cause, Ledger
from .model import Activity, ActivityKind, Part, Seat

_MEETINGS = (ActivityKind.GENERAL, ActivityKind.COMMITTEE, ActivityKind.GROUP, ActivityKind.ORG_LIFE)
_TITLE_MOST = 120
_FULFILLED, _NO_SHOW = "booking.fulfilled", "booking.no_show"


class Credits:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def arrived(self, session: Session, activity: Activity, parts: Sequence[Part]) -> None:
        """Of those who have just become present; what not having come had cost is taken back."""
        await self.arrived_at(session, [(activity, part) for part in parts])

    async def arrived_at(self, session: Session, arrived: Sequence[tuple[Activity, Part]], more: Sequence[Cause] = ()) -> None:
        """The same of several activities, with `more` causes of the caller's own."""
        found = [cause for activity, part in arrived for cause in (_presence(activity, part), _booking(activity, part))]
        causes = [*(cause for cause in found if cause), *more]
        if causes:
            await self._ledger.award(session, causes)
        # Afterwards: the balances are held by now, in the one order there is.
        for activity, part in sorted(arrived, key=lambda each: each[1].member_id):
            await self.excused(session, activity, part)

    async def left(self, session: Session, activity: Activity, part: Part, *, by: str, reason: str) -> None:
        """A presence that was none. `part` as it was. A seat that stayed empty after all costs what it would have."""
        # Also what the seat earned while the activity had seats, whatever it has now.
        for cause in (_presence(activity, part), _cause(activity, part, _FULFILLED, {})):
            if cause is not None:
                await self._ledger.revoke(session, cause, by=by, reason=reason)
        if activity.closed_at is not None and _has_seat(activity, part):
            await self._ledger.renew(session, _missed(activity, part))

    async def missed(self, session: Session, activity: Activity, parts: Sequence[Part]) -> None:
        """Of those whose seats stayed empty."""
        if causes := [_missed(activity, part) for part in parts if _has_seat(activity, part)]:
            await self._ledger.award(session, causes)

    async def excused(self, session: Session, activity: Activity, part: Part) -> None:
        if activity.closed_at is not None and _has_seat(activity, part):
            reason = "已到场" if part.present_at else "缺席已说明原因"
            await self._ledger.revoke(session, _missed(activity, part), by=part.by or activity.created_by, reason=reason)


def _has_seat(activity: Activity, part: Part) -> bool:
    return activity.plan.seats is not None and part.seat is Seat.GOING


def _presence(activity: Activity, part: Part) -> Cause | None:
    """At a committee's own meeting whoever sits in counts for nothing."""
    plan, traits = activity.plan, {"type": activity.plan.kind.value}
    if plan.kind is ActivityKind.COMMITTEE and not part.expected:
        return None
    if plan.kind in _MEETINGS:
        return _cause(activity, part, "meeting.attendance.confirmed", traits)
    if plan.kind is ActivityKind.LECTURE:
        return _cause(activity, part, "lecture.attendance.confirmed", {} if plan.topic is None else {"topic": plan.topic.value})
    return None if plan.kind is ActivityKind.TALK else _cause(activity, part, "activity.checkin.confirmed", traits)


def _booking(activity: Activity, part: Part) -> Cause | None:
    return _cause(activity, part, _FULFILLED, {}) if _has_seat(activity, part) else None


def _missed(activity: Activity, part: Part) -> Cause:
    return Cause(
        part.member_id,
        _NO_SHOW,
        activity.id,
        activity.plan.starts_at,
        title=f"报名未到：{activity.plan.title}"[:_TITLE_MOST],
        link=f"/activities/{activity.id}",
    )


def _cause(activity: Activity, part: Part, event: str, traits: dict[str, str]) -> Cause:
    """It counts for the day of the activity, whenever it was recorded. A presence that was taken back and came true after all
    is a cause of its own, named as `Ledger.renew` names them."""
    again = f"#{part.withdrawn + 1}" if part.withdrawn else ""
    return Cause(
        part.member_id,
        event,
        f"{activity.id}{again}",
        activity.plan.starts_at,
        title=activity.plan.title[:_TITLE_MOST],
        link=f"/activities/{activity.id}",
        traits=traits,
        by=part.by,
        reason=part.reason,
    )
