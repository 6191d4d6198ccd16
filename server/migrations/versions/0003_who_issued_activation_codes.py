"""Who issued an activation code"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activation_codes", sa.Column("issued_by", sa.String(length=36), nullable=True))


def downgrade() -> None:
    op.drop_column("activation_codes", "issued_by")
