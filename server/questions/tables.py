"""Questions, their votes and written answers. What the room was told is in the journal; a snapshot is read from here.

`votes` is counted in the transaction that takes a vote, `told` in the one that tells it.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime

_UNTOLD = text("votes <> told")


class QuestionRoomRow(Base):
    """Whoever asks, marks or removes in a room holds its row: what counts all of a room is decided one after the other."""

    __tablename__ = "question_rooms"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)


class QuestionRow(Base):
    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("client_id", "asker_id"),
        Index("ix_questions_untold", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    offset: Mapped[int] = mapped_column(BigInteger)  # 0 while it is held, and for good if it was rejected
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    asker_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    by: Mapped[str] = mapped_column(Text)  # JSON: name and badge of that day
    text: Mapped[str] = mapped_column(Text)
    anonymous: Mapped[bool]
    client_id: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse
    state: Mapped[str] = mapped_column(String(16))
    answering_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pinned: Mapped[bool]
    votes: Mapped[int]
    told: Mapped[int]
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    adopted_id: Mapped[str | None] = mapped_column(String(36))
    removed: Mapped[str | None] = mapped_column(String(16))  # whose right it was: author, host, moderator


class QuestionVoteRow(Base):
    __tablename__ = "question_votes"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy's form

    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)


class QuestionReplyRow(Base):
    __tablename__ = "question_replies"
    __table_args__ = (UniqueConstraint("client_id", "author_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"))
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    offset: Mapped[int] = mapped_column(BigInteger)  # as of questions
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    by: Mapped[str] = mapped_column(Text)  # JSON: name and badge of that day
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))
    removed: Mapped[str | None] = mapped_column(String(16))


class QuestionRemovalRow(Base):
    """Who removed a question or a written answer, and for what reason. Its words stay in its own row, which from then on only
    those read who must answer for the removal."""

    __tablename__ = "question_removals"

    subject_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    why: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(200))
