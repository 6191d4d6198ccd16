"""Pictures and papers that belong to a record"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_attachments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("activity_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_attachments_activity_id_activities")
        ),
        sa.ForeignKeyConstraint(["by"], ["members.id"], name=op.f("fk_activity_attachments_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_attachments")),
        sa.UniqueConstraint("activity_id", "sha256", name=op.f("uq_activity_attachments_activity_id_sha256")),
    )


def downgrade() -> None:
    op.drop_table("activity_attachments")
