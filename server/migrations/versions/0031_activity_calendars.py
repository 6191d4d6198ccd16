"""Addresses of calendars that were renewed"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_calendars",
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_activity_calendars_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_activity_calendars")),
    )


def downgrade() -> None:
    op.drop_table("activity_calendars")
