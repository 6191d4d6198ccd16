"""Endpoints, how far each has come in each stream, what is to be delivered, and what came of each attempt."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from ..core.journal.model import LONGEST_NAME
from .model import NAME_MOST, URL_MOST

ID = String(36)


class EndpointRow(Base):
    """See `model.Endpoint`. `events` is JSON; `lease_owner` is the process that delivers to it until `lease_until`."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_MOST))
    url: Mapped[str] = mapped_column(String(URL_MOST))
    events: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(12))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(ID)
    secret: Mapped[str] = mapped_column(Text)
    previous: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(40))
    lease_owner: Mapped[str] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CursorRow(Base):
    """Everything of a stream up to `number` has its deliveries."""

    __tablename__ = "webhook_cursors"

    endpoint_id: Mapped[str] = mapped_column(ID, ForeignKey("webhook_endpoints.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class DeliveryRow(Base):
    """See `model.Delivery`."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_deliveries_due", "endpoint_id", "state", "next_at"),
        Index("ix_webhook_deliveries_order", "endpoint_id", "state", "key", "id"),
        Index("ix_webhook_deliveries_ended", "state", "ended_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ID, ForeignKey("webhook_endpoints.id"))
    event_id: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int]
    redeliveries: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(40))


class AttemptRow(Base):
    """`delivery_id` is None for a test. `answer`: the beginning of what was answered."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (Index("ix_webhook_attempts_log", "endpoint_id", "id"), Index("ix_webhook_attempts_at", "at"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ID, ForeignKey("webhook_endpoints.id"))
    delivery_id: Mapped[str | None] = mapped_column(ID)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(40))
    answer: Mapped[str] = mapped_column(Text)
