"""What the journal has no place for, what must be unique, and what was removed. What everybody sees is in the journal."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime


class CommentRow(Base):
    __tablename__ = "comments"
    __table_args__ = (UniqueConstraint("client_id", "author_id"),)  # in this order: many client ids are looked up at once

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    offset: Mapped[int] = mapped_column(BigInteger)  # 0, before the first entry, while it is held, and for good if rejected
    author_id: Mapped[str] = mapped_column(String(36))  # a member's, or that of a visitor, who is forgotten in time
    client_id: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse


class LastCommentRow(Base):
    """When somebody last wrote in a room in slow mode; nothing is written here in others."""

    __tablename__ = "last_comments"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RemovedCommentRow(Base):
    """The words of a removed comment. The journal keeps none of them; whoever must answer for the removal finds them here."""

    __tablename__ = "removed_comments"

    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(String(36))
    why: Mapped[str] = mapped_column(String(16))  # whose right it was: author, host, moderator
    reason: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
