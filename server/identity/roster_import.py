"""A checked roster into the database: all of it or nothing.

People are recognised by 编号, else by mobile number. Known ones are updated, new ones are added. These get a single-use
activation code, which is answered this once, and so do the invited whose code dies of the roles they are given here. One
function for the command, the upload and the demo.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ..core.clock import Clock, SystemClock
from ..core.db import Database
from ..core.errors import Unprocessable
from ..core.ids import new_id
from .credentials import OPERATOR, Credentials
from .model import Member, Role, may_act_on_account
from .roster import Roster, RosterRow, read_roster
from .settings import IdentitySettings
from .store import RoleChange, Store
from .tables import BranchRow, MemberRow
from .wire import RosterActivation, RosterOut

log = structlog.get_logger(__name__)

_SLICE = 200


@dataclass(slots=True)
class _Known:
    """What the database held before the import."""

    by_ref: dict[str, MemberRow]
    by_mobile: dict[str, MemberRow]
    roles: dict[str, frozenset[Role]]
    branches: dict[str, str]
    administrators: set[str]


@dataclass(slots=True)
class _Plan:
    new: list[RosterRow] = field(default_factory=list)
    changed: list[tuple[MemberRow, RosterRow]] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Codes:
    """What the codes of one import have in common."""

    by: str
    now: datetime
    expires_at: datetime


_Pair = tuple[MemberRow, RosterRow]


async def import_roster(
    database: Database,
    content: bytes,
    *,
    dry_run: bool = False,
    actor: Member | None = None,
    clock: Clock | None = None,
    settings: IdentitySettings | None = None,
) -> RosterOut:
    """Import a CSV or XLSX file. `actor` None is the operator at the command line, who may do everything.

    A dry run writes nothing and lists the errors in its answer; a real one raises Unprocessable `roster_invalid` with
    `extra["errors"]`. Both raise Unprocessable `roster_unreadable` or TooLarge for what is no roster.
    """
    clock, settings = clock or SystemClock(), settings or IdentitySettings()
    roster = await asyncio.to_thread(read_roster, content)
    if dry_run or roster.errors:
        async with database.reading() as session:
            plan = await _plan(Store(session), roster, actor)
        if not dry_run:
            raise _invalid(roster)
        return _answer(plan, roster)
    async with database.transaction() as session:
        store = Store(session)
        plan = await _plan(store, roster, actor, lock=True)
        if roster.errors:
            raise _invalid(roster)
        activations = await _apply(store, plan, actor, clock.now(), settings)
    answer = _answer(plan, roster)
    answer.activations = activations
    log.info(
        "roster_imported",
        by=actor.id if actor else None,
        branches_added=answer.branches_added,
        members_added=answer.members_added,
        members_changed=answer.members_changed,
    )
    return answer


async def _plan(store: Store, roster: Roster, actor: Member | None, *, lock: bool = False) -> _Plan:
    """What is to be done; what cannot be done is added to the roster's errors."""
    known = await _known(store, lock=lock)
    plan = _Plan()
    for row in roster.rows:
        found = _match(row, known, roster)
        if found is None and row.status is None:
            roster.refuse(row.line, "status", "新成员须填写")
        _check_rights(row, found, known, roster, actor)
        if row.branch is not None and row.branch not in known.branches:
            plan.branches[row.branch] = plan.branches.get(row.branch) or row.city or ""
        if found is None:
            plan.new.append(row)
        elif _differs(row, found, known):
            plan.changed.append((found, row))
    _check_administrators(plan, known, roster)
    roster.errors.sort(key=lambda error: error.line)
    return plan


async def _known(store: Store, *, lock: bool) -> _Known:
    administrators = await store.effective_administrators(lock=lock)  # first: two imports then wait for one another
    members = await store.all_members()
    return _Known(
        by_ref={row.ref: row for row in members if row.ref is not None},
        by_mobile={row.mobile: row for row in members},
        roles=await store.roles_of([row.id for row in members]),
        branches={branch.name: branch.id for branch in await store.branches()},
        administrators=administrators,
    )


def _match(row: RosterRow, known: _Known, roster: Roster) -> MemberRow | None:
    by_ref = known.by_ref.get(row.ref) if row.ref is not None else None
    by_mobile = known.by_mobile.get(row.mobile)
    if by_ref is not None and by_mobile is not None and by_ref is not by_mobile:
        roster.refuse(row.line, "mobile", "该手机号目前属于另一名成员")
    if by_ref is None and by_mobile is not None and row.ref is not None and by_mobile.ref is not None:
        roster.refuse(row.line, "ref", f"与系统中该手机号的编号（{by_mobile.ref}）不同")
    return by_ref or by_mobile


