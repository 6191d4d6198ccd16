"""The ledger, what follows from it, and the rules.

`ledger` is append-only and the database itself holds it to that: a trigger refuses every change of a row but its sealing, and
every deletion. `point_balances` follows from it by another trigger, in the statement that adds the row, so the two cannot part;
its row is also the lock under which caps are decided. See the migration for both.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import SOURCE_MOST

ID = String(36)
_UNSEALED = text("number IS NULL")


class EntryRow(Base):
    """See `entry.Entry`. `source` is the cause's key; `branch_id` the member's at that time, "" without one. `number` and
    `hash` are the sealer's."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("member_id", "source"),
        UniqueConstraint("reverses"),
        Index("ix_ledger_windows", "member_id", "indicator", "day"),
        Index("ix_ledger_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
        Index("ix_ledger_chain", "branch_id", "number"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    indicator: Mapped[str] = mapped_column(String(8))
    aspect: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(SOURCE_MOST))
    year: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    full: Mapped[int]
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reverses: Mapped[str | None] = mapped_column(ID, ForeignKey("ledger.id"))
    by: Mapped[str | None] = mapped_column(ID)
    reviewer: Mapped[str | None] = mapped_column(ID)
    title: Mapped[str] = mapped_column(String(120))
    link: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str | None] = mapped_column(String(64))


class BalanceRow(Base):
    """Of one aspect in one year, in tenths."""

    __tablename__ = "point_balances"

    member_id: Mapped[str] = mapped_column(ID, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    aspect: Mapped[str] = mapped_column(String(8), primary_key=True)
    awarded: Mapped[int]
    deducted: Mapped[int]
    vetoes: Mapped[int]


class ChainRow(Base):
    """The end of a branch's chain: how many rows are sealed, and the hash of the last."""

    __tablename__ = "ledger_chains"

    branch_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class IndicatorRow(Base):
    """One version of one indicator: it counts from `since` until the next version of the same code."""

    __tablename__ = "indicators"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[date] = mapped_column(Date, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)  # JSON
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScaleRow(Base):
    """One version of the year's base, the aspects' bounds and the bands."""

    __tablename__ = "point_scales"

    since: Mapped[date] = mapped_column(Date, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)  # JSON
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExemptionRow(Base):
    """Somebody who is not compared (不参评) in a year."""

    __tablename__ = "point_exemptions"

    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
