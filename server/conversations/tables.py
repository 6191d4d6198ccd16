"""Conversations, who is in them, how their pages agreed on keys, and what was sent. What was said is in the journal, sealed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import DEVICE_DIGITS, SIDE_MOST

ID = String(36)


class ConversationRow(Base):
    """Its row is the lock for everything that happens in it. `key_round`: 0 before the first hello."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_state", "state", "closed_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    key_round: Mapped[int]


class PartyRow(Base):
    """Somebody it is between. `device`: of the page that said hello last; `read`: the offset up to which they have read."""

    __tablename__ = "conversation_parties"

    conversation_id: Mapped[str] = mapped_column(ID, ForeignKey("conversations.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(SIDE_MOST))
    device: Mapped[str | None] = mapped_column(String(DEVICE_DIGITS))
    read: Mapped[int] = mapped_column(BigInteger)
    typing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyRow(Base):
    """One step of an agreement on keys. What was sent in it is in the journal, under its offset."""

    __tablename__ = "conversation_keys"
    __table_args__ = (UniqueConstraint("client_id", "conversation_id", "side"),)

    conversation_id: Mapped[str] = mapped_column(ID, ForeignKey("conversations.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    side: Mapped[str] = mapped_column(String(SIDE_MOST), primary_key=True)
    device: Mapped[str] = mapped_column(String(DEVICE_DIGITS))
    offset: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_id: Mapped[str] = mapped_column(ID)
    digest: Mapped[str] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse


class MessageRow(Base):
    """`of`: the message that this one, sealed anew for another page, is a copy of."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("client_id", "author_id"),
        Index("ix_messages_conversation_id", "conversation_id", "side", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ID, ForeignKey("conversations.id"))
    author_id: Mapped[str] = mapped_column(ID)
    side: Mapped[str] = mapped_column(String(SIDE_MOST))
    client_id: Mapped[str] = mapped_column(ID)
    digest: Mapped[str] = mapped_column(String(64))
    offset: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)  # characters of its body
    blob_id: Mapped[str | None] = mapped_column(ID)
    of: Mapped[str | None] = mapped_column(ID)
    recalled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BlobRow(Base):
    """A sealed file. `doomed`: its file is to go; the row goes once it has."""

    __tablename__ = "conversation_blobs"
    __table_args__ = (Index("ix_conversation_blobs_conversation_id", "conversation_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ID, ForeignKey("conversations.id"))
    side: Mapped[str] = mapped_column(String(SIDE_MOST))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[str | None] = mapped_column(ID)
    doomed: Mapped[bool]
