"""Replays that count, and their own roll-calls"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attendance_plans") as table:
        table.add_column(sa.Column("replay", sa.String(length=16), nullable=False, server_default="none"))
        table.add_column(sa.Column("replay_days", sa.Integer(), nullable=False, server_default="30"))
    with op.batch_alter_table("attendance_plans") as table:
        table.alter_column("replay", server_default=None)
        table.alter_column("replay_days", server_default=None)
    broadcast, member = op.f("fk_replay_prompts_broadcast_id_broadcasts"), op.f("fk_replay_prompts_member_id_members")
    op.create_table(
        "replay_prompts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("passed_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=broadcast, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=member),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_prompts")),
    )
    op.create_index("ix_replay_prompts_member", "replay_prompts", ["broadcast_id", "member_id"])
    prompt = op.f("fk_replay_acks_prompt_id_replay_prompts")
    op.create_table(
        "replay_acks",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("prompt_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["replay_prompts.id"], name=prompt, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_replay_acks")),
    )
    op.create_index(op.f("ix_replay_acks_prompt_id"), "replay_acks", ["prompt_id"])


def downgrade() -> None:
    op.drop_table("replay_acks")
    op.drop_table("replay_prompts")
    with op.batch_alter_table("attendance_plans") as table:
        table.drop_column("replay_days")
        table.drop_column("replay")
