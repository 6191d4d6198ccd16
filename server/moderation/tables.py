"""What moderation keeps. Ids of rooms and of what was said are other features': no foreign keys lead there."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime


class WordListRow(Base):
    __tablename__ = "word_lists"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    action: Mapped[str] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(ForeignKey("members.id"))


class ListedWordRow(Base):
    __tablename__ = "listed_words"

    list_id: Mapped[str] = mapped_column(ForeignKey("word_lists.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)


class ModerationVersionRow(Base):
    """How often something that every process remembers has been changed: `words`, `mutes`."""

    __tablename__ = "moderation_versions"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class HeldRow(Base):
    __tablename__ = "held"
    __table_args__ = (
        Index("ix_held_scope_state_id", "scope", "state", "id"),
        Index("ix_held_author_id_id", "author_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    scope: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[str] = mapped_column(String(36))
    author: Mapped[str] = mapped_column(Text)  # JSON, as the journal keeps authors
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    media_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(16))
    hits: Mapped[str] = mapped_column(Text)  # JSON
    more: Mapped[str] = mapped_column(Text)  # JSON
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))
    decided_name: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))


class MuteRow(Base):
    __tablename__ = "mutes"
    __table_args__ = (Index("ix_mutes_scope_id", "scope", "id"), Index("ix_mutes_lifted_at", "lifted_at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    scope: Mapped[str | None] = mapped_column(String(36))
    member_id: Mapped[str] = mapped_column(String(36))
    member_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    by_name: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))


class CaseRow(Base):
    """Something said that people have reported, or a word list has marked."""

    __tablename__ = "reported"
    __table_args__ = (Index("ix_reported_scope_state_id", "scope", "state", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # of what was said
    scope: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(Text)  # JSON
    text: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    media_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hits: Mapped[str] = mapped_column(Text)  # JSON
    count: Mapped[int]  # people who reported it
    reasons: Mapped[str] = mapped_column(Text)  # JSON: reason → how often
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))
    decided_name: Mapped[str | None] = mapped_column(String(80))


class ReportRow(Base):
    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("client_id", "by_id"),
        Index("ix_reports_by_id_at", "by_id", "at"),
    )

    thing_id: Mapped[str] = mapped_column(ForeignKey("reported.id", ondelete="CASCADE"), primary_key=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(200))
