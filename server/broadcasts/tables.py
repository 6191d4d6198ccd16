"""What is kept of broadcasts. The row says what should be; `director.py` makes the media service agree with it.

What a sealed recording is (`recorded_*`) is copied here at the end, so that a list of replays reads no files.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime


class BroadcastRow(Base):
    __tablename__ = "broadcasts"
    __table_args__ = (Index("ix_broadcasts_state_starts_at", "state", "starts_at", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    intro: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    minutes_planned: Mapped[int]
    visibility: Mapped[str] = mapped_column(String(16))
    comment_mode: Mapped[str] = mapped_column(String(16))
    orientation: Mapped[str] = mapped_column(String(16))
    muted: Mapped[bool]
    slow_seconds: Mapped[int]
    visitors_comment: Mapped[bool]
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    interrupted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # also when it was cut off or cancelled
    cut_off_reason: Mapped[str | None] = mapped_column(String(200))
    cut_off_by: Mapped[str | None] = mapped_column(ForeignKey("members.id"))
    publisher_id: Mapped[str | None] = mapped_column(String(36))  # who sent last; may come back with an expired token
    peak_viewers: Mapped[int]

    revision: Mapped[int]  # grows with every edit: SEQUENCE of the calendar entry
    token_count: Mapped[int]  # the highest token version ever given here, so that none is given twice

    recording: Mapped[str] = mapped_column(String(16))  # none, preparing, sealed, discarding, discarded
    recorded_seconds: Mapped[float | None]
    recorded_bytes: Mapped[int | None] = mapped_column(BigInteger)
    recorded_video: Mapped[bool | None]
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discarded_by: Mapped[str | None] = mapped_column(String(36))
    replay_published: Mapped[bool]
    replay_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    download_allowed: Mapped[bool]

    poster: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the stored picture, also its name


class PublisherRow(Base):
    """Who may send to a broadcast: its host and the named co-hosts, each with the version of their own token."""

    __tablename__ = "broadcast_publishers"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    position: Mapped[int]  # 0 is the host; co-hosts follow in the order in which they were named
    token_version: Mapped[int]
