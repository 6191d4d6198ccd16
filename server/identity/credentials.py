"""What proves somebody before there is a session: throttle buckets, activation codes, the set-up link. SQL only."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.ids import digest, new_code, new_token, normalise_code
from .model import Role
from .tables import ActivationCodeRow, MemberRoleRow, MemberRow, SetupTokenRow, SignInAttemptsRow
from .throttle import LONGEST_MEMORY, Bucket

OPERATOR = "operator"
"""Who issues codes at the command line, and may do everything."""


class Credentials:
    """One use case's view of the tables, inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # Throttle buckets

    async def bucket(self, key: str) -> Bucket | None:
        row = await self.session.get(SignInAttemptsRow, key)
        return None if row is None else Bucket(row.level, row.updated_at, row.blocked_until)

    async def lock_bucket(self, key: str, now: datetime) -> Bucket | None:
        """The same, held until the transaction ends: parallel attempts are counted one after the other."""
        insert = sqlite.insert if self.session.get_bind().dialect.name == "sqlite" else postgresql.insert
        empty = insert(SignInAttemptsRow).values(key=key, level=0.0, updated_at=now, blocked_until=None)
        await self.session.execute(empty.on_conflict_do_nothing())
        row = await self.session.get_one(SignInAttemptsRow, key, with_for_update=True)
        return Bucket(row.level, row.updated_at, row.blocked_until)

    async def keep_bucket(self, key: str, bucket: Bucket) -> None:
        row = await self.session.get_one(SignInAttemptsRow, key)
        row.level, row.updated_at, row.blocked_until = bucket.level, bucket.updated_at, bucket.blocked_until

    async def empty_bucket(self, key: str) -> None:
        await self.session.execute(delete(SignInAttemptsRow).where(SignInAttemptsRow.key == key))

    # Activation codes: 80 random bits, so neither guessing nor a slow hash is a matter

    async def new_activation(self, member_id: str, *, by: str, now: datetime, expires_at: datetime) -> str:
        """Make the member's one valid code; an older one is dead from here on. Answers the code, which is not kept."""
        await self.drop_activation(member_id)
        code, row = self.make_activation(member_id, by=by, now=now, expires_at=expires_at)
        self.session.add(row)
        await self.session.flush()
        return code

    @staticmethod
    def make_activation(member_id: str, *, by: str, now: datetime, expires_at: datetime) -> tuple[str, ActivationCodeRow]:
        """A code and the row to save, for a newcomer who has none yet."""
        code = new_code()
        row = ActivationCodeRow(
            member_id=member_id, code_hash=digest(code), issued_by=by, created_at=now, expires_at=expires_at
        )
        return code, row

    async def activation_fits(self, member_id: str, code: str, now: datetime) -> bool:
        fitting = select(ActivationCodeRow.member_id).where(*_fits(member_id, code, now))
        return await self.session.scalar(fitting) is not None

    async def use_activation(self, member_id: str, code: str, now: datetime) -> bool:
        """Use the code up; of any number of parallel callers exactly one gets True."""
        used = delete(ActivationCodeRow).where(*_fits(member_id, code, now)).returning(ActivationCodeRow.member_id)
        return (await self.session.execute(used)).first() is not None

    async def drop_activation(self, member_id: str) -> None:
        await self.session.execute(delete(ActivationCodeRow).where(ActivationCodeRow.member_id == member_id))

    async def drop_activations_before_grant(self, member_ids: Collection[str]) -> set[str]:
        """These members are being given rights, and whoever issued a code may have kept a copy to enter with. So a code stays
        only if an administrator issued it, who could have taken those rights anyway. Answers whose code is dead from here on.
        """
        given_to = select(MemberRow.id).where(MemberRow.id.in_(member_ids)).order_by(MemberRow.id)
        await self.session.execute(given_to.with_for_update())  # a code that is being issued right now is waited for
        administrators = select(MemberRoleRow.member_id).where(MemberRoleRow.role == Role.ADMINISTRATOR.value)
        issuer = ActivationCodeRow.issued_by
        others = or_(issuer.is_(None), issuer.not_in(administrators) & (issuer != OPERATOR))
        dropped = delete(ActivationCodeRow).where(ActivationCodeRow.member_id.in_(member_ids), others)
        return set((await self.session.scalars(dropped.returning(ActivationCodeRow.member_id))).all())

    # The set-up link

    async def new_setup_token(self, expires_at: datetime) -> str:
        """Make the one valid link token; the one of an earlier start is dead from here on."""
        token = new_token(256)
        await self.session.merge(SetupTokenRow(id=1, token_hash=digest(token), expires_at=expires_at))
        await self.session.flush()
        return token

    async def setup_fits(self, token: str, now: datetime) -> bool:
        row = await self.session.get(SetupTokenRow, 1)
        return row is not None and row.token_hash == digest(token) and row.expires_at > now

    async def use_setup(self, token: str, now: datetime) -> bool:
        used = delete(SetupTokenRow).where(SetupTokenRow.token_hash == digest(token), SetupTokenRow.expires_at > now)
        return (await self.session.execute(used.returning(SetupTokenRow.id))).first() is not None

    async def purge(self, now: datetime) -> None:
        """Delete what has expired."""
        await self.session.execute(delete(ActivationCodeRow).where(ActivationCodeRow.expires_at <= now))
        await self.session.execute(delete(SetupTokenRow).where(SetupTokenRow.expires_at <= now))
        await self.session.execute(delete(SignInAttemptsRow).where(SignInAttemptsRow.updated_at <= now - LONGEST_MEMORY))


def _fits(member_id: str, code: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ActivationCodeRow.member_id == member_id,
        ActivationCodeRow.code_hash == digest(normalise_code(code)),
        ActivationCodeRow.expires_at > now,
    )
