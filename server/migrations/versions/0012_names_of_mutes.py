"""Who is muted, and by whom, under the names of that day"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mutes") as table:
        table.add_column(sa.Column("member_name", sa.String(length=80), nullable=False, server_default=""))
        table.add_column(sa.Column("by_name", sa.String(length=80), nullable=False, server_default=""))
    with op.batch_alter_table("mutes") as table:  # the defaults were for the rows there are
        table.alter_column("member_name", server_default=None)
        table.alter_column("by_name", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("mutes") as table:
        table.drop_column("by_name")
        table.drop_column("member_name")
