"""Some members, two secretaries, and processes that serve them: wired as the real ones are, with a clock the test moves."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.app import DATABASE, build
from server.core.db import Database
from server.core.ids import new_id
from server.identity import Member, Role, Status
from server.identity.tables import BranchRow, MemberRoleRow, MemberRow
from server.migrations import upgrade
from server.settings import load_settings
from server.shake import DESKS, DRAWING, PROOFS, ROUNDS, SHAKES, SHAKING, ShakePlan, draw_store
from server.shake.draw import commitment
from server.shake.model import Draw, Round, Shake
from server.shake.ticket_store import Kept
from server.talks import TALKS
from tests.support.clock import ManualClock

BEGAN = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
NONCE = hashlib.sha256(b"the secretary's").digest()


@dataclass
class Process:
    """One web process of those that serve a database."""

    clock: ManualClock
    app: Any

    def __post_init__(self) -> None:
        self.database: Database = self.app[DATABASE]
        self.shakes, self.rounds, self.shaking = self.app[SHAKES], self.app[ROUNDS], self.app[SHAKING]
        self.talks = self.app[TALKS]
        self.drawing, self.proofs, self.desks = self.app[DRAWING], self.app[PROOFS], self.app[DESKS]

    async def look(self) -> None:
        """What its ticker does."""
        for each in (self.shakes, self.rounds, self.drawing):
            await each.look()

    async def shake(self, member: Member, shake: Shake, client_id: str | None = None, nonce: str | None = None) -> Kept:
        kept: Kept = await self.shaking.shake(member, shake, nonce=nonce, client_id=client_id or new_id())
        return kept

    async def close(self) -> None:
        await self.shaking.close()
        await self.database.close()


@asynccontextmanager
async def process(url: str, folder: Path, clock: ManualClock) -> AsyncIterator[Process]:
    """All processes of one database have the same folder, where their secret is."""
    settings = load_settings({"DATABASE_URL": url}, data_dir=folder)
    made = Process(clock, build(settings, clock=clock))
    try:
        yield made
    finally:
        await made.close()


@dataclass
class Hall:
    """`one`: the process most things are asked of."""

    one: Process
    url: str
    folder: Path
    owner: Member
    secretaries: list[Member]
    members: list[Member]
    branch: str

    @property
    def clock(self) -> ManualClock:
        return self.one.clock

    def another(self) -> Any:
        """A further process on the same database."""
        return process(self.url, self.folder, self.clock)

    async def announced(self, **more: Any) -> Shake:
        now = self.clock.now()
        plan: dict[str, Any] = {
            "title": "七一摇一摇",
            "opens_at": now,
            "closes_at": now + timedelta(hours=2),
            "secretaries": tuple(each.id for each in self.secretaries),
            "rounds": 10,
            "round_seconds": 30,
        }
        shake: Shake = await self.one.shakes.announce(self.owner, ShakePlan(**plan | more))
        return shake

    async def opened(self, shake: Shake, secretary: int = 0, nonce: bytes = NONCE) -> Round:
        who = self.secretaries[secretary]
        made = await self.one.rounds.prepare(who, shake.id, commitment(nonce))
        opened: Round = await self.one.rounds.open(who, shake.id, made.number)
        return opened

    async def closed(self, of: Round) -> None:
        """Its time passes."""
        self.clock.advance(34)
        await self.one.look()

    async def revealed(self, of: Round, secretary: int = 0, nonce: bytes = NONCE) -> Round:
        found: Round = await self.one.rounds.reveal(self.secretaries[secretary], of.shake_id, of.number, nonce.hex())
        return found

    async def round_with(self, shake: Shake, members: list[Member], secretary: int = 0, nonce: bytes = NONCE) -> Round:
        """A whole one, revealed, in which these have shaken."""
        found = await self.opened(shake, secretary, nonce)
        for each in members:
            await self.one.shake(each, shake)
        await self.closed(found)
        return await self.revealed(found, secretary, nonce)

    def member(self, member_id: str) -> Member:
        return next(each for each in (*self.members, *self.secretaries) if each.id == member_id)

    async def offers(self, process_: Process | None = None) -> list[Draw]:
        async with (process_ or self.one).database.reading() as session:
            return await draw_store.offers(session)


@asynccontextmanager
async def hall(url: str, folder: Path, *, members: int = 6, clock: ManualClock | None = None) -> AsyncIterator[Hall]:
    clock = clock or ManualClock(BEGAN)
    async with process(url, folder, clock) as one:
        await upgrade(one.database)
        await people(one.database, members)
        found, branch = await people_of(one.database)
        yield Hall(one, url, folder, found[0], found[1:3], found[3:], branch)


async def people(database: Database, members: int) -> None:
    """An owner, two secretaries, and members, in one branch."""
    branch = new_id()
    roles = (Role.COMMITTEE_SECRETARY, Role.BRANCH_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
    ids = [new_id() for _ in range(members + len(roles))]
    async with database.transaction() as session:
        session.add(BranchRow(id=branch, name="总部党支部", city="广州", created_at=BEGAN))
        await session.flush()
        session.add_all(
            MemberRow(
                id=each,
                name=f"同志{number}",
                mobile=f"1{number:010d}",
                branch_id=branch,
                status=Status.FULL.value,
                created_at=BEGAN,
            )
            for number, each in enumerate(ids)
        )
        await session.flush()
        for each, role in zip(ids, roles, strict=False):
            session.add(MemberRoleRow(member_id=each, role=role.value, granted_at=BEGAN))


async def people_of(database: Database) -> tuple[list[Member], str]:
    """Those whom `people` has made, in its order."""
    async with database.reading() as session:
        rows = list(await session.scalars(select(MemberRow).order_by(MemberRow.mobile)))
        roles: dict[str, set[Role]] = {}
        for row in await session.scalars(select(MemberRoleRow)):
            roles.setdefault(row.member_id, set()).add(Role(row.role))
    found = [
        Member(row.id, row.name, row.branch_id, "总部党支部", Status(row.status), frozenset(roles.get(row.id, ())), row.id)
        for row in rows
    ]
    return found, found[0].branch_id or ""
