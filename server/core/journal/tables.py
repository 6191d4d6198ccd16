"""Two tables: how far each channel has come, and every entry. An entry is found by (channel, offset) and in no other way."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, UtcDateTime
from .model import LONGEST_NAME


class ChannelRow(Base):
    __tablename__ = "channels"

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(36))
    head: Mapped[int] = mapped_column(BigInteger)


class EntryRow(Base):
    __tablename__ = "journal"
    # On SQLite the rows lie in the tree of the key itself: half the pages to write for each commit.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy reads it as it is

    channel: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    media_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str | None] = mapped_column(Text)  # JSON of the author
    data: Mapped[str] = mapped_column(Text)  # JSON
