"""Reactions, viewers over time, notices, and who is in a room"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reaction_batches",
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "person", name=op.f("pk_reaction_batches")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reaction_batches_at", "reaction_batches", ["at"])
    op.create_table(
        "reaction_counts",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _of_a_broadcast("reaction_counts"),
        sa.PrimaryKeyConstraint("broadcast_id", "kind", "at", name=op.f("pk_reaction_counts")),
    )
    op.create_table(
        "reaction_totals",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _of_a_broadcast("reaction_totals"),
        sa.PrimaryKeyConstraint("broadcast_id", "kind", name=op.f("pk_reaction_totals")),
    )
    op.create_table(
        "viewer_samples",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        _of_a_broadcast("viewer_samples"),
        sa.PrimaryKeyConstraint("broadcast_id", "at", name=op.f("pk_viewer_samples")),
    )
    op.create_table(
        "room_notices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unpinned_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_room_notices_author_id_members")),
        _of_a_broadcast("room_notices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_notices")),
        sa.UniqueConstraint("client_id", "author_id", name=op.f("uq_room_notices_client_id_author_id")),
    )
    op.create_index("ix_room_notices_broadcast_id_kind_offset", "room_notices", ["broadcast_id", "kind", "offset"])
    op.create_table(
        "room_processes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_processes")),
    )
    op.create_table(
        "room_people",
        sa.Column("process_id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"],
            ["room_processes.id"],
            name=op.f("fk_room_people_process_id_room_processes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("process_id", "broadcast_id", "person", name=op.f("pk_room_people")),
    )


def downgrade() -> None:
    for name in (
        "room_people",
        "room_processes",
        "room_notices",
        "viewer_samples",
        "reaction_totals",
        "reaction_counts",
        "reaction_batches",
    ):
        op.drop_table(name)


def _of_a_broadcast(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_broadcast_id_broadcasts")
    return sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=name, ondelete="CASCADE")
