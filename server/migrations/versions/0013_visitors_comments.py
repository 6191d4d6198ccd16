"""Visitors write comments too, and take them back"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEYS = {
    "comments": ("fk_comments_author_id_members", "author_id"),
    "removed_comments": ("fk_removed_comments_by_id_members", "by_id"),
}


def upgrade() -> None:
    for name, (key, _) in _KEYS.items():
        with op.batch_alter_table(name) as table:
            table.drop_constraint(key, type_="foreignkey")


def downgrade() -> None:
    for name, (key, column) in _KEYS.items():
        with op.batch_alter_table(name) as table:
            table.create_foreign_key(key, "members", [column], ["id"])
