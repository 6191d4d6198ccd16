"""摇一摇: sessions, rounds, tickets, lists and draws"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.String(length=36)
_RUNNING = sa.text("state IN ('announced', 'open')")
_UNDER_WAY = sa.text("state IN ('prepared', 'open', 'closing', 'closed')")
_OFFERED = sa.text("state = 'offered'")
_ACCEPTED = sa.text("state = 'accepted'")
_NOT_PASSED = sa.text("state <> 'passed'")


def upgrade() -> None:
    op.create_table(
        "shakes",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("round_seconds", sa.Integer(), nullable=False),
        sa.Column("talk_minutes", sa.Integer(), nullable=False),
        sa.Column("exclusion_days", sa.Integer(), nullable=False),
        sa.Column("favour", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("seed_commitment", sa.String(length=64), nullable=False),
        sa.Column("receipt_key", sa.String(length=130), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        _to("shakes", "owner_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shakes")),
    )
    op.create_index("ix_shakes_owner_id", "shakes", ["owner_id"])
    op.create_index("ix_shakes_running", "shakes", ["id"], sqlite_where=_RUNNING, postgresql_where=_RUNNING)
    op.create_table(
        "shake_secretaries",
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _to("shake_secretaries", "shake_id", "shakes", ondelete="CASCADE"),
        _to("shake_secretaries", "member_id", "members"),
        sa.PrimaryKeyConstraint("shake_id", "member_id", name=op.f("pk_shake_secretaries")),
    )
    op.create_index("ix_shake_secretaries_member_id", "shake_secretaries", ["member_id"])
    op.create_table(
        "shake_branches",
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=False),
        _to("shake_branches", "shake_id", "shakes", ondelete="CASCADE"),
        _to("shake_branches", "branch_id", "branches"),
        sa.PrimaryKeyConstraint("shake_id", "branch_id", name=op.f("pk_shake_branches")),
    )
    op.create_index("ix_shake_branches_branch_id", "shake_branches", ["branch_id"])
    _rounds()
    _tickets()
    _draws()


def _rounds() -> None:
    op.create_table(
        "shake_rounds",
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("secretary_id", ID, nullable=False),
        sa.Column("nonce_commitment", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("total_weight", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("listed_to", sa.String(length=20), nullable=False),
        sa.Column("first_part", sa.BigInteger(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=True),
        sa.Column("next_n", sa.Integer(), nullable=False),
        _to("shake_rounds", "shake_id", "shakes", ondelete="CASCADE"),
        _to("shake_rounds", "secretary_id", "members"),
        sa.PrimaryKeyConstraint("shake_id", "number", name=op.f("pk_shake_rounds")),
    )
    op.create_index(
        "ix_shake_rounds_under_way",
        "shake_rounds",
        ["shake_id"],
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )


def _tickets() -> None:
    op.create_table(
        "shake_tickets",
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(length=128), nullable=False),
        _to_round("shake_tickets"),
        _to("shake_tickets", "member_id", "members"),
        sa.PrimaryKeyConstraint("shake_id", "number", "member_id", name=op.f("pk_shake_tickets")),
        sa.UniqueConstraint("shake_id", "number", "pseudonym", name=op.f("uq_shake_tickets_shake_id_number_pseudonym")),
    )
    op.create_table(
        "shake_acks",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _to_round("shake_acks"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_shake_acks")),
    )
    op.create_index("ix_shake_acks_round", "shake_acks", ["shake_id", "number"])
    op.create_table(
        "shake_places",
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        _to_round("shake_places"),
        sa.PrimaryKeyConstraint("shake_id", "number", "until", name=op.f("pk_shake_places")),
    )


def _draws() -> None:
    op.create_table(
        "shake_draws",
        sa.Column("id", ID, nullable=False),
        sa.Column("shake_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("secretary_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("talk_id", ID, nullable=True),
        sa.Column("client_id", ID, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        _to_round("shake_draws"),
        _to("shake_draws", "secretary_id", "members"),
        _to("shake_draws", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shake_draws")),
        sa.UniqueConstraint("shake_id", "number", "n", name=op.f("uq_shake_draws_shake_id_number_n")),
        sa.UniqueConstraint("secretary_id", "client_id", name=op.f("uq_shake_draws_secretary_id_client_id")),
    )
    op.create_index("ix_shake_draws_member", "shake_draws", ["member_id", "state"])
    for name, columns, which in (
        ("ix_shake_draws_member_offered", ["member_id"], _OFFERED),
        ("ix_shake_draws_secretary_offered", ["secretary_id"], _OFFERED),
        ("ix_shake_draws_accepted", ["shake_id", "member_id"], _ACCEPTED),
        ("ix_shake_draws_once", ["shake_id", "number", "member_id"], _NOT_PASSED),
    ):
        op.create_index(name, "shake_draws", columns, unique=True, sqlite_where=which, postgresql_where=which)


def _to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete)


def _to_round(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shake_id", "number"],
        ["shake_rounds.shake_id", "shake_rounds.number"],
        name=op.f(f"fk_{table}_shake_id_number_shake_rounds"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in (
        "shake_draws",
        "shake_places",
        "shake_acks",
        "shake_tickets",
        "shake_rounds",
        "shake_branches",
        "shake_secretaries",
        "shakes",
    ):
        op.drop_table(table)
