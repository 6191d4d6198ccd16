"""The tasks as the database has them, for the use cases of this feature: found with the right to see them, and held."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..core.db import Database, Session
from ..core.ids import is_id
from ..identity import Member
from . import store
from .model import Charge, Part, Task, Version, charge_of, check_in_charge, check_runs, not_there, sees
from .store import Lock


@dataclass(frozen=True, slots=True)
class Seen:
    """`part`: the reader's own. `charge`: the reader's."""

    task: Task
    version: Version
    part: Part | None
    charge: Charge


class Register:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, member: Member, task_id: str) -> Seen:
        """Raise NotFound for what is not theirs to see."""
        async with self._database.reading() as session:
            return await self._seen(session, member, task_id, Lock.NONE)

    async def run_by(self, member: Member, task_id: str) -> Seen:
        """Raise NotFound, Forbidden `organiser_needed`."""
        seen = await self.find(member, task_id)
        check_runs(member, seen.task)
        return seen

    async def kept_by(self, member: Member, task_id: str) -> Seen:
        """For whoever answers for some who are asked. Raise as `run_by` does."""
        seen = await self.find(member, task_id)
        check_in_charge(seen.charge)
        return seen

    @asynccontextmanager
    async def held(self, member: Member, task_id: str, lock: Lock) -> AsyncIterator[tuple[Session, Seen]]:
        """In a transaction, as it stands now. Raise as `find` does."""
        async with self._database.transaction() as session:
            yield session, await self._seen(session, member, task_id, lock)

    async def _seen(self, session: Session, member: Member, task_id: str, lock: Lock) -> Seen:
        task = await store.find(session, task_id, lock) if is_id(task_id) else None
        if task is None:
            raise not_there()
        part = await store.part(session, task_id, member.id)
        version = await store.version(session, task_id, task.version)
        if version is None or not sees(member, task, part):
            raise not_there()
        return Seen(task, version, part, charge_of(member, task))
