"""Conversations for two, sealed, and talks"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ID = sa.String(length=36)
SIDE = sa.String(length=12)
MOMENT = sa.BigInteger()


def upgrade() -> None:
    _conversations()
    _talks()


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("key_round", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index("ix_conversations_state", "conversations", ["state", "closed_at"])
    op.create_table(
        "conversation_parties",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("side", SIDE, nullable=False),
        sa.Column("device", sa.String(length=16), nullable=True),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("typing_at", MOMENT, nullable=True),
        _of_conversation("conversation_parties"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_conversation_parties_member_id_members")),
        sa.PrimaryKeyConstraint("conversation_id", "member_id", name=op.f("pk_conversation_parties")),
    )
    op.create_table(
        "conversation_keys",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("side", SIDE, nullable=False),
        sa.Column("device", sa.String(length=16), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _of_conversation("conversation_keys"),
        sa.PrimaryKeyConstraint("conversation_id", "round", "step", "side", name=op.f("pk_conversation_keys")),
        sa.UniqueConstraint(
            "client_id", "conversation_id", "side", name=op.f("uq_conversation_keys_client_id_conversation_id_side")
        ),
    )
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("side", SIDE, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("blob_id", ID, nullable=True),
        sa.Column("of", ID, nullable=True),
        sa.Column("recalled_at", MOMENT, nullable=True),
        _of_conversation("messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("client_id", "author_id", name=op.f("uq_messages_client_id_author_id")),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id", "side", "at"])
    op.create_table(
        "conversation_blobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("side", SIDE, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("doomed", sa.Boolean(), nullable=False),
        _of_conversation("conversation_blobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_blobs")),
    )
    op.create_index("ix_conversation_blobs_conversation_id", "conversation_blobs", ["conversation_id"])


def _talks() -> None:
    op.create_table(
        "talks",
        sa.Column("id", ID, nullable=False),
        sa.Column("secretary_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("asked_by", SIDE, nullable=True),
        sa.Column("keeping", sa.String(length=24), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.Column("erased_by", SIDE, nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("rated_at", MOMENT, nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_due_on", sa.Date(), nullable=True),
        sa.Column("note_done", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("summary_state", sa.String(length=8), nullable=False),
        sa.Column("summary_by", SIDE, nullable=True),
        sa.ForeignKeyConstraint(["id"], ["conversations.id"], name=op.f("fk_talks_id_conversations")),
        sa.ForeignKeyConstraint(["secretary_id"], ["members.id"], name=op.f("fk_talks_secretary_id_members")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_talks_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talks")),
        sa.UniqueConstraint("source", name=op.f("uq_talks_source")),
    )
    op.create_index("ix_talks_secretary_id", "talks", ["secretary_id", "id"])
    op.create_index("ix_talks_member_id", "talks", ["member_id", "id"])
    op.create_index("ix_talks_state", "talks", ["state"])
    op.create_table(
        "talk_places",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("talk_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["members.id"], name=op.f("fk_talk_places_person_id_members")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_talk_places")),
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"], ["conversations.id"], name=op.f(f"fk_{table}_conversation_id_conversations")
    )


def downgrade() -> None:
    for table in (
        "talk_places",
        "talks",
        "conversation_blobs",
        "messages",
        "conversation_keys",
        "conversation_parties",
        "conversations",
    ):
        op.drop_table(table)
