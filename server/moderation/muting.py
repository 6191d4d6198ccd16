"""Muting in one room, and everywhere: use cases.

Of one person there is at most one mute in each place; another one takes its place. It counts at once in this process and within
two seconds in the others (`memory`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from ..core.audit import Act, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Forbidden, NotFound
from ..core.ids import is_id, new_id
from ..core.journal import Draft, Journal
from ..core.texts import tidied
from ..identity import Identity, Member, member_channel
from . import store_mutes as store
from .actors import actor
from .live import desk_channel
from .live_mutes import LIFTED, MUTED
from .memory import Memory
from .model import Mute, Room, Rooms, check_may_mute, is_moderator, standing
from .store_words import MUTES, raise_version

log = structlog.get_logger(__name__)


class Muting:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        identity: Identity,
        audit: Audit,
        clock: Clock,
        rooms: Rooms,
        memory: Memory,
    ) -> None:
        self._database, self._journal, self._identity, self._audit = database, journal, identity, audit
        self._clock, self._rooms, self._memory = clock, rooms, memory

    async def page(self, member: Member, scope: str | None, *, after: str | None, limit: int) -> tuple[list[Mute], str | None]:
        """Those that hold, the newest first. Raise NotFound, Forbidden `keeper_needed`, `role_needed`."""
        await self._require(member, scope)
        async with self._database.reading() as session:
            found = await store.page(session, scope, self._clock.now(), after=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def mute(self, member: Member, target: str, scope: str | None, *, minutes: int | None, reason: str) -> Mute:
        """`scope` None: everywhere; `minutes` None: until it is lifted. Raise NotFound, Forbidden `keeper_needed`,
        `role_needed`, `standing_too_high`."""
        room = await self._require(member, scope)
        name = await self._check_standing(member, target, room)
        now = self._clock.now()
        until = None if minutes is None else now + timedelta(minutes=minutes)
        made = Mute(new_id(), scope, target, name, tidied(reason), now, member.id, member.name, until)
        async with self._database.transaction() as session:
            await raise_version(session, MUTES)  # first: of two who mute the same person one comes after the other
            for before in await store.of_member(session, target, scope):
                await store.save(session, replace(before, lifted_at=now, lifted_by=member.id))
            await store.save(session, made)
            await self._tell(session, MUTED, made, member, {"minutes": minutes})
        await self._memory.refresh()
        return made

    async def lift(self, member: Member, mute_id: str) -> None:
        """By whoever stands as high as who has set it; the second time nothing happens. Raise NotFound, Forbidden
        `standing_too_high`."""
        async with self._database.reading() as session:
            known = await store.find(session, mute_id) if is_id(mute_id) else None
        if known is None:
            raise _not_there()
        try:
            room = await self._require(member, known.scope)
        except AppError:
            raise _not_there() from None
        by = (await self._identity.people([known.by_id])).get(known.by_id)
        if by is not None and standing(by.roles, sends=_sends(room, by.id)) > self._standing(member, room):
            raise Forbidden("standing_too_high", f"这是{by.name}设置的禁言，请由审核员解除")
        async with self._database.transaction() as session:
            await raise_version(session, MUTES)
            mute = await store.find(session, mute_id, lock=True)
            if mute is None or mute.lifted_at is not None:
                return
            gone = replace(mute, lifted_at=self._clock.now(), lifted_by=member.id)
            await store.save(session, gone)
            await self._tell(session, LIFTED, gone, member, {})
        await self._memory.refresh()

    async def purge(self, session: Session, scope: str) -> Sequence[str]:
        """Delete those of a room; gives whom they were about."""
        return await store.drop(session, scope)

    # Inside

    async def _require(self, member: Member, scope: str | None) -> Room | None:
        """The room, or None for everywhere."""
        if scope is None:
            if not is_moderator(member):
                raise Forbidden("role_needed", "只有审核员、党委书记和管理员可以在所有直播间禁言")
            return None
        room = await self._rooms.find(member, scope)
        if not room.keeps(member):
            raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以管理直播间")
        return room

    async def _check_standing(self, member: Member, target: str, room: Room | None) -> str:
        """The name of whom is to be muted."""
        found = (await self._identity.people([target])).get(target) if is_id(target) else None
        if found is None:
            visitor = await self._identity.visitors.name_of(target) if is_id(target) else None
            if visitor is None:
                raise NotFound("member_not_found", "没有这个人")
            return visitor
        check_may_mute(self._standing(member, room), standing(found.roles, sends=_sends(room, found.id)))
        return found.name

    def _standing(self, member: Member, room: Room | None) -> int:
        return standing(member.roles, sends=_sends(room, member.id))

    async def _tell(self, session: Session, kind: str, mute: Mute, member: Member, more: dict[str, int | None]) -> None:
        told = [Draft(member_channel(mute.member_id), kind, mute.for_member())]
        if mute.scope is not None:
            told.append(Draft(desk_channel(mute.scope), kind, mute.for_desk()))
        await self._journal.append(session, *told)
        act = Act(kind, "member", mute.member_id, mute.scope, mute.reason, {"mute": mute.id, **more})
        self._audit.note(session, act, actor(member))
        log.info("mute_changed", act=kind, member_id=mute.member_id, scope=mute.scope, by=member.id)


def _sends(room: Room | None, member_id: str) -> bool:
    return room is not None and room.sends(member_id)


def _not_there() -> NotFound:
    return NotFound("mute_not_found", "没有这条禁言记录")
