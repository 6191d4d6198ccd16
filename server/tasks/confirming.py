"""What members do with what they are asked: read, confirm once, say that it is too much.

However often and from wherever somebody confirms, there is one trace and one credit: it is decided under the row that says what
they have to do with the task, and credited in the same transaction.
"""

from datetime import UTC, date

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Conflict
from ..core.journal import Journal
from ..core.spreadsheets import BEIJING
from ..identity import Member
from . import live, store
from .credits import Credits
from .model import Part, Task, check_confirms, confirmed, not_there
from .register import Register
from .store import Lock

log = structlog.get_logger(__name__)

_MOST = 100


class Confirming:
    def __init__(self, register: Register, database: Database, journal: Journal, credits_: Credits, clock: Clock) -> None:
        self._register, self._database, self._journal = register, database, journal
        self._credits, self._clock = credits_, clock

    async def mine(self, member: Member) -> list[tuple[Task, str, Part]]:
        """With their titles: what waits, the nearest deadline first, and what was confirmed last."""
        async with self._database.reading() as session:
            return await store.of_member(session, member.id, _MOST)

    async def waiting(self, member: Member) -> int:
        async with self._database.reading() as session:
            return await store.waiting(session, member.id)

    async def confirm(self, member: Member, task_id: str, *, number: int, hashed: str) -> Part:
        """What is on the screen: the version of that number, with that hash. The second time the same answer, whatever is sent.

        Raise NotFound, Conflict `task_over`, `task_withdrawn`, `task_changed`, `attachment_unopened`, `task_not_yours`."""
        async with self._register.held(member, task_id, Lock.SHARE) as (session, seen):
            part = await store.part(session, task_id, member.id, lock=True)
            if part is None:
                raise Conflict("task_not_yours", "这项任务没有发给您，不用确认")
            if part.confirmed_at is not None:
                return part
            check_confirms(seen.task, seen.version, number=number, hashed=hashed)
            unopened = {each.id for each in seen.version.content.files} - await store.opened(session, task_id, member.id)
            if unopened:
                raise Conflict("attachment_unopened", f"还有 {len(unopened)} 个附件没有打开，请先打开看完")
            part = confirmed(part, seen.task, seen.version, self._clock.now())
            await store.keep(session, part)
            title = seen.version.content.title
            await self._journal.append(session, live.confirmed(seen.task, title, part))
            await self._credits.confirmed(session, seen.task, title, [part])
        log.info("task_confirmed", task_id=task_id, member_id=member.id, version=number, late=part.late)
        return part

    async def complain(self, member: Member, task_id: str) -> None:
        """ "太多了": counted once for each who is asked. Raise NotFound."""
        async with self._register.held(member, task_id, Lock.NONE) as (session, seen):
            if seen.part is None:
                raise not_there()
            await store.complain(session, task_id, member.id, self._clock.now())

    async def burdens(self) -> list[tuple[Task, str, int, date]]:
        """By task how many found it too much, and the day of the last one, the newest first. Of days that are over: a count
        that rises at once would tell who it was."""
        today = self._clock.now().astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._database.reading() as session:
            found = await store.burdens(session, today.astimezone(UTC), 200)
        days = [(task, title, many, at.astimezone(BEIJING).date()) for task, title, many, at in found]
        return sorted(days, key=lambda each: (each[3], each[0].id), reverse=True)
