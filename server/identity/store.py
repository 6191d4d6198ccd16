"""Members, branches, roles and the organisation in the database. Decides nothing; answers rows and facts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.chinese import chinese_order
from ..core.db import UtcDateTime
from ..core.errors import AppError, Conflict
from .model import Account, Branch, MemberSort, MemberState, Person, Role, Status, state_of
from .tables import BranchRow, MemberRoleRow, MemberRow, OrganisationRow

# SQLite takes 32,766 parameters in a statement, PostgreSQL's driver 32,767.
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class AccountFilter:
    q: str = ""
    branch_id: str | None = None
    status: Status | None = None
    role: Role | None = None
    state: MemberState | None = None
    enabled: bool = False
    """Leave out the disabled."""
    sort: MemberSort | None = None
    """None: in the order of their making."""


@dataclass(frozen=True, slots=True)
class RoleChange:
    member_id: str
    held: frozenset[Role]
    wanted: frozenset[Role]

    @property
    def given(self) -> frozenset[Role]:
        return self.wanted - self.held

    @property
    def taken(self) -> frozenset[Role]:
        return self.held - self.wanted


class Store:
    """One use case's view of the tables, inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # People

    async def member(self, member_id: str, *, lock: bool = False) -> MemberRow | None:
        return await self.session.get(MemberRow, member_id, with_for_update=lock or None)

    async def member_by_mobile(self, mobile: str) -> MemberRow | None:
        return await self.session.scalar(select(MemberRow).where(MemberRow.mobile == mobile))

    async def all_members(self) -> Sequence[MemberRow]:
        return (await self.session.scalars(select(MemberRow))).all()

    async def save(self, *rows: object) -> None:
        """Write what changed now, so that a broken uniqueness is answered as the conflict it is."""
        self.session.add_all(rows)
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise _conflict_of(error) from error

    async def account(self, member_id: str) -> Account | None:
        found = await self.accounts(AccountFilter(), only=[member_id])
        return found[0] if found else None

    async def accounts(
        self, wanted: AccountFilter, *, after: str | None = None, limit: int | None = None, only: Collection[str] | None = None
    ) -> list[Account]:
        """Accounts as they are wanted, those behind the one with the id `after`."""
        query = (
            select(MemberRow, BranchRow.name)
            .outerjoin(BranchRow, BranchRow.id == MemberRow.branch_id)
            .where(*_conditions(wanted))
            .order_by(*_order(wanted.sort))
        )
        if after is not None:
            query = query.where(await self._behind(after, wanted.sort))
        if only is not None:
            query = query.where(MemberRow.id.in_(only))
        if limit is not None:
            query = query.limit(limit)
        rows = (await self.session.execute(query)).all()
        roles = await self.roles_of([row.id for row, _ in rows])
        return [_account(row, branch, roles.get(row.id, frozenset())) for row, branch in rows]

    async def _behind(self, after: str, sort: MemberSort | None) -> ColumnElement[bool]:
        """As the member stands now: whoever was renamed since the last page was read moved for everybody."""
        if sort is None:
            return MemberRow.id > after
        key = _SORT_KEYS[sort.removeprefix("-")]
        found = select(key).select_from(MemberRow).outerjoin(BranchRow, BranchRow.id == MemberRow.branch_id)
        last = await self.session.scalar(found.where(MemberRow.id == after))
        if last is None:
            return false()
        last = literal(last, key.type)
        beyond = key < last if sort.startswith("-") else key > last
        return or_(beyond, and_(key == last, MemberRow.id > after))

    async def people(self, ids: Iterable[str]) -> dict[str, Person]:
        """Those of `ids` that exist, disabled ones too."""
        accounts = await self.accounts(AccountFilter(), only=set(ids))
        return {account.id: account.person for account in accounts}

    # Roles

    async def roles_of(self, ids: Sequence[str]) -> dict[str, frozenset[Role]]:
        held: dict[str, set[Role]] = {}
        for start in range(0, len(ids), _CHUNK):
            query = select(MemberRoleRow.member_id, MemberRoleRow.role).where(
                MemberRoleRow.member_id.in_(ids[start : start + _CHUNK])
            )
            for member_id, role in await self.session.execute(query):
                held.setdefault(member_id, set()).add(Role(role))
        return {member_id: frozenset(roles) for member_id, roles in held.items()}

    async def set_roles(self, changes: Iterable[RoleChange], *, by: str | None, now: datetime) -> None:
        """Give what is missing and take what is too much. One flush for all: an import may change thousands."""
        rows = []
        for change in changes:
            if change.taken:
                of_member = MemberRoleRow.member_id == change.member_id
                await self.session.execute(delete(MemberRoleRow).where(of_member, MemberRoleRow.role.in_(change.taken)))
            rows += [
                MemberRoleRow(member_id=change.member_id, role=role.value, granted_at=now, granted_by=by)
                for role in sorted(change.given)
            ]
        await self.save(*rows)

    async def effective_administrators(self, *, lock: bool = False) -> set[str]:
        """Ids of administrators who can sign in. With `lock`, two who would remove each other wait for one another."""
        held = select(MemberRoleRow.member_id).where(MemberRoleRow.role == Role.ADMINISTRATOR.value)
        if lock:
            await self.session.scalars(held.order_by(MemberRoleRow.member_id).with_for_update())
        able = select(MemberRow.id).where(
            MemberRow.id.in_(held), MemberRow.password_hash.is_not(None), MemberRow.disabled_at.is_(None)
        )
        return set((await self.session.scalars(able)).all())

    # Branches and organisation

    async def branch(self, branch_id: str) -> BranchRow | None:
        return await self.session.get(BranchRow, branch_id)

    async def branches(self) -> list[Branch]:
        members = (
            select(MemberRow.branch_id, func.count().label("number"))
            .where(MemberRow.disabled_at.is_(None))
            .group_by(MemberRow.branch_id)
            .subquery()
        )
        query = (
            select(BranchRow, members.c.number).outerjoin(members, members.c.branch_id == BranchRow.id).order_by(BranchRow.id)
        )
        rows = (await self.session.execute(query)).all()
        return [Branch(id=row.id, name=row.name, city=row.city, members=number or 0) for row, number in rows]

    async def organisation(self) -> OrganisationRow | None:
        return await self.session.get(OrganisationRow, 1)


