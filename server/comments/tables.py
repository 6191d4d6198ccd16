"""One table. What everybody sees is in the journal; here is what the journal has no place for, and what must be unique."""

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base


class CommentRow(Base):
    __tablename__ = "comments"
    __table_args__ = (UniqueConstraint("client_id", "author_id"),)  # in this order: many client ids are looked up at once

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    offset: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    client_id: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse
