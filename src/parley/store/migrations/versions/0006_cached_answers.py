"""Answers that can be given again."""

import sqlalchemy as sa
from alembic import op

from parley.store.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("turns") as turns:
        turns.add_column(sa.Column("cached_from", sa.String(length=40), nullable=True))
    op.create_table(
        "cached_answers",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_cached_answers")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_cached_answers_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name=op.f("fk_cached_answers_turn_id_turns"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_cached_answers_turn_id"), "cached_answers", ["turn_id"])


def downgrade() -> None:
    op.drop_table("cached_answers")
    with op.batch_alter_table("turns") as turns:
        turns.drop_column("cached_from")
