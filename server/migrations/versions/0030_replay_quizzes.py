"""Short quizzes about replays"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    broadcast, member = op.f("fk_replay_quizzes_broadcast_id_broadcasts"), op.f("fk_replay_quizzes_member_id_members")
    op.create_table(
        "replay_quizzes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=broadcast, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=member),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_quizzes")),
    )
    op.create_index("ix_replay_quizzes_member", "replay_quizzes", ["broadcast_id", "member_id"])


def downgrade() -> None:
    op.drop_table("replay_quizzes")
