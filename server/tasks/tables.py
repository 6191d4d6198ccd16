"""Tasks, what they say and said, who is asked and has confirmed, who opened which file, and who said it was too much."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import FILE_NAME_MOST, REASON_MOST, TITLE_MOST

ID = String(36)


class TaskRow(Base):
    """Its row is the lock for its state and its content. `branch_id` null: the committee's."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state", "state", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    branch_id: Mapped[str | None] = mapped_column(ID, ForeignKey("branches.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    whole: Mapped[bool]
    counts_as: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    created_by: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(REASON_MOST))


class TaskBranchRow(Base):
    __tablename__ = "task_branches"
    __table_args__ = (Index("ix_task_branches_branch_id", "branch_id", "task_id"),)

    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    branch_id: Mapped[str] = mapped_column(ID, ForeignKey("branches.id"), primary_key=True)


class TaskVersionRow(Base):
    """`files`: the ids of its files, in their order, as JSON."""

    __tablename__ = "task_versions"

    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(TITLE_MOST))
    text: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskFileRow(Base):
    """Handed in for a task; its versions name those they have."""

    __tablename__ = "task_files"
    __table_args__ = (Index("ix_task_files_task_id", "task_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"))
    name: Mapped[str] = mapped_column(String(FILE_NAME_MOST))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class TaskPartRow(Base):
    """See `model.Part`: one row for each who is asked, and the lock under which it is confirmed."""

    __tablename__ = "task_parts"
    __table_args__ = (Index("ix_task_parts_member_id", "member_id", "task_id"),)

    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    branch_id: Mapped[str | None] = mapped_column(ID)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int | None]
    hash: Mapped[str | None] = mapped_column(String(64))
    late: Mapped[bool]
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(REASON_MOST))
    withdrawn: Mapped[int]
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TaskOpeningRow(Base):
    """Who was given which file to read, and when first."""

    __tablename__ = "task_openings"

    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskBurdenRow(Base):
    """Who found a task too much. The committee sees how many, never who."""

    __tablename__ = "task_burdens"

    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
