"""What is kept of a room: reactions as counts, how many watched when, notices, and who is here now (of several processes).

Who reacted or watched when is nobody's business (design, section 5): batches are remembered for a day, to count each once;
the rows of who is here go when they do.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime


class ReactionBatchRow(Base):
    """A batch that was counted. No reference to the broadcast: it would be locked for each."""

    __tablename__ = "reaction_batches"
    __table_args__ = (Index("ix_reaction_batches_at", "at"), {"sqlite_with_rowid": False})

    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReactionCountRow(Base):
    """Reactions of one kind that came within ten seconds."""

    __tablename__ = "reaction_counts"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)  # the beginning
    count: Mapped[int] = mapped_column(BigInteger)


class ReactionTotalRow(Base):
    """All of one kind: the sum of the counts, raised in the same transactions."""

    __tablename__ = "reaction_totals"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ViewerSampleRow(Base):
    """How many were in the room within ten seconds on air: at their end, and at most."""

    __tablename__ = "viewer_samples"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)  # the beginning
    viewers: Mapped[int] = mapped_column(Integer)
    most: Mapped[int] = mapped_column(Integer)


class NoticeRow(Base):
    """A notice that was pinned or announced. `unpinned_at`: when it was taken down or another one took its place."""

    __tablename__ = "room_notices"
    __table_args__ = (
        UniqueConstraint("client_id", "author_id"),
        Index("ix_room_notices_broadcast_id_kind_offset", "broadcast_id", "kind", "offset"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    offset: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    client_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)
    unpinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProcessRow(Base):
    """A serving process with people in its rooms. `beat` grows while it lives, `version` whenever its people change."""

    __tablename__ = "room_processes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    beat: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)


class PresentRow(Base):
    """Somebody whose connection to that process is in the room."""

    __tablename__ = "room_people"

    process_id: Mapped[str] = mapped_column(ForeignKey("room_processes.id", ondelete="CASCADE"), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person: Mapped[str] = mapped_column(String(36), primary_key=True)
