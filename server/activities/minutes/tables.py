"""Records of meetings, and what was put right in them afterwards. Amendments are only ever added."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, UtcDateTime
from .model import FILE_NAME_MOST

ID = String(36)


class MinutesRow(Base):
    """See `model.Minutes`: one for an activity; its row is the lock under which it is written. `content`, `roll` are JSON."""

    __tablename__ = "activity_minutes"

    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    chair_id: Mapped[str | None] = mapped_column(ID, ForeignKey("members.id"))
    recorder_id: Mapped[str | None] = mapped_column(ID, ForeignKey("members.id"))
    saved_by: Mapped[str | None] = mapped_column(ID)
    saved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str | None] = mapped_column(ID)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(ID)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned: Mapped[str] = mapped_column(Text)
    roll: Mapped[str | None] = mapped_column(Text)


class AmendmentRow(Base):
    __tablename__ = "activity_amendments"
    __table_args__ = (UniqueConstraint("by", "client_id"), Index("ix_activity_amendments_activity_id", "activity_id", "id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(String(64))


class AttachmentRow(Base):
    """See `model.Attachment`. The same content belongs to a record once."""

    __tablename__ = "activity_attachments"
    __table_args__ = (UniqueConstraint("activity_id", "sha256"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    activity_id: Mapped[str] = mapped_column(ID, ForeignKey("activities.id"))
    name: Mapped[str] = mapped_column(String(FILE_NAME_MOST))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
