"""Moderation, the audit, and comments that are held"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_number")),
    )
    op.create_index("ix_audit_scope_id", "audit", ["scope", "id"])
    op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_end")),
    )
    op.create_table(
        "moderation_versions",
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_moderation_versions")),
    )
    op.create_table(
        "held",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("media_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_name", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["members.id"], name=op.f("fk_held_decided_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
    )
    op.create_index("ix_held_author_id_id", "held", ["author_id", "id"])
    op.create_index("ix_held_scope_state_id", "held", ["scope", "state", "id"])
    op.create_table(
        "mutes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=True),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["members.id"], name=op.f("fk_mutes_by_id_members")),
        sa.ForeignKeyConstraint(["lifted_by"], ["members.id"], name=op.f("fk_mutes_lifted_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_lifted_at", "mutes", ["lifted_at"])
    op.create_index("ix_mutes_scope_id", "mutes", ["scope", "id"])
    op.create_table(
        "reported",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("media_at", sa.BigInteger(), nullable=True),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_name", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["members.id"], name=op.f("fk_reported_decided_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported")),
    )
    op.create_index("ix_reported_scope_state_id", "reported", ["scope", "state", "id"])
    op.create_table(
        "word_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["members.id"], name=op.f("fk_word_lists_changed_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_word_lists_name")),
    )
    op.create_table(
        "last_comments",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_last_comments_broadcast_id_broadcasts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "author_id", name=op.f("pk_last_comments")),
    )
    op.create_table(
        "listed_words",
        sa.Column("list_id", sa.String(length=36), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["word_lists.id"], name=op.f("fk_listed_words_list_id_word_lists"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "word", name=op.f("pk_listed_words")),
    )
    op.create_table(
        "reports",
        sa.Column("thing_id", sa.String(length=36), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["members.id"], name=op.f("fk_reports_by_id_members")),
        sa.ForeignKeyConstraint(["thing_id"], ["reported.id"], name=op.f("fk_reports_thing_id_reported"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("thing_id", "by_id", name=op.f("pk_reports")),
        sa.UniqueConstraint("client_id", "by_id", name=op.f("uq_reports_client_id_by_id")),
    )
    op.create_index("ix_reports_by_id_at", "reports", ["by_id", "at"])
    op.execute("INSERT INTO moderation_versions (name, version) VALUES ('words', 1), ('mutes', 1)")
    end = sa.table("audit_end", sa.column("id"), sa.column("number"), sa.column("hash"))
    op.bulk_insert(end, [{"id": 1, "number": 0, "hash": "0" * 64}])


def downgrade() -> None:
    # What was never said has no place in the schema before: without this it would look like comments of offset 0.
    op.execute('DELETE FROM comments WHERE "offset" = 0')
    op.drop_table("reports")
    op.drop_table("listed_words")
    op.drop_table("last_comments")
    op.drop_table("word_lists")
    op.drop_table("reported")
    op.drop_table("mutes")
    op.drop_table("held")
    op.drop_table("moderation_versions")
    op.drop_table("audit_end")
    op.drop_table("audit")
