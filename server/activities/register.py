"""The activities as the database has them, for the use cases of this feature: found with the right to see them, and held."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..core.db import Database, Session
from ..core.ids import is_id
from ..identity import Member
from . import store
from .model import Activity, Part, check_manages, not_there, sees
from .store import Lock


@dataclass(frozen=True, slots=True)
class Seen:
    activity: Activity
    part: Part | None


class Register:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, member: Member, activity_id: str) -> Seen:
        """Raise NotFound for what is not theirs to see."""
        async with self._database.reading() as session:
            return await self._seen(session, member, activity_id, Lock.NONE)

    async def run_by(self, member: Member, activity_id: str) -> Activity:
        """Raise NotFound, Forbidden `organiser_needed`."""
        activity = (await self.find(member, activity_id)).activity
        check_manages(member, activity)
        return activity

    @asynccontextmanager
    async def held(self, member: Member, activity_id: str, lock: Lock) -> AsyncIterator[tuple[Session, Activity]]:
        """In a transaction, as it stands now. Raise as `find` does."""
        async with self._database.transaction() as session:
            yield session, (await self._seen(session, member, activity_id, lock)).activity

    @asynccontextmanager
    async def managed(self, member: Member, activity_id: str, lock: Lock) -> AsyncIterator[tuple[Session, Activity]]:
        """As `held`, for those who run it. Raise as `run_by` does."""
        async with self.held(member, activity_id, lock) as (session, activity):
            check_manages(member, activity)
            yield session, activity

    async def _seen(self, session: Session, member: Member, activity_id: str, lock: Lock) -> Seen:
        activity = await store.find(session, activity_id, lock) if is_id(activity_id) else None
        if activity is None:
            raise not_there()
        part = await store.part(session, activity_id, member.id)
        if not sees(member, activity, part):
            raise not_there()
        return Seen(activity, part)
