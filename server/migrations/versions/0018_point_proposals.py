"""Manual awards and deductions that wait for a second person, and appeals against deductions"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_proposals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=False),
        sa.Column("indicator", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("discipline", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reviewer", sa.String(length=36), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_point_proposals_member_id_members")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger.id"], name=op.f("fk_point_proposals_entry_id_ledger")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_proposals")),
    )
    op.create_index("ix_point_proposals_queue", "point_proposals", ["state", "id"])
    op.create_table(
        "point_appeals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=False),
        sa.Column("discipline", sa.Boolean(), nullable=False),
        sa.Column("proposer", sa.String(length=36), nullable=True),
        sa.Column("reviewer", sa.String(length=36), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.String(length=36), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger.id"], name=op.f("fk_point_appeals_entry_id_ledger")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_point_appeals_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_appeals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_point_appeals_entry_id")),
    )
    op.create_index("ix_point_appeals_queue", "point_appeals", ["state", "id"])


def downgrade() -> None:
    op.drop_table("point_appeals")
    op.drop_table("point_proposals")
