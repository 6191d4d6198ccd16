"""What is held, and what becomes of it: use cases.

A thing is held in the transaction of whoever wrote it, and decided once: the row is locked, and whoever comes second is told
who was first. Approved, it is said as it would have been at once, in one transaction with the decision.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from ..core.audit import Act, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden, NotFound
from ..core.ids import is_id
from ..core.journal import Draft, Entry, Journal
from ..core.texts import tidied
from ..identity import Member, Speaker, member_channel
from . import store
from .actors import actor
from .limits import ModerationSettings
from .live import desk_channel, held_drafts
from .model import Decision, Held, HeldState, Room, Rooms, Things, check_decidable
from .store import Wanted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several: the thing as it is now, or why nothing was done."""

    id: str
    held: Held | None = None
    refusal: AppError | None = None


class Holding:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        audit: Audit,
        clock: Clock,
        rooms: Rooms,
        settings: ModerationSettings,
    ) -> None:
        self._database, self._journal, self._audit, self._clock = database, journal, audit, clock
        self._rooms, self._settings = rooms, settings
        self._things: dict[str, Things] = {}

    def register(self, kind: str, things: Things) -> None:
        self._things[kind] = things

    # For those who write

    async def hold(self, session: Session, some: Sequence[Held]) -> tuple[list[Draft], set[str]]:
        """Write them in the caller's transaction. Gives what the caller must append to the journal in it, and the ids of those
        there is no room for, which were not written."""
        counts = {scope: await store.waiting_count(session, scope) for scope in {held.scope for held in some}}
        fitting: list[Held] = []
        for held in some:
            if counts[held.scope] < self._settings.most_waiting:
                counts[held.scope] += 1
                fitting.append(held)
        await store.add(session, fitting)
        taken = {held.id for held in fitting}
        return [draft for held in fitting for draft in held_drafts(held)], {held.id for held in some} - taken

    async def find(self, session: Session, held_id: str) -> Held | None:
        return (await store.by_ids(session, [held_id])).get(held_id)

    async def withdraw(self, who: Speaker, held_id: str) -> None:
        """By its author, while it waits. Raise NotFound, or Conflict where it was decided meanwhile."""
        async with self._database.transaction() as session:
            held = (await store.by_ids(session, [held_id], lock=True)).get(held_id)
            if held is None or held.author_id != who.id:
                raise _not_there()
            if held.state is HeldState.WITHDRAWN:
                return
            if held.state is not HeldState.HELD:
                raise Conflict("already_decided", "这条内容已经审核，不能再撤回")
            now = self._clock.now()
            by = who.id if who.is_member else None
            gone = replace(held, state=HeldState.WITHDRAWN, decided_at=now, decided_by=by, decided_name=who.name)
            await store.save(session, gone)
            await self._journal.append(session, *held_drafts(gone))

    async def purge(self, session: Session, scope: str, *, also: Iterable[str]) -> None:
        """The journals hold the words too: the desk's, and those of the authors and of `also`, whose other entries are in
        snapshots."""
        authors = {*await store.drop(session, scope), *also}
        for channel in (desk_channel(scope), *sorted(map(member_channel, authors))):
            await self._journal.purge(session, channel)

    # For those who keep the room

    async def page(
        self, member: Member, scope: str, wanted: Wanted, *, after: str | None, limit: int
    ) -> tuple[list[Held], str | None, int]:
        """A page, the cursor of what follows, and how many wait in all. Raise NotFound, Forbidden `keeper_needed`."""
        await self.require_keeper(member, scope)
        async with self._database.reading() as session:
            found = await store.page(session, scope, wanted, after=after, limit=limit + 1)
            waiting = await store.waiting_count(session, scope)
        return found[:limit], found[limit - 1].id if len(found) > limit else None, waiting

    async def waiting(self, scopes: Collection[str]) -> dict[str, int]:
        """How many wait in each of the rooms; for those who moderate everywhere."""
        async with self._database.reading() as session:
            return await store.waiting_counts(session, scopes)

    async def decide(self, member: Member, held_id: str, decision: Decision, reason: str) -> Held:
        """Raise NotFound, Conflict `already_decided`, `withdrawn`, `room_over`."""
        (outcome,) = await self.decide_all(member, [held_id], decision, reason)
        if outcome.refusal is not None:
            raise outcome.refusal
        if outcome.held is None:
            raise _not_there()
        return outcome.held

    async def decide_all(self, member: Member, ids: Sequence[str], decision: Decision, reason: str) -> list[Outcome]:
        """Each for itself, and all in one transaction: what cannot be decided keeps nothing else from it."""
        wanted = list(dict.fromkeys(each for each in ids if is_id(each)))
        async with self._database.reading() as session:
            known = await store.by_ids(session, wanted)
        rooms = await self._kept_rooms(member, {held.scope for held in known.values()})
        outcomes: dict[str, Outcome] = {}
        async with self._database.transaction() as session:
            allowed = [held.id for held in known.values() if held.scope in rooms]
            now = await store.by_ids(session, allowed, lock=True)
            decided: list[Held] = []
            for held in now.values():
                try:
                    if not check_decidable(held, decision, member.id, open_still=rooms[held.scope].open):
                        outcomes[held.id] = Outcome(held.id, held)
                        continue
                except Conflict as refusal:
                    outcomes[held.id] = Outcome(held.id, refusal=refusal)
                    continue
                decided.append(self._decided(held, decision, member, reason))
                outcomes[held.id] = Outcome(held.id, decided[-1])
            await self._write(session, decided, member)
        log.info("held_decided", decision=decision.value, by=member.id, asked=len(ids), decided=len(decided))
        # What is no text cannot be said back.
        asked = dict.fromkeys(each.encode(errors="replace").decode() for each in ids)
        return [outcomes.get(each) or Outcome(each, refusal=_not_there()) for each in asked]

    async def require_keeper(self, member: Member, scope: str) -> Room:
        """Raise NotFound for a room that is not theirs to see, Forbidden `keeper_needed` for one they do not keep."""
        room = await self._rooms.find(member, scope)
        if not room.keeps(member):
            raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以管理直播间")
        return room

    # Inside

    async def _kept_rooms(self, member: Member, scopes: set[str]) -> dict[str, Room]:
        """Those of the rooms that the member keeps. What is held in others is none of their business."""
        kept: dict[str, Room] = {}
        for scope in scopes:
            try:
                kept[scope] = await self.require_keeper(member, scope)
            except AppError:
                continue
        return kept

    def _decided(self, held: Held, decision: Decision, member: Member, reason: str) -> Held:
        if decision is Decision.RESTORE:
            return replace(held, state=HeldState.HELD, decided_at=None, decided_by=None, decided_name=None, reason="")
        return replace(
            held,
            state=decision.result,
            decided_at=self._clock.now(),
            decided_by=member.id,
            decided_name=member.name,
            reason=tidied(reason),
        )

    async def _write(self, session: Session, decided: Sequence[Held], member: Member) -> None:
        if not decided:
            return
        said = [held for held in decided if held.state is HeldState.APPROVED]
        posts = [self._things[held.kind].draft(held) for held in said]
        told = [draft for held in decided for draft in held_drafts(held)]
        entries: Sequence[Entry] = await self._journal.append(session, *posts, *told)
        for held, entry in zip(said, entries, strict=False):
            await self._things[held.kind].posted(session, held, entry)
        for held in decided:
            await store.save(session, held)
            act = Act(f"held.{_VERBS[held.state]}", "held", held.id, held.scope, held.reason, {"author": held.author_id})
            self._audit.note(session, act, actor(member))


_VERBS = {HeldState.APPROVED: "approved", HeldState.REJECTED: "rejected", HeldState.HELD: "restored"}


def _not_there() -> NotFound:
    return NotFound("held_not_found", "没有这条待审内容")
