"""How a room is kept in order"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("broadcasts") as table:
        table.add_column(sa.Column("muted", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("slow_seconds", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("visitors_comment", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("broadcasts") as table:  # the defaults were for the rows there are
        table.alter_column("muted", server_default=None)
        table.alter_column("slow_seconds", server_default=None)
        table.alter_column("visitors_comment", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("broadcasts") as table:
        table.drop_column("visitors_comment")
        table.drop_column("slow_seconds")
        table.drop_column("muted")
