"""When members were in the rooms of broadcasts"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    broadcast, member = op.f("fk_room_visits_broadcast_id_broadcasts"), op.f("fk_room_visits_member_id_members")
    op.create_table(
        "room_visits",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=broadcast, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=member),
        sa.PrimaryKeyConstraint("broadcast_id", "member_id", name=op.f("pk_room_visits")),
    )


def downgrade() -> None:
    op.drop_table("room_visits")
