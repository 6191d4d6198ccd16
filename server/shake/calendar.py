"""A session as a calendar entry (RFC 5545), alone and in the member's own calendar."""

from datetime import datetime

from ..broadcasts import CalendarEvent
from ..core.db import Database
from ..identity import Person, Role, Status
from . import store
from .model import Shake, ShakeState, may_take_part

_MOST = 200


def event_of(shake: Shake, base: str) -> CalendarEvent:
    plan, link = shake.plan, f"{base}/shakes/{shake.id}"
    return CalendarEvent(
        id=shake.id,
        title=f"摇一摇：{plan.title}",
        description=f"到时打开页面摇一摇，抽中的同志和书记聊一聊。\n{link}",
        place="线上",
        link=link,
        starts_at=plan.opens_at,
        ends_at=plan.closes_at,
        revision=shake.revision,
        cancelled=shake.state is ShakeState.CANCELLED,
    )


class Calendar:
    """What of sessions belongs into a member's calendar."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def events(self, person: Person, since: datetime, until: datetime, base: str) -> list[CalendarEvent]:
        """Those the member may take part in, or talks in as a secretary."""
        async with self._database.reading() as session:
            found = await store.listed(
                session,
                person.id,
                person.branch_id,
                party=person.status is not Status.EMPLOYEE,
                everything=Role.COMMITTEE_SECRETARY in person.roles,
                limit=_MOST,
            )
        theirs = [each for each in found if may_take_part(each, person) or person.id in each.plan.secretaries]
        return [event_of(each, base) for each in theirs if since <= each.plan.closes_at and each.plan.opens_at < until]
