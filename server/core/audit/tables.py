"""Rows that are only added, and the end of their chain."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, UtcDateTime


class AuditRow(Base):
    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_scope_id", "scope", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # UUIDv7: in the order of time
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(80))
    roles: Mapped[str] = mapped_column(Text)  # separated by commas
    act: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(36))
    scope: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(Text)
    more: Mapped[str] = mapped_column(Text)  # JSON
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    hash: Mapped[str | None] = mapped_column(String(64))


class AuditEndRow(Base):
    """One row: how far the chain has come. Whoever seals holds it."""

    __tablename__ = "audit_end"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
