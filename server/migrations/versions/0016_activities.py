"""Activities, who has what to do with them, claims and burdens"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("broadcast_id", sa.String(length=36), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("cancel_until", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_activities_branch_id_branches")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_activities_broadcast_id_broadcasts")),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name=op.f("fk_activities_created_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index("ix_activities_starts_at", "activities", ["starts_at", "id"])
    op.create_table(
        "activity_parts",
        *_of_a_member("activity_parts"),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("seat", sa.String(length=8), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("present_at", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=True),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("absence", sa.String(length=200), nullable=True),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wrong_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_activity_parts_member_id", "activity_parts", ["member_id", "activity_id"])
    op.create_index("ix_activity_parts_seats", "activity_parts", ["activity_id", "seat", "turn"])
    op.create_table(
        "activity_claims",
        *_of_a_member("activity_claims"),
        sa.Column("scanned_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("genuine", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
    )
    op.create_table(
        "activity_burdens",
        *_of_a_member("activity_burdens"),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    for name in ("activity_burdens", "activity_claims", "activity_parts", "activities"):
        op.drop_table(name)


def _of_a_member(table: str) -> tuple[sa.Column[str] | sa.Constraint, ...]:
    activity, member = op.f(f"fk_{table}_activity_id_activities"), op.f(f"fk_{table}_member_id_members")
    return (
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=activity),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=member),
        sa.PrimaryKeyConstraint("activity_id", "member_id", name=op.f(f"pk_{table}")),
    )
