"""Tables of identity. Secrets (passwords, session tokens, codes) are kept as hashes only; ids are UUIDv7 text."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import BRANCH_NAME_MOST, CITY_MOST, NAME_MOST, REF_MOST, VISITOR_NAME_MOST

ID = String(36)
HASH = String(64)


class OrganisationRow(Base):
    """The committee this deployment serves: one row, made at set-up."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(BRANCH_NAME_MOST))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BranchRow(Base):
    __tablename__ = "branches"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(BRANCH_NAME_MOST), unique=True)
    city: Mapped[str] = mapped_column(String(CITY_MOST))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MemberRow(Base):
    """`ref` is the code a roster knows the person by. `password_hash` is null until the account is activated."""

    __tablename__ = "members"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    ref: Mapped[str | None] = mapped_column(String(REF_MOST), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_MOST))
    mobile: Mapped[str] = mapped_column(String(11), unique=True)
    branch_id: Mapped[str | None] = mapped_column(ID, ForeignKey("branches.id"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MemberRoleRow(Base):
    __tablename__ = "member_roles"
    __table_args__ = (Index("ix_member_roles_role", "role", "member_id"),)

    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by: Mapped[str | None] = mapped_column(ID)


class SessionRow(Base):
    """`device` is the user agent in a few words; `expires_at` is the absolute end, the idle end follows from `last_seen_at`."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    device: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45))


class ActivationCodeRow(Base):
    """At most one live code per member: a new one replaces it, use deletes it. `issued_by` is a member's id or the operator
    at the command line; null means that nobody knows any more."""

    __tablename__ = "activation_codes"

    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(HASH)
    issued_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SetupTokenRow(Base):
    """The one valid set-up link: one row."""

    __tablename__ = "setup_tokens"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(HASH)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttemptsRow(Base):
    """A throttle bucket. `key` is an HMAC of what is throttled, so mistyped numbers and addresses of strangers are not kept."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(HASH, primary_key=True)
    level: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VisitorRow(Base):
    """Somebody from outside who has proven a mobile number, which is shown to nobody. The name is of their own choice."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    mobile: Mapped[str] = mapped_column(String(11), unique=True)
    name: Mapped[str] = mapped_column(String(VISITOR_NAME_MOST))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class VisitorCodeRow(Base):
    """The one code that was sent to a number last; `tries` are wrong ones."""

    __tablename__ = "visitor_codes"

    mobile: Mapped[str] = mapped_column(String(11), primary_key=True)
    code_hash: Mapped[str] = mapped_column(HASH)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int]


class VisitorSessionRow(Base):
    __tablename__ = "visitor_sessions"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    visitor_id: Mapped[str] = mapped_column(ID, ForeignKey("visitors.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
