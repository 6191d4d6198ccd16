"""Sessions, their rounds, who shook in them, and whom they gave.

`shake_places` is a round's list as the draw reads it: `until` is the sum of the weights up to and with a ticket, so that the
ticket of a place is the first with a larger one. `shake_acks` remembers acknowledged shakes by client id. The indexes of
`shake_draws` are what keeps anybody from having two offers, over all sessions and processes.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime

_RUNNING = text("state IN ('announced', 'open')")
_UNDER_WAY = text("state IN ('prepared', 'open', 'closing', 'closed')")
_OFFERED = text("state = 'offered'")
_ACCEPTED = text("state = 'accepted'")
_NOT_PASSED = text("state <> 'passed'")


class ShakeRow(Base):
    __tablename__ = "shakes"
    __table_args__ = (Index("ix_shakes_running", "id", sqlite_where=_RUNNING, postgresql_where=_RUNNING),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    everybody: Mapped[bool]  # or those of `shake_branches`
    rounds: Mapped[int]
    round_seconds: Mapped[int]
    talk_minutes: Mapped[int]
    exclusion_days: Mapped[int]
    favour: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    seed_commitment: Mapped[str] = mapped_column(String(64))
    receipt_key: Mapped[str] = mapped_column(String(130))
    sealed: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seed: Mapped[str | None] = mapped_column(String(64))


class SecretaryRow(Base):
    __tablename__ = "shake_secretaries"

    shake_id: Mapped[str] = mapped_column(ForeignKey("shakes.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    position: Mapped[int]  # as its owner put them


class BranchRow(Base):
    __tablename__ = "shake_branches"

    shake_id: Mapped[str] = mapped_column(ForeignKey("shakes.id", ondelete="CASCADE"), primary_key=True)
    branch_id: Mapped[str] = mapped_column(ForeignKey("branches.id"), primary_key=True, index=True)


class RoundRow(Base):
    __tablename__ = "shake_rounds"
    __table_args__ = (
        # One under way in a session; also what the look at them reads.
        Index("ix_shake_rounds_under_way", "shake_id", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    shake_id: Mapped[str] = mapped_column(ForeignKey("shakes.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    secretary_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    nonce_commitment: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    nonce: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    size: Mapped[int]
    total_weight: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[int]
    listed_to: Mapped[str] = mapped_column(String(20))
    first_part: Mapped[int] = mapped_column(BigInteger)
    list_hash: Mapped[str | None] = mapped_column(String(64))
    next_n: Mapped[int]


class TicketRow(Base):
    __tablename__ = "shake_tickets"
    __table_args__ = (
        UniqueConstraint("shake_id", "number", "pseudonym"),
        ForeignKeyConstraint(["shake_id", "number"], ["shake_rounds.shake_id", "shake_rounds.number"], ondelete="CASCADE"),
    )

    shake_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(16))
    weight: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    receipt: Mapped[str] = mapped_column(String(128))


class AckRow(Base):
    __tablename__ = "shake_acks"
    __table_args__ = (
        ForeignKeyConstraint(["shake_id", "number"], ["shake_rounds.shake_id", "shake_rounds.number"], ondelete="CASCADE"),
        Index("ix_shake_acks_round", "shake_id", "number"),
    )

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # of member and client id
    digest: Mapped[str] = mapped_column(String(64))  # of session and nonce
    shake_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]


class PlaceRow(Base):
    __tablename__ = "shake_places"
    __table_args__ = (
        ForeignKeyConstraint(["shake_id", "number"], ["shake_rounds.shake_id", "shake_rounds.number"], ondelete="CASCADE"),
    )

    shake_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    member_id: Mapped[str] = mapped_column(String(36))
    pseudonym: Mapped[str] = mapped_column(String(20))


class DrawRow(Base):
    __tablename__ = "shake_draws"
    __table_args__ = (
        UniqueConstraint("shake_id", "number", "n"),
        UniqueConstraint("secretary_id", "client_id"),
        ForeignKeyConstraint(["shake_id", "number"], ["shake_rounds.shake_id", "shake_rounds.number"], ondelete="CASCADE"),
        Index("ix_shake_draws_member", "member_id", "state"),
        Index("ix_shake_draws_member_offered", "member_id", unique=True, sqlite_where=_OFFERED, postgresql_where=_OFFERED),
        Index(
            "ix_shake_draws_secretary_offered", "secretary_id", unique=True, sqlite_where=_OFFERED, postgresql_where=_OFFERED
        ),
        Index(
            "ix_shake_draws_accepted", "shake_id", "member_id", unique=True, sqlite_where=_ACCEPTED, postgresql_where=_ACCEPTED
        ),
        Index(
            "ix_shake_draws_once",
            "shake_id",
            "number",
            "member_id",
            unique=True,
            sqlite_where=_NOT_PASSED,
            postgresql_where=_NOT_PASSED,
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    shake_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]
    n: Mapped[int]
    secretary_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    pseudonym: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(16))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    talk_id: Mapped[str | None] = mapped_column(String(36))
    client_id: Mapped[str | None] = mapped_column(String(36))
    digest: Mapped[str | None] = mapped_column(String(64))  # of what was asked for under it
