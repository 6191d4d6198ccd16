"""Visitors who have proven a mobile number: what it takes to write where the public may (domain.md section 10, row 1).

A code of six digits goes to the number; it lives five minutes and bears five wrong tries. Sending costs money and bothers
whoever owns the number, so it is bounded per number, per address and for all together; which numbers are known is told to
nobody. A visitor is no member: nothing but their own comments follows from it. The session lives thirty days; numbers that were
not seen for `forget_after` are deleted.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, delete, select, update

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import NotFound, Unauthenticated
from ..core.ids import digest, new_id, new_token
from .gate import Gate
from .marks import Marks
from .model import Visitor
from .sms import Sms
from .tables import VisitorCodeRow, VisitorRow, VisitorSessionRow
from .throttle import SMS_ADDRESS, SMS_ALL, SMS_NUMBER

log = structlog.get_logger(__name__)

CODE_LIFETIME = timedelta(minutes=5)
MOST_TRIES = 5
LIFETIME = timedelta(days=30)
_SEEN_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verified:
    visitor: Visitor
    token: str


class Visitors:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        marks: Marks,
        gate: Gate,
        sms: Sms,
        *,
        open_to_public: bool,
        forget_after: timedelta,
    ) -> None:
        self._database, self._clock, self._marks, self._gate, self._sms = database, clock, marks, gate, sms
        self._open, self._forget_after = open_to_public, forget_after

    async def send_code(self, mobile: str, address: str) -> str | None:
        """Send a new code, which ends an older one; give it only where it is shown instead of sent. Raise NotFound
        `public_off`, TooMany `too_many_attempts`, Unavailable `sms_unavailable`."""
        if not self._open:
            raise NotFound("public_off", "本站没有面向公众的直播")
        await self._gate.charge(self._marks.sms_key("number", mobile), SMS_NUMBER)
        await self._gate.charge(self._marks.sms_key("address", self._marks.address_key(address)), SMS_ADDRESS)
        await self._gate.charge(self._marks.sms_key("all"), SMS_ALL)
        code = f"{secrets.randbelow(1_000_000):06d}"
        row = VisitorCodeRow(
            mobile=mobile,
            code_hash=self._marks.visitor_code(mobile, code),
            expires_at=self._clock.now() + CODE_LIFETIME,
            tries=0,
        )
        async with self._database.transaction() as session:
            await session.merge(row)
        shown = await self._sms.send(mobile, code, minutes=CODE_LIFETIME // timedelta(minutes=1))
        log.info("visitor_code_sent")
        return shown

    async def verify(self, mobile: str, code: str, name: str) -> Verified:
        """Use the code up. Raise Unauthenticated `code_wrong`, also where none was sent and where it expired."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            sent = await session.get(VisitorCodeRow, mobile, with_for_update=True)
            fits = sent is not None and sent.expires_at > now and sent.tries < MOST_TRIES
            if sent is not None and fits and sent.code_hash != self._marks.visitor_code(mobile, code):
                sent.tries += 1
                fits = False
            elif sent is not None and fits:
                await session.delete(sent)
            if fits:
                row = (await session.scalars(select(VisitorRow).where(VisitorRow.mobile == mobile))).one_or_none()
                if row is None:
                    row = VisitorRow(id=new_id(), mobile=mobile, created_at=now)
                    session.add(row)
                row.name, row.last_seen_at = name, now
                await session.flush()
                token, kept = new_token(256), new_id()
                session.add(VisitorSessionRow(id=kept, token_hash=digest(token), visitor_id=row.id, expires_at=now + LIFETIME))
                verified = Verified(Visitor(row.id, name, kept), token)
        if not fits:  # after the commit: a wrong try stays counted
            log.warning("visitor_refused")
            raise Unauthenticated("code_wrong", "验证码不正确或已过期，请重新获取")
        log.info("visitor_verified", visitor_id=verified.visitor.id)
        return verified

    async def find(self, token: str) -> Visitor | None:
        """Whose session this token is."""
        found = await self._look_up(VisitorSessionRow.token_hash == digest(token))
        return next(iter(found.values()), None)

    async def name_of(self, visitor_id: str) -> str | None:
        """Under which name somebody last came; None if there is no such visitor."""
        async with self._database.reading() as session:
            row = await session.get(VisitorRow, visitor_id)
        return None if row is None else row.name

    async def find_many(self, session_ids: Collection[str]) -> dict[str, Visitor]:
        """The visitors of those sessions that still live, by session id."""
        return await self._look_up(VisitorSessionRow.id.in_(session_ids)) if session_ids else {}

    async def _look_up(self, condition: ColumnElement[bool]) -> dict[str, Visitor]:
        now = self._clock.now()
        query = (
            select(VisitorSessionRow.id, VisitorRow.id, VisitorRow.name, VisitorRow.last_seen_at)
            .join(VisitorRow, VisitorRow.id == VisitorSessionRow.visitor_id)
            .where(condition, VisitorSessionRow.expires_at > now)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        stale = {visitor_id for _, visitor_id, _, seen in rows if now - seen >= _SEEN_EVERY}
        if stale:
            async with self._database.transaction() as session:
                await session.execute(update(VisitorRow).where(VisitorRow.id.in_(stale)).values(last_seen_at=now))
        return {session_id: Visitor(visitor_id, name, session_id) for session_id, visitor_id, name, _ in rows}

    async def end(self, visitor: Visitor) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(VisitorSessionRow).where(VisitorSessionRow.id == visitor.session_id))

    async def purge(self) -> None:
        """Delete what has expired, and numbers that were not seen for long."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await session.execute(delete(VisitorCodeRow).where(VisitorCodeRow.expires_at <= now))
            await session.execute(delete(VisitorSessionRow).where(VisitorSessionRow.expires_at <= now))
            await session.execute(delete(VisitorRow).where(VisitorRow.last_seen_at <= now - self._forget_after))