def _check_rights(row: RosterRow, found: MemberRow | None, known: _Known, roster: Roster, actor: Member | None) -> None:
    """An upload may do no more than its sender could do by hand."""
    if actor is None or Role.ADMINISTRATOR in actor.roles:
        return
    held = known.roles.get(found.id, frozenset()) if found is not None else frozenset()
    if row.roles is not None and row.roles != held:
        roster.refuse(row.line, "roles", "只有管理员可以授予或收回角色")
    if found is not None and found.mobile != row.mobile and not may_act_on_account(actor.roles, held):
        roster.refuse(row.line, "mobile", "该成员担任职务，手机号须由管理员修改")


def _differs(row: RosterRow, found: MemberRow, known: _Known) -> bool:
    return (
        row.name != found.name
        or row.mobile != found.mobile
        or (row.status is not None and row.status.value != found.status)
        or (row.branch is not None and known.branches.get(row.branch) != found.branch_id)
        or (row.ref is not None and row.ref != found.ref)
        or (row.roles is not None and row.roles != known.roles.get(found.id, frozenset()))
    )


def _check_administrators(plan: _Plan, known: _Known, roster: Roster) -> None:
    losing = [
        (member, row)
        for member, row in plan.changed
        if member.id in known.administrators and row.roles is not None and Role.ADMINISTRATOR not in row.roles
    ]
    if losing and len(losing) == len(known.administrators):
        roster.refuse(losing[-1][1].line, "roles", "这样将不再有任何管理员")


async def _apply(
    store: Store, plan: _Plan, actor: Member | None, now: datetime, settings: IdentitySettings
) -> list[RosterActivation]:
    """Write the plan in slices, so that a roster of thousands does not hold up the loop and a broadcast on it."""
    added = [BranchRow(id=new_id(), name=name, city=city, created_at=now) for name, city in plan.branches.items()]
    await store.save(*added)
    branches = {branch.name: branch.id for branch in await store.branches()}
    by = actor.id if actor else None
    codes = _Codes(actor.id if actor else OPERATOR, now, now + settings.code_lifetime)
    activations: list[RosterActivation] = []
    for start in range(0, len(plan.changed), _SLICE):
        changed = plan.changed[start : start + _SLICE]
        for found, row in changed:
            _update(found, row, branches)
        await store.save()
        bereft = await _set_roles(store, changed, by, now)
        activations += await _invite(store, bereft, codes)
    for start in range(0, len(plan.new), _SLICE):
        new = [(_new_member(row, branches, now), row) for row in plan.new[start : start + _SLICE]]
        await store.save(*(member for member, _ in new))
        await _set_roles(store, new, by, now)
        activations += await _invite(store, new, codes)
    return activations


async def _set_roles(store: Store, pairs: list[_Pair], by: str | None, now: datetime) -> list[_Pair]:
    """Answers who has no code any more to activate the account with."""
    held = await store.roles_of([member.id for member, _ in pairs])
    wanted = [
        RoleChange(member.id, held.get(member.id, frozenset()), row.roles) for member, row in pairs if row.roles is not None
    ]
    changes = [change for change in wanted if change.held != change.wanted]
    await store.set_roles(changes, by=by, now=now)
    given_to = [change.member_id for change in changes if change.given]
    dead = await Credentials(store.session).drop_activations_before_grant(given_to)
    for change in changes:
        given, taken = sorted(change.given), sorted(change.taken)
        code_void = change.member_id in dead
        log.info("roles_changed", by=by, member_id=change.member_id, given=given, taken=taken, code_void=code_void)
    return [(member, row) for member, row in pairs if member.id in dead and member.password_hash is None]


async def _invite(store: Store, pairs: list[_Pair], codes: _Codes) -> list[RosterActivation]:
    made = [
        Credentials.make_activation(member.id, by=codes.by, now=codes.now, expires_at=codes.expires_at) for member, _ in pairs
    ]
    await store.save(*(code_row for _, code_row in made))
    return [
        RosterActivation(name=row.name, mobile=row.mobile, code=code) for (_, row), (code, _) in zip(pairs, made, strict=True)
    ]


def _update(found: MemberRow, row: RosterRow, branches: Mapping[str, str]) -> None:
    found.name, found.mobile = row.name, row.mobile
    found.ref = row.ref or found.ref
    if row.status is not None:
        found.status = row.status.value
    if row.branch is not None:
        found.branch_id = branches[row.branch]


def _new_member(row: RosterRow, branches: Mapping[str, str], now: datetime) -> MemberRow:
    return MemberRow(
        id=new_id(),
        ref=row.ref,
        name=row.name,
        mobile=row.mobile,
        branch_id=branches[row.branch] if row.branch is not None else None,
        status=row.status.value if row.status is not None else "",
        created_at=now,
    )


def _answer(plan: _Plan, roster: Roster) -> RosterOut:
    return RosterOut(
        branches_added=len(plan.branches),
        members_added=len(plan.new),
        members_changed=len(plan.changed),
        errors=roster.errors,
    )


def _invalid(roster: Roster) -> Unprocessable:
    errors = [error.model_dump() for error in roster.errors]
    return Unprocessable("roster_invalid", f"名单有 {len(errors)} 处错误，没有写入任何内容", extra={"errors": errors})
