"""Questions"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("votes <> told")


def upgrade() -> None:
    op.create_table(
        "question_rooms",
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        _broadcast("question_rooms"),
        sa.PrimaryKeyConstraint("broadcast_id", name=op.f("pk_question_rooms")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("asker_id", sa.String(length=36), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answering_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("adopted_id", sa.String(length=36), nullable=True),
        sa.Column("removed", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["asker_id"], ["members.id"], name=op.f("fk_questions_asker_id_members")),
        _broadcast("questions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("client_id", "asker_id", name=op.f("uq_questions_client_id_asker_id")),
    )
    op.create_index(op.f("ix_questions_broadcast_id"), "questions", ["broadcast_id"])
    op.create_index("ix_questions_untold", "questions", ["id"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    op.create_table(
        "question_votes",
        sa.Column("question_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_question_votes_member_id_members")),
        _question("question_votes"),
        sa.PrimaryKeyConstraint("question_id", "member_id", name=op.f("pk_question_votes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "question_replies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("question_id", sa.String(length=36), nullable=False),
        sa.Column("broadcast_id", sa.String(length=36), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("removed", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_question_replies_author_id_members")),
        _broadcast("question_replies"),
        _question("question_replies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_replies")),
        sa.UniqueConstraint("client_id", "author_id", name=op.f("uq_question_replies_client_id_author_id")),
    )
    op.create_index(op.f("ix_question_replies_broadcast_id"), "question_replies", ["broadcast_id"])
    op.create_table(
        "question_removals",
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["members.id"], name=op.f("fk_question_removals_by_id_members")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_question_removals")),
    )


def downgrade() -> None:
    for name in ("question_removals", "question_replies", "question_votes", "questions", "question_rooms"):
        op.drop_table(name)


def _broadcast(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_broadcast_id_broadcasts")
    return sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=name, ondelete="CASCADE")


def _question(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_question_id_questions")
    return sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=name, ondelete="CASCADE")
