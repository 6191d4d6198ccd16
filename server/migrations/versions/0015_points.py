"""The points ledger, its balances and chains, and its rules

Whoever alters the table `ledger` later makes its triggers anew: on SQLite an altered table is another one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_REFUSED = "the ledger is append-only"
# A veto is one, and one less when it is taken back.
_MOVED = """
    INSERT INTO point_balances (member_id, year, aspect, awarded, deducted, vetoes)
    VALUES (NEW.member_id, NEW.year, NEW.aspect,
            CASE WHEN NEW.kind = 'award' THEN NEW.amount ELSE 0 END,
            CASE WHEN NEW.kind = 'deduct' THEN NEW.amount ELSE 0 END,
            CASE WHEN NEW.kind <> 'veto' THEN 0 WHEN NEW.reverses IS NULL THEN 1 ELSE -1 END)
    ON CONFLICT (member_id, year, aspect) DO UPDATE SET
        awarded = point_balances.awarded + excluded.awarded,
        deducted = point_balances.deducted + excluded.deducted,
        vetoes = point_balances.vetoes + excluded.vetoes;
"""
_SAID = (
    "id", "member_id", "branch_id", "indicator", "aspect", "kind", "source", "year", "day", "full", "amount", "at",
    "recorded_at", "reverses", "by", "reviewer", "title", "link", "reason",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=False),
        sa.Column("indicator", sa.String(length=8), nullable=False),
        sa.Column("aspect", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.String(length=36), nullable=True),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("reviewer", sa.String(length=36), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_ledger_member_id_members")),
        sa.ForeignKeyConstraint(["reverses"], ["ledger.id"], name=op.f("fk_ledger_reverses_ledger")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("member_id", "source", name=op.f("uq_ledger_member_id_source")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_reverses")),
    )
    op.create_index("ix_ledger_windows", "ledger", ["member_id", "indicator", "day"])
    unsealed = sa.text("number IS NULL")
    op.create_index("ix_ledger_unsealed", "ledger", ["id"], sqlite_where=unsealed, postgresql_where=unsealed)
    op.create_index("ix_ledger_chain", "ledger", ["branch_id", "number"])
    op.create_table(
        "point_balances",
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("aspect", sa.String(length=8), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("deducted", sa.Integer(), nullable=False),
        sa.Column("vetoes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "year", "aspect", name=op.f("pk_point_balances")),
    )
    op.create_table(
        "ledger_chains",
        sa.Column("branch_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_ledger_chains")),
    )
    op.create_table(
        "indicators", sa.Column("code", sa.String(length=8), nullable=False), *_version("indicators", "code", "since")
    )
    op.create_table("point_scales", *_version("point_scales", "since"))
    op.create_table(
        "point_exemptions",
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_point_exemptions_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", "year", name=op.f("pk_point_exemptions")),
    )
    _make_triggers()


def _version(table: str, *key: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
    ]


def _make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in _SAID)
        op.execute(f"CREATE TRIGGER ledger_moves AFTER INSERT ON ledger BEGIN {_MOVED} END")
        op.execute(
            f"CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger WHEN OLD.number IS NOT NULL OR {changed} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        op.execute(f"CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END")
        return
    changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in _SAID)
    op.execute(f"CREATE FUNCTION ledger_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_MOVED} RETURN NULL; END $$")
    op.execute(
        "CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute("CREATE TRIGGER ledger_moves AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_moves()")
    op.execute(
        f"CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger FOR EACH ROW WHEN (OLD.number IS NOT NULL OR {changed}) "
        "EXECUTE FUNCTION ledger_stays()"
    )
    op.execute("CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_stays()")
    op.execute("CREATE TRIGGER ledger_keeps_all BEFORE TRUNCATE ON ledger EXECUTE FUNCTION ledger_stays()")


def downgrade() -> None:
    for table in ("point_exemptions", "point_scales", "indicators", "ledger_chains", "ledger", "point_balances"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_moves()")
        op.execute("DROP FUNCTION ledger_stays()")
