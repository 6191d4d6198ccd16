"""Visitors who have proven a mobile number"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("mobile", sa.String(length=11), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitors")),
        sa.UniqueConstraint("mobile", name=op.f("uq_visitors_mobile")),
    )
    op.create_index(op.f("ix_visitors_last_seen_at"), "visitors", ["last_seen_at"])
    op.create_table(
        "visitor_codes",
        sa.Column("mobile", sa.String(length=11), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mobile", name=op.f("pk_visitor_codes")),
    )
    op.create_index(op.f("ix_visitor_codes_expires_at"), "visitor_codes", ["expires_at"])
    op.create_table(
        "visitor_sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("visitor_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitors.id"], name=op.f("fk_visitor_sessions_visitor_id_visitors"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_visitor_sessions_token_hash")),
    )
    op.create_index(op.f("ix_visitor_sessions_visitor_id"), "visitor_sessions", ["visitor_id"])
    op.create_index(op.f("ix_visitor_sessions_expires_at"), "visitor_sessions", ["expires_at"])


def downgrade() -> None:
    for name in ("visitor_sessions", "visitor_codes", "visitors"):
        op.drop_table(name)
