"""Records of meetings and their amendments"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_minutes",
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("chair_id", sa.String(length=36), nullable=True),
        sa.Column("recorder_id", sa.String(length=36), nullable=True),
        sa.Column("saved_by", sa.String(length=36), nullable=True),
        sa.Column("saved_at", sa.BigInteger(), nullable=True),
        sa.Column("submitted_by", sa.String(length=36), nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=36), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("returned", sa.Text(), nullable=False),
        sa.Column("roll", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_minutes_activity_id_activities")),
        sa.ForeignKeyConstraint(["chair_id"], ["members.id"], name=op.f("fk_activity_minutes_chair_id_members")),
        sa.ForeignKeyConstraint(["recorder_id"], ["members.id"], name=op.f("fk_activity_minutes_recorder_id_members")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_minutes")),
    )
    op.create_table(
        "activity_amendments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_amendments_activity_id_activities")),
        sa.ForeignKeyConstraint(["by"], ["members.id"], name=op.f("fk_activity_amendments_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_amendments")),
        sa.UniqueConstraint("by", "client_id", name=op.f("uq_activity_amendments_by_client_id")),
    )
    op.create_index("ix_activity_amendments_activity_id", "activity_amendments", ["activity_id", "id"])


def downgrade() -> None:
    op.drop_table("activity_amendments")
    op.drop_table("activity_minutes")
