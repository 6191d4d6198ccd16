"""Talks, and who is in one now. What was said in them is not here."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import SOURCE_MOST

ID = String(36)
SIDE = String(12)


class TalkRow(Base):
    """It has the id of its conversation, whose row is the lock for both. `note` and `summary` are sealed (`core.sealed`).
    `keeping`: the sides that want nothing kept, with a space between them."""

    __tablename__ = "talks"
    __table_args__ = (
        UniqueConstraint("source"),
        Index("ix_talks_secretary_id", "secretary_id", "id"),
        Index("ix_talks_member_id", "member_id", "id"),
        Index("ix_talks_state", "state"),
    )

    id: Mapped[str] = mapped_column(ID, ForeignKey("conversations.id"), primary_key=True)
    secretary_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    source: Mapped[str] = mapped_column(String(SOURCE_MOST))
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(SIDE)
    extensions: Mapped[int]
    asked_by: Mapped[str | None] = mapped_column(SIDE)
    keeping: Mapped[str] = mapped_column(String(24))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_by: Mapped[str | None] = mapped_column(SIDE)
    stars: Mapped[int | None]
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    again: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    note_due_on: Mapped[date | None] = mapped_column(Date)
    note_done: Mapped[bool]
    summary: Mapped[str | None] = mapped_column(Text)
    summary_state: Mapped[str] = mapped_column(String(8))
    summary_by: Mapped[str | None] = mapped_column(SIDE)


class PlaceRow(Base):
    """Who is in a talk that is not over, on whichever side: never in two. It is taken before the talk is written."""

    __tablename__ = "talk_places"

    person_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    talk_id: Mapped[str] = mapped_column(ID)
