"""One's own calendar, for the calendar of the phone: an address that only its member knows.

Calendar programs send no cookie, so the address itself is signed; it says nothing but what the member has been asked to, and
ends with the account, or when its member asks for another one.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from ..broadcasts import CalendarEvent, calendar_of
from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import NotFound
from ..core.ids import is_id
from ..identity import Identity, Person
from . import store
from .model import Activity, ActivityState

_BACK, _AHEAD = timedelta(days=60), timedelta(days=366)
_MOST = 500


class Events(Protocol):
    """Another feature's part of a member's calendar."""

    async def events(self, person: Person, since: datetime, until: datetime, base: str) -> Sequence[CalendarEvent]: ...


class Feed:
    def __init__(self, database: Database, identity: Identity, clock: Clock, secret: bytes) -> None:
        self._database, self._identity, self._clock = database, identity, clock
        self._key = hmac.digest(secret, b"activities/calendar", "sha256")
        self._others: list[Events] = []

    def attach(self, others: Events) -> None:
        self._others.append(others)

    async def token(self, member_id: str) -> str:
        async with self._database.reading() as session:
            serial = await store.calendar_serial(session, member_id)
        return f"{member_id}.{self._mac(member_id, serial)}"

    async def renew(self, member_id: str) -> str:
        """Another address; the one before answers like a missing one."""
        async with self._database.transaction() as session:
            serial = await store.renew_calendar(session, member_id)
        return f"{member_id}.{self._mac(member_id, serial)}"

    async def calendar(self, token: str, base: str) -> bytes:
        """What concerns this member: what expects them and what they have a seat in. Raise NotFound."""
        person = await self._person(token)
        now = self._clock.now()
        reader = store.Reader(person.id, person.branch_id, everything=False, runs=None)
        async with self._database.reading() as session:
            found = await store.listed(session, reader, now - _BACK, now + _AHEAD, around=now, limit=_MOST, mine=True)
        events = [_event(activity, base) for activity, _ in found]
        for others in self._others:
            events += await others.events(person, now - _BACK, now + _AHEAD, base)
        return calendar_of(events, domain=urlsplit(base).hostname or "", now=now, product="Activities", name="党建活动")

    async def _person(self, token: str) -> Person:
        member_id, _, mac = token.partition(".")
        serial = 0
        if is_id(member_id):
            async with self._database.reading() as session:
                serial = await store.calendar_serial(session, member_id)
        if is_id(member_id) and hmac.compare_digest(mac.encode(), self._mac(member_id, serial).encode()):
            person = (await self._identity.people([member_id])).get(member_id)
            if person is not None and not person.disabled:
                return person
        raise NotFound("calendar_not_found", "没有这个日历")

    def _mac(self, member_id: str, serial: int) -> str:
        """`serial` counts the renewals; the first address is that of the member alone."""
        said = member_id if serial == 0 else f"{member_id}/{serial}"
        return hmac.new(self._key, said.encode(), "sha256").hexdigest()[:40]


def _event(activity: Activity, base: str) -> CalendarEvent:
    plan, link = activity.plan, f"{base}/activities/{activity.id}"
    return CalendarEvent(
        id=activity.id,
        title=plan.title,
        description="\n".join(part for part in (plan.intro, link) if part),
        place=plan.place,
        link=link,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        revision=activity.revision,
        cancelled=activity.state is ActivityState.CANCELLED,
        alarm=60,
    )