_SORT_KEYS: dict[str, ColumnElement[Any]] = {
    "name": chinese_order(MemberRow.__table__.c.name),
    "branch": chinese_order(func.coalesce(BranchRow.name, "")),
    "last_sign_in": func.coalesce(MemberRow.last_sign_in_at, literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())),
}


def _order(sort: MemberSort | None) -> list[ColumnElement[Any]]:
    if sort is None:
        return [MemberRow.__table__.c.id]
    key = _SORT_KEYS[sort.removeprefix("-")]
    return [key.desc() if sort.startswith("-") else key, MemberRow.__table__.c.id]


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.q:
        conditions.append(
            or_(
                MemberRow.name.contains(wanted.q, autoescape=True),
                MemberRow.mobile.contains(wanted.q, autoescape=True),
                MemberRow.ref == wanted.q,
            )
        )
    if wanted.branch_id is not None:
        conditions.append(MemberRow.branch_id == wanted.branch_id)
    if wanted.status is not None:
        conditions.append(MemberRow.status == wanted.status.value)
    if wanted.role is not None:
        conditions.append(exists().where(MemberRoleRow.member_id == MemberRow.id, MemberRoleRow.role == wanted.role.value))
    if wanted.enabled:
        conditions.append(MemberRow.disabled_at.is_(None))
    if wanted.state is MemberState.DISABLED:
        conditions.append(MemberRow.disabled_at.is_not(None))
    elif wanted.state is not None:
        active = wanted.state is MemberState.ACTIVE
        password = MemberRow.password_hash.is_not(None) if active else MemberRow.password_hash.is_(None)
        conditions += [MemberRow.disabled_at.is_(None), password]
    return conditions


def _account(row: MemberRow, branch_name: str | None, roles: frozenset[Role]) -> Account:
    return Account(
        id=row.id,
        ref=row.ref,
        name=row.name,
        mobile=row.mobile,
        branch_id=row.branch_id,
        branch_name=branch_name,
        status=Status(row.status),
        roles=roles,
        state=state_of(has_password=row.password_hash is not None, disabled=row.disabled_at is not None),
        last_sign_in_at=row.last_sign_in_at,
    )


def _conflict_of(error: IntegrityError) -> AppError:
    """SQLite names the column (`members.mobile`), PostgreSQL the constraint (`uq_members_mobile`)."""
    text = str(error.orig)
    if "members.mobile" in text or "members_mobile" in text:
        return Conflict("mobile_taken", "该手机号已被使用")
    if "branches.name" in text or "branches_name" in text:
        return Conflict("branch_exists", "已有同名支部")
    return Conflict("changed_meanwhile", "数据刚被他人修改，请刷新后重试")
