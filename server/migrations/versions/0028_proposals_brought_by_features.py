"""Proposals that a feature brings, known by what happened"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STANDS = sa.text("state <> 'withdrawn'")


def upgrade() -> None:
    op.add_column("point_proposals", sa.Column("source", sa.String(length=120), nullable=True))
    op.create_index(
        "uq_point_proposals_brought",
        "point_proposals",
        ["source"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )


def downgrade() -> None:
    op.drop_index("uq_point_proposals_brought", table_name="point_proposals")
    with op.batch_alter_table("point_proposals") as table:
        table.drop_column("source")
