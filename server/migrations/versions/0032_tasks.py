"""Tasks: documents to be read and confirmed"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("counts_as", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_tasks_branch_id_branches")),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name=op.f("fk_tasks_created_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_state", "tasks", ["state", "id"])
    op.create_table(
        "task_branches",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_branches_task_id_tasks")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_task_branches_branch_id_branches")),
        sa.PrimaryKeyConstraint("task_id", "branch_id", name=op.f("pk_task_branches")),
    )
    op.create_index("ix_task_branches_branch_id", "task_branches", ["branch_id", "task_id"])
    op.create_table(
        "task_versions",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_versions_task_id_tasks")),
        sa.ForeignKeyConstraint(["by"], ["members.id"], name=op.f("fk_task_versions_by_members")),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_task_versions")),
    )
    op.create_table(
        "task_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_files_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_files")),
    )
    op.create_index("ix_task_files_task_id", "task_files", ["task_id", "id"])
    op.create_table(
        "task_parts",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("by", ID, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        *_of_member("task_parts"),
        sa.PrimaryKeyConstraint("task_id", "member_id", name=op.f("pk_task_parts")),
    )
    op.create_index("ix_task_parts_member_id", "task_parts", ["member_id", "task_id"])
    op.create_table(
        "task_openings",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_of_member("task_openings"),
        sa.PrimaryKeyConstraint("task_id", "member_id", "file_id", name=op.f("pk_task_openings")),
    )
    op.create_table(
        "task_burdens",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_of_member("task_burdens"),
        sa.PrimaryKeyConstraint("task_id", "member_id", name=op.f("pk_task_burdens")),
    )


def _of_member(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f(f"fk_{table}_task_id_tasks")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id_members")),
    )


def downgrade() -> None:
    for table in ("task_burdens", "task_openings", "task_parts", "task_files", "task_versions", "task_branches", "tasks"):
        op.drop_table(table)
