"""Activities, who has what to do with them, claims of phones that were offline, and who said it was too much."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import PLACE_MOST, REASON_MOST, TITLE_MOST

ID = String(36)


class ActivityRow(Base):
    """Its row is the lock for its seats and its state. `branch_id` null: the whole committee's."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_starts_at", "starts_at", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(TITLE_MOST))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    branch_id: Mapped[str | None] = mapped_column(ID, ForeignKey("branches.id"))
    place: Mapped[str] = mapped_column(String(PLACE_MOST))
    intro: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(16))
    broadcast_id: Mapped[str | None] = mapped_column(ID, ForeignKey("broadcasts.id"))
    seats: Mapped[int | None]
    cancel_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PartRow(Base):
    """See `model.Part`: one row for each member an activity concerns, and the lock under which that member checks in."""

    __tablename__ = "activity_parts"
    __table_args__ = (
        Index("ix_activity_parts_member_id", "member_id", "activity_id"),
        Index("ix_activity_parts_seats", "activity_id", "seat", "turn"),
    )

    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    expected: Mapped[bool]
    seat: Mapped[str | None] = mapped_column(String(8))
    turn: Mapped[int]
    present_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    way: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(REASON_MOST))
    absence: Mapped[str | None] = mapped_column(String(REASON_MOST))
    withdrawn: Mapped[int]
    wrong: Mapped[int]
    wrong_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClaimRow(Base):
    __tablename__ = "activity_claims"

    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    genuine: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(REASON_MOST))


class CalendarRow(Base):
    """How often a member has asked for another address of the calendar; who never did has no row."""

    __tablename__ = "activity_calendars"

    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    serial: Mapped[int]


class BurdenRow(Base):
    """Who found an activity too much. The committee sees how many, never who."""

    __tablename__ = "activity_burdens"

    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
