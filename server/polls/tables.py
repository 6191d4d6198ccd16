"""Polls, and the votes of those that are open.

`ballots` says who has voted in which poll, and what, until the close forgets what. `poll_votes` remembers the acknowledged
votes, so that each client id counts once: under digests made with the client id, which itself is not kept, so they lead nobody
back to what somebody chose.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime

_OPEN = text("state = 'open'")


class PollRow(Base):
    __tablename__ = "polls"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        # One open poll in a room at a time; also what the look at the open ones reads.
        Index("ix_polls_open", "broadcast_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    client_id: Mapped[str | None] = mapped_column(String(36))  # of those opened without a draft
    digest: Mapped[str | None] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse
    question: Mapped[str] = mapped_column(String(120))
    options: Mapped[str] = mapped_column(Text)  # JSON
    most: Mapped[int]
    results: Mapped[str] = mapped_column(String(8))
    final: Mapped[bool]
    seconds: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8))
    offset: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_by: Mapped[str | None] = mapped_column(String(36))
    media_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_why: Mapped[str | None] = mapped_column(String(8))
    counts: Mapped[str | None] = mapped_column(Text)  # JSON
    voters: Mapped[int | None]
    revision: Mapped[int] = mapped_column(BigInteger)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(36))


class BallotRow(Base):
    __tablename__ = "ballots"

    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    choices: Mapped[int | None]  # None once the poll is closed


class VoteRow(Base):
    __tablename__ = "poll_votes"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # of voter and client id
    digest: Mapped[str] = mapped_column(String(64))  # of client id, poll and choices
    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), index=True)
