"""What members have watched of broadcasts"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    broadcast, member = op.f("fk_watch_times_broadcast_id_broadcasts"), op.f("fk_watch_times_member_id_members")
    op.create_table(
        "watch_times",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("wall", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=broadcast, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=member),
        sa.PrimaryKeyConstraint("broadcast_id", "member_id", name=op.f("pk_watch_times")),
    )


def downgrade() -> None:
    op.drop_table("watch_times")
