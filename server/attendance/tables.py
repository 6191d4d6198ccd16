"""Roll-calls, who answered them, and who was present.

`roll_call_acks` remembers the acknowledged answers by client id, so that each counts once; `attendances` is the record of who
was present, one row for each member and broadcast, from which the points were credited.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime

_OPEN = text("closed_at IS NULL")
_UNSETTLED = text("settled_at IS NULL")


class PlanRow(Base):
    __tablename__ = "attendance_plans"
    __table_args__ = (
        Index("ix_attendance_plans_unsettled", "broadcast_id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int]
    seconds: Mapped[int]
    asked: Mapped[int]  # answers that the host asks for
    topic: Mapped[str | None] = mapped_column(String(16))
    needed: Mapped[int]  # the same, or fewer once it has ended with fewer roll-calls
    due: Mapped[str | None] = mapped_column(Text)  # JSON: microseconds since the epoch, of those still to come
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replay: Mapped[str] = mapped_column(String(16))  # none, roll_call, quiz
    replay_days: Mapped[int]


class RollCallRow(Base):
    __tablename__ = "roll_calls"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "number"),
        UniqueConstraint("opened_by", "client_id"),
        # One open roll-call in a room at a time; also what the look at the open ones reads.
        Index("ix_roll_calls_open", "broadcast_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(String(8))
    opened_by: Mapped[str | None] = mapped_column(String(36))
    client_id: Mapped[str | None] = mapped_column(String(36))  # of those opened by hand
    digest: Mapped[str | None] = mapped_column(String(64))  # of what was asked for, to tell a repetition from a reuse
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    media_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offset: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_why: Mapped[str | None] = mapped_column(String(8))
    interrupted: Mapped[bool]


class AnswerRow(Base):
    __tablename__ = "roll_call_answers"
    __table_args__ = (Index("ix_roll_call_answers_member", "broadcast_id", "member_id"),)

    roll_call_id: Mapped[str] = mapped_column(ForeignKey("roll_calls.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(String(36))
    branch_id: Mapped[str | None] = mapped_column(String(36))  # of the member, that day
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AckRow(Base):
    __tablename__ = "roll_call_acks"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # of member and client id
    roll_call_id: Mapped[str] = mapped_column(ForeignKey("roll_calls.id", ondelete="CASCADE"), index=True)


class AttendanceRow(Base):
    __tablename__ = "attendances"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    way: Mapped[str] = mapped_column(String(8))  # live, replay


class WatchRow(Base):
    """What a member has watched of a broadcast: JSON of disjoint intervals of ms. `media`: of the broadcast, from its
    beginning; `wall`: of the clock."""

    __tablename__ = "watch_times"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    media: Mapped[str] = mapped_column(Text)
    wall: Mapped[str] = mapped_column(Text)


class PromptRow(Base):
    """A roll-call of one member's replay. `place`: ms of the broadcast; `part`: which of the equal parts it lies in."""

    __tablename__ = "replay_prompts"
    __table_args__ = (Index("ix_replay_prompts_member", "broadcast_id", "member_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    part: Mapped[int]
    place: Mapped[int] = mapped_column(BigInteger)
    passed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PromptAckRow(Base):
    __tablename__ = "replay_acks"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # of member and client id
    prompt_id: Mapped[str] = mapped_column(ForeignKey("replay_prompts.id", ondelete="CASCADE"), index=True)


class VisitRow(Base):
    """From when to when a member was seen in the room of a broadcast that was on air."""

    __tablename__ = "room_visits"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuizRow(Base):
    """A short quiz about a replay, drawn for one member. `questions`: JSON, with the right answers; `answers`: JSON, the option
    chosen for each."""

    __tablename__ = "replay_quizzes"
    __table_args__ = (Index("ix_replay_quizzes_member", "broadcast_id", "member_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    questions: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answers: Mapped[str | None] = mapped_column(Text)
    right: Mapped[int]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
