"""Recordings that were thrown away: when, and by whom"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE: making the table anew would, on SQLite, take the rows that refer to it along.
    op.add_column("broadcasts", sa.Column("discarded_at", sa.BigInteger(), nullable=True))
    op.add_column("broadcasts", sa.Column("discarded_by", sa.String(length=36), nullable=True))


def downgrade() -> None:
    op.drop_column("broadcasts", "discarded_by")
    op.drop_column("broadcasts", "discarded_at")
