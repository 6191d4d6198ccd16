"""Democratic appraisals: members, grades, who has marked, and tallies of marks"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appraisals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("branch_id", sa.String(length=36), nullable=False),
        sa.Column("branch_name", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("self_until", sa.Date(), nullable=False),
        sa.Column("peers_until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.String(length=36), nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=36), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("objections_until", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        _of("appraisals", "branch_id", "branches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sa.UniqueConstraint("branch_id", "year", name=op.f("uq_appraisals_branch_id_year")),
    )
    op.create_table(
        "appraisal_members",
        sa.Column("appraisal_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("self_marks", sa.Text(), nullable=False),
        sa.Column("self_grade", sa.String(length=12), nullable=True),
        sa.Column("self_words", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("grade", sa.String(length=12), nullable=True),
        sa.Column("graded_by", sa.String(length=36), nullable=True),
        sa.Column("objection", sa.Text(), nullable=False),
        sa.Column("objected_at", sa.BigInteger(), nullable=True),
        sa.Column("objection_state", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=36), nullable=True),
        _of("appraisal_members", "appraisal_id", "appraisals"),
        _of("appraisal_members", "member_id", "members"),
        sa.PrimaryKeyConstraint("appraisal_id", "member_id", name=op.f("pk_appraisal_members")),
    )
    op.create_index(op.f("ix_appraisal_members_member_id"), "appraisal_members", ["member_id"])
    op.create_table(
        "appraisal_raters",
        sa.Column("appraisal_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        _of("appraisal_raters", "appraisal_id", "appraisals"),
        sa.PrimaryKeyConstraint("appraisal_id", "member_id", name=op.f("pk_appraisal_raters")),
    )
    op.create_table(
        "appraisal_tallies",
        sa.Column("appraisal_id", sa.String(length=36), nullable=False),
        sa.Column("about_id", sa.String(length=36), nullable=False),
        sa.Column("aspect", sa.String(length=8), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("fair", sa.Integer(), nullable=False),
        sa.Column("plain", sa.Integer(), nullable=False),
        sa.Column("poor", sa.Integer(), nullable=False),
        _of("appraisal_tallies", "appraisal_id", "appraisals"),
        sa.PrimaryKeyConstraint("appraisal_id", "about_id", "aspect", name=op.f("pk_appraisal_tallies")),
    )


def downgrade() -> None:
    for table in ("appraisal_tallies", "appraisal_raters", "appraisal_members", "appraisals"):
        op.drop_table(table)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
