"""What proves an objection, and what an answer has added to the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objections") as table:
        table.add_column(sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("awards", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("objections") as table:  # the defaults were for the rows there are
        table.alter_column("evidence", server_default=None)
        table.alter_column("awards", server_default=None)
    op.create_index("ix_objections_queue", "objections", ["state", "id"])


def downgrade() -> None:
    op.drop_index("ix_objections_queue", table_name="objections")
    with op.batch_alter_table("objections") as table:
        table.drop_column("awards")
        table.drop_column("evidence")
