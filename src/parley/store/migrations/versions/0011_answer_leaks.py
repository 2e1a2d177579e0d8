"""What the leak auditor held back, by ids and kinds."""

import sqlalchemy as sa
from alembic import op

from parley.store.base import BigKey, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_leaks",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("bot_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("disguise", sa.String(length=60), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_leaks")),
        _key("turn_id", "turns"),
        _key("bot_id", "bots"),
        _key("workspace_id", "workspaces"),
    )
    op.create_index(op.f("ix_answer_leaks_turn_id"), "answer_leaks", ["turn_id"])
    op.create_index(op.f("ix_answer_leaks_bot_id"), "answer_leaks", ["bot_id"])


def downgrade() -> None:
    op.drop_table("answer_leaks")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_answer_leaks_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")
