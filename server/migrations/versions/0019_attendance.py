"""Roll-calls in rooms, who answered them, who was present"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unsettled, open_ = sa.text("settled_at IS NULL"), sa.text("closed_at IS NULL")
    op.create_table(
        "attendance_plans",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("due", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        _of_broadcast("attendance_plans"),
        sa.PrimaryKeyConstraint("broadcast_id", name=op.f("pk_attendance_plans")),
    )
    op.create_index(
        "ix_attendance_plans_unsettled",
        "attendance_plans",
        ["broadcast_id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    op.create_table(
        "roll_calls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=True),
        sa.Column("client_id", sa.String(length=36), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("media_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_why", sa.String(length=8), nullable=True),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        _of_broadcast("roll_calls"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_calls")),
        sa.UniqueConstraint("broadcast_id", "number", name=op.f("uq_roll_calls_broadcast_id_number")),
        sa.UniqueConstraint("opened_by", "client_id", name=op.f("uq_roll_calls_opened_by_client_id")),
    )
    op.create_index(
        "ix_roll_calls_open", "roll_calls", ["broadcast_id"], unique=True, sqlite_where=open_, postgresql_where=open_
    )
    op.create_table(
        "roll_call_answers",
        sa.Column("roll_call_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        _of_roll_call("roll_call_answers"),
        _of_member("roll_call_answers"),
        sa.PrimaryKeyConstraint("roll_call_id", "member_id", name=op.f("pk_roll_call_answers")),
    )
    op.create_index("ix_roll_call_answers_member", "roll_call_answers", ["broadcast_id", "member_id"])
    op.create_table(
        "roll_call_acks",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("roll_call_id", sa.String(length=36), nullable=False),
        _of_roll_call("roll_call_acks"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_roll_call_acks")),
    )
    op.create_index(op.f("ix_roll_call_acks_roll_call_id"), "roll_call_acks", ["roll_call_id"])
    op.create_table(
        "attendances",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        _of_broadcast("attendances"),
        _of_member("attendances"),
        sa.PrimaryKeyConstraint("broadcast_id", "member_id", name=op.f("pk_attendances")),
    )
    op.create_index(op.f("ix_attendances_member_id"), "attendances", ["member_id"])


def downgrade() -> None:
    for name in ("attendances", "roll_call_acks", "roll_call_answers", "roll_calls", "attendance_plans"):
        op.drop_table(name)


def _of_broadcast(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_broadcast_id_broadcasts")
    return sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=name, ondelete="CASCADE")


def _of_roll_call(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_roll_call_id_roll_calls")
    return sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"], name=name, ondelete="CASCADE")


def _of_member(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id_members"))
