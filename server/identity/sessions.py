"""Server-side sessions: made at sign-in, looked up on every request, listed, ended.

The token is 256 random bits and only its SHA-256 is stored. A session ends by itself after `idle_limit` without use and after
`absolute_limit` in any case. Looked-up members are kept in memory for at most `cache_seconds`, so that a right taken away by
another process ends here within that time; what this process changes it forgets at once (`forget`).
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.batch import Batch
from ..core.clock import Clock
from ..core.db import Database, UtcDateTime, first_write
from ..core.ids import digest, new_id, new_token
from ..core.tasks import Tasks
from .model import Member, Role, Status
from .settings import IdentitySettings
from .tables import BranchRow, MemberRoleRow, MemberRow, SessionRow

_SESSION, _MEMBER, _BRANCH, _ROLE = (row.__table__ for row in (SessionRow, MemberRow, BranchRow, MemberRoleRow))
_FLUSH_SECONDS = 5.0
_MOST_AT_ONCE = 300  # sessions in one query
_SEEN = update(SessionRow).where(SessionRow.id == bindparam("of")).values(last_seen_at=bindparam("at", type_=UtcDateTime))


@dataclass(frozen=True, slots=True)
class SessionInfo:
    id: str
    created_at: datetime
    last_seen_at: datetime
    device: str
    address: str


class Sessions:
    def __init__(self, database: Database, clock: Clock, settings: IdentitySettings) -> None:
        self._database, self._clock, self._settings = database, clock, settings
        self._cache: dict[str, tuple[float, Member]] = {}
        self._generation = 0
        self._by_token = Batch(lambda values: self._look_up(_SESSION.c.token_hash, values), most=_MOST_AT_ONCE)
        self._by_id = Batch(lambda values: self._look_up(_SESSION.c.id, values), most=_MOST_AT_ONCE)
        self._seen: dict[str, datetime] = {}
        self._flush_at = 0.0
        self._flushing = asyncio.Lock()
        self._tasks = Tasks("identity.sessions")

    # Looking up

    async def find(self, token: str) -> Member | None:
        """Whose session this token is, or None if it is unknown, ended, or its member disabled."""
        return await self._find(self._by_token, digest(token))

    async def find_by_id(self, session_id: str) -> Member | None:
        """The same for connections that outlive the request that proved them; ask again every few seconds."""
        return await self._find(self._by_id, session_id)

    def recall(self, session_id: str) -> Member | None:
        """What `find_by_id` would answer without asking the database; None when it would have to ask."""
        kept = self._cache.get(session_id)
        return kept[1] if kept is not None and self._clock.monotonic() < kept[0] else None

    def forget(self, member_id: str | None = None) -> None:
        """Something about that member (None: about many) was changed and committed: look it up anew."""
        self._generation += 1
        if member_id is None:
            self._cache.clear()
        for key in [key for key, (_, member) in self._cache.items() if member.id == member_id]:
            del self._cache[key]

    async def _find(self, lookups: Batch[str, Member], value: str) -> Member | None:
        if (member := self.recall(value)) is not None:
            return member
        return await lookups.find(value)

    async def _look_up(self, column: ColumnElement[Any], values: Collection[str]) -> dict[str, Member]:
        """Those of `values` that name sessions that live, each with its member; remembered for a moment."""
        until, generation = self._clock.monotonic() + self._settings.cache_seconds, self._generation
        async with self._database.reading() as session:
            found = await self._load(session, column, values)
        for value in values:
            if value not in found:
                self._cache.pop(value, None)
            elif generation == self._generation:  # else it was read before a change that is already committed
                if len(self._cache) >= self._settings.cached_sessions:
                    self._cache.clear()
                self._cache[value] = (until, found[value])
        return found

    async def find_many(self, session_ids: Collection[str]) -> dict[str, Member]:
        """The members of those sessions that still live, by session id; for many connections at once, in few queries."""
        found = {session_id: member for session_id in session_ids if (member := self.recall(session_id)) is not None}
        asked = [session_id for session_id in session_ids if session_id not in found]
        for start in range(0, len(asked), _MOST_AT_ONCE):
            found |= await self._look_up(_SESSION.c.id, asked[start : start + _MOST_AT_ONCE])
        return found

    async def _load(self, session: AsyncSession, column: ColumnElement[Any], values: Collection[str]) -> dict[str, Member]:
        # Columns of tables and no mapped rows: many come at once, and what is made of each counts.
        joined = (
            _SESSION.join(_MEMBER, _MEMBER.c.id == _SESSION.c.member_id)
            .outerjoin(_BRANCH, _BRANCH.c.id == _MEMBER.c.branch_id)
            .outerjoin(_ROLE, _ROLE.c.member_id == _MEMBER.c.id)
        )
        query = (
            select(
                column,
                _SESSION.c.id.label("session_id"),
                _SESSION.c.expires_at,
                _SESSION.c.last_seen_at,
                _MEMBER.c.id.label("member_id"),
                _MEMBER.c.name,
                _MEMBER.c.branch_id,
                _BRANCH.c.name.label("branch_name"),
                _MEMBER.c.status,
                _ROLE.c.role,
            )
            .select_from(joined)
            .where(column.in_(values), _MEMBER.c.disabled_at.is_(None))
        )
        rows: dict[str, Any] = {}
        roles: dict[str, set[Role]] = {}
        for row in await session.execute(query):
            rows[row[0]] = row
            roles.setdefault(row[0], set()).update({Role(row.role)} if row.role else ())
        now = self._clock.now()
        return {value: _member(row, roles[value]) for value, row in rows.items() if self._lives(row, now)}

    def _lives(self, kept: Any, now: datetime) -> bool:
        if kept.expires_at <= now or kept.last_seen_at + self._settings.idle_limit <= now:
            return False
        if now - kept.last_seen_at >= self._settings.seen_every:
            self._note_seen(kept.session_id, now)
        return True

    # Making and ending

    async def create(self, session: AsyncSession, member_id: str, *, device: str, address: str) -> str:
        """Add a session for the member and end the oldest ones beyond the limit; answers the token, which is not kept."""
        token, now = new_token(256), self._clock.now()
        row = SessionRow(
            id=new_id(),
            token_hash=digest(token),
            member_id=member_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._settings.absolute_limit,
            device=device,
            address=address[:45],
        )
        session.add(row)
        await session.flush()
        newest = select(SessionRow.id).where(SessionRow.member_id == member_id).order_by(SessionRow.id.desc())
        beyond = (await session.scalars(newest.offset(self._settings.sessions_per_member))).all()
        if beyond:
            await session.execute(delete(SessionRow).where(SessionRow.id.in_(beyond)))
        return token

    async def end(self, session: AsyncSession, session_id: str, *, member_id: str) -> bool:
        """End one session of that member; False if he or she has no such session."""
        query = delete(SessionRow).where(SessionRow.id == session_id, SessionRow.member_id == member_id)
        return (await session.execute(query.returning(SessionRow.id))).first() is not None

    async def end_token(self, session: AsyncSession, token: str) -> None:
        await session.execute(delete(SessionRow).where(SessionRow.token_hash == digest(token)))

    async def end_all(self, session: AsyncSession, member_id: str, *, keep: str | None = None) -> int:
        """End every session of the member, except `keep`; answers how many."""
        query = delete(SessionRow).where(SessionRow.member_id == member_id, SessionRow.id != (keep or ""))
        return len((await session.execute(query.returning(SessionRow.id))).all())

    async def listed(self, member_id: str) -> list[SessionInfo]:
        """The member's live sessions, the one used last first."""
        await self.flush()
        now = self._clock.now()
        query = (
            select(SessionRow)
            .where(SessionRow.member_id == member_id, SessionRow.expires_at > now)
            .where(SessionRow.last_seen_at > now - self._settings.idle_limit)
            .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
        )
        async with self._database.reading() as session:
            rows = (await session.scalars(query)).all()
        return [SessionInfo(row.id, row.created_at, row.last_seen_at, row.device, row.address) for row in rows]

    async def purge(self, session: AsyncSession) -> None:
        """Delete what has ended by itself: its device and address are personal data without a purpose."""
        now = self._clock.now()
        idle = SessionRow.last_seen_at <= now - self._settings.idle_limit
        await session.execute(delete(SessionRow).where(or_(SessionRow.expires_at <= now, idle)))

    # Last seen: gathered in memory and written together, or every viewer's heartbeat would be a commit of its own

    def _note_seen(self, session_id: str, now: datetime) -> None:
        self._seen.setdefault(session_id, now)
        if self._clock.monotonic() >= self._flush_at:
            self._flush_at = self._clock.monotonic() + _FLUSH_SECONDS
            self._tasks.spawn(self.flush(), "flush")

    async def flush(self) -> None:
        """Write the last-seen times noted so far; those on their way are waited for."""
        async with self._flushing:
            if self._seen:
                await self._write_seen()

    async def _write_seen(self) -> None:
        seen, self._seen = self._seen, {}
        # In one order, or two processes could wait for each other; a session ended meanwhile simply matches nothing.
        values = [{"of": session_id, "at": at} for session_id, at in sorted(seen.items())]
        outside = first_write.set(None)  # this may run in a request's context, but is no part of the request's write
        try:
            async with self._database.transaction() as session:
                await (await session.connection()).execute(_SEEN, values)
        finally:
            first_write.reset(outside)

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.flush()


def _member(row: Any, roles: Iterable[Role]) -> Member:
    return Member(
        id=row.member_id,
        name=row.name,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        status=Status(row.status),
        roles=frozenset(roles),
        session_id=row.session_id,
    )
