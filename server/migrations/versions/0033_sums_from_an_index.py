"""What windows and publications add up is read from an index of the ledger alone"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_BEFORE = ["member_id", "indicator", "day"]


def upgrade() -> None:
    op.drop_index("ix_ledger_windows", "ledger")
    op.create_index("ix_ledger_windows", "ledger", [*_BEFORE, "aspect", "kind", "amount", "reverses"])


def downgrade() -> None:
    op.drop_index("ix_ledger_windows", "ledger")
    op.create_index("ix_ledger_windows", "ledger", _BEFORE)
