"""What staff do with members, branches and roles. Who may call at all is decided in the routes; the finer rules are here."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Conflict, NotFound, Unprocessable
from ..core.ids import new_id
from .credentials import Credentials
from .export import workbook
from .model import (
    Account,
    Branch,
    Member,
    MemberState,
    Role,
    Status,
    check_administrator_remains,
    check_may_act_on_account,
    check_may_grant,
)
from .sessions import Sessions
from .settings import IdentitySettings
from .store import AccountFilter, RoleChange, Store
from .tables import BranchRow, MemberRow

log = structlog.get_logger(__name__)


class Changes(TypedDict, total=False):
    """What is to change of a member; an absent key stays as it is."""

    name: str
    mobile: str
    branch_id: str | None
    status: Status
    disabled: bool


@dataclass(frozen=True, slots=True)
class Activation:
    """A code to hand to one person; it cannot be read again."""

    code: str
    expires_at: datetime


class Directory:
    def __init__(self, database: Database, sessions: Sessions, clock: Clock, settings: IdentitySettings) -> None:
        self._database, self._sessions, self._clock, self._settings = database, sessions, clock, settings

    # Members

    async def listed(self, wanted: AccountFilter, *, after: str | None, limit: int) -> tuple[list[Account], str | None]:
        """One page and the cursor of the next."""
        async with self._database.reading() as session:
            found = await Store(session).accounts(wanted, after=after, limit=limit + 1)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    async def exported(self, actor: Member, wanted: AccountFilter) -> bytes:
        """The matching members as an XLSX file."""
        async with self._database.reading() as session:
            accounts = await Store(session).accounts(wanted)
        log.info("members_exported", by=actor.id, members=len(accounts))
        return await asyncio.to_thread(workbook, accounts)

    async def add(
        self, actor: Member, *, name: str, mobile: str, branch_id: str | None, status: Status
    ) -> tuple[Account, Activation]:
        """Raise Conflict `mobile_taken`, Unprocessable `branch_unknown`."""
        async with self._database.transaction() as session:
            store, now = Store(session), self._clock.now()
            await _check_branch(store, branch_id)
            row = MemberRow(id=new_id(), name=name, mobile=mobile, branch_id=branch_id, status=status.value, created_at=now)
            await store.save(row)
            activation = await self._new_activation(store, row.id, now, by=actor.id)
            account = await _account(store, row.id)
        log.info("member_added", by=actor.id, member_id=row.id)
        return account, activation

    async def change(self, actor: Member, member_id: str, changes: Changes) -> Account:
        """Raise NotFound, Forbidden `account_protected`, Conflict `mobile_taken`, `last_administrator`, `own_account`."""
        async with self._database.transaction() as session:
            store = Store(session)
            row = await _member(store, member_id)
            before = await _account(store, member_id)
            if changes.get("mobile", row.mobile) != row.mobile or "disabled" in changes:
                check_may_act_on_account(actor.roles, before.roles)
            if "branch_id" in changes:
                await _check_branch(store, changes["branch_id"])
                row.branch_id = changes["branch_id"]
            row.name = changes.get("name", row.name)
            row.mobile = changes.get("mobile", row.mobile)
            row.status = changes.get("status", Status(row.status)).value
            if changes.get("disabled", before.state is MemberState.DISABLED) != (before.state is MemberState.DISABLED):
                await self._set_disabled(store, actor, row, disabled=changes["disabled"])
            await store.save(row)
            account = await _account(store, member_id)
        self._sessions.forget(member_id)
        log.info("member_changed", by=actor.id, member_id=member_id, fields=sorted(changes))
        return account

    async def _set_disabled(self, store: Store, actor: Member, row: MemberRow, *, disabled: bool) -> None:
        if not disabled:
            row.disabled_at = None
            return
        if row.id == actor.id:
            raise Conflict("own_account", "不能停用自己的账号")
        check_administrator_remains(await store.effective_administrators(lock=True), row.id)
        row.disabled_at = self._clock.now()
        await self._sessions.end_all(store.session, row.id)
        await Credentials(store.session).drop_activation(row.id)

    async def new_activation(self, actor: Member, member_id: str) -> Activation:
        """A fresh code, for a newcomer or for a forgotten password; the old password stays until the code is used."""
        async with self._database.transaction() as session:
            store = Store(session)
            account = await _account(store, (await _member(store, member_id)).id)
            check_may_act_on_account(actor.roles, account.roles)
            if account.state is MemberState.DISABLED:
                raise Conflict("member_disabled", "该账号已停用，请先恢复")
            activation = await self._new_activation(store, member_id, self._clock.now(), by=actor.id)
        log.info("activation_issued", by=actor.id, member_id=member_id)
        return activation

    async def end_sessions(self, actor: Member, member_id: str) -> None:
        async with self._database.transaction() as session:
            store = Store(session)
            account = await _account(store, (await _member(store, member_id)).id)
            check_may_act_on_account(actor.roles, account.roles)
            ended = await self._sessions.end_all(session, member_id)
        self._sessions.forget(member_id)
        log.info("sessions_ended", by=actor.id, member_id=member_id, sessions_ended=ended)

    async def set_roles(self, actor: Member, member_id: str, roles: frozenset[Role]) -> tuple[Account, bool]:
        """Answers the member, and whether an activation code died of it. Raise NotFound, Forbidden `role_needed`, Conflict
        `last_administrator`."""
        check_may_grant(actor.roles)
        async with self._database.transaction() as session:
            store = Store(session)
            await _member(store, member_id)
            held = (await store.roles_of([member_id])).get(member_id, frozenset())
            if Role.ADMINISTRATOR in held - roles:
                check_administrator_remains(await store.effective_administrators(lock=True), member_id)
            change = RoleChange(member_id, held, roles)
            await store.set_roles([change], by=actor.id, now=self._clock.now())
            dead = await Credentials(session).drop_activations_before_grant([member_id]) if change.given else set()
            account = await _account(store, member_id)
        self._sessions.forget(member_id)
        given, taken = sorted(change.given), sorted(change.taken)
        log.info("roles_changed", by=actor.id, member_id=member_id, given=given, taken=taken, code_void=bool(dead))
        return account, bool(dead)

    # Branches

    async def branches(self) -> list[Branch]:
        async with self._database.reading() as session:
            return await Store(session).branches()

    async def add_branch(self, actor: Member, *, name: str, city: str) -> Branch:
        """Raise Conflict `branch_exists`."""
        async with self._database.transaction() as session:
            row = BranchRow(id=new_id(), name=name, city=city, created_at=self._clock.now())
            await Store(session).save(row)
        log.info("branch_added", by=actor.id, branch_id=row.id)
        return Branch(id=row.id, name=name, city=city, members=0)

    async def change_branch(self, actor: Member, branch_id: str, *, name: str | None, city: str | None) -> Branch:
        async with self._database.transaction() as session:
            store = Store(session)
            row = await store.branch(branch_id)
            if row is None:
                raise NotFound
            row.name, row.city = name or row.name, row.city if city is None else city
            await store.save(row)
            changed = next(branch for branch in await store.branches() if branch.id == branch_id)
        self._sessions.forget()
        log.info("branch_changed", by=actor.id, branch_id=branch_id)
        return changed

    async def _new_activation(self, store: Store, member_id: str, now: datetime, *, by: str) -> Activation:
        expires_at = now + self._settings.code_lifetime
        code = await Credentials(store.session).new_activation(member_id, by=by, now=now, expires_at=expires_at)
        return Activation(code, expires_at)


async def _member(store: Store, member_id: str) -> MemberRow:
    row = await store.member(member_id, lock=True)
    if row is None:
        raise NotFound
    return row


async def _account(store: Store, member_id: str) -> Account:
    account = await store.account(member_id)
    if account is None:
        raise NotFound
    return account


async def _check_branch(store: Store, branch_id: str | None) -> None:
    if branch_id is not None and await store.branch(branch_id) is None:
        raise Unprocessable("branch_unknown", "没有这个支部，请刷新后重选")
