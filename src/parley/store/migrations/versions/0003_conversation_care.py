"""Pinned and archived conversations, searchable history, ratings and shared answers."""

import sqlalchemy as sa
from alembic import op

from parley.store.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TERM = sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("conversations") as conversations:
        conversations.add_column(sa.Column("pinned_at", UtcDateTime(), nullable=True))
        conversations.add_column(sa.Column("archived_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("searchable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "message_terms",
        _id("workspace_id"),
        sa.Column("term", TERM, nullable=False),
        _id("message_id"),
        sa.PrimaryKeyConstraint("workspace_id", "term", "message_id", name=op.f("pk_message_terms")),
        _key("workspace_id", "message_terms", "workspaces"),
        _key("message_id", "message_terms", "messages"),
    )
    op.create_index(op.f("ix_message_terms_message_id"), "message_terms", ["message_id"])
    op.create_table(
        "turn_ratings",
        _id("turn_id"),
        _id("user_id"),
        sa.Column("value", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("turn_id", "user_id", name=op.f("pk_turn_ratings")),
        _key("workspace_id", "turn_ratings", "workspaces"),
        _key("turn_id", "turn_ratings", "turns"),
        _key("user_id", "turn_ratings", "users"),
    )
    op.create_table(
        "turn_shares",
        sa.Column("id", sa.String(length=40), nullable=False),
        _id("turn_id"),
        _id("user_id"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn_shares")),
        _key("workspace_id", "turn_shares", "workspaces"),
        _key("turn_id", "turn_shares", "turns"),
        _key("user_id", "turn_shares", "users"),
    )
    op.create_index(op.f("ix_turn_shares_turn_id"), "turn_shares", ["turn_id"])


def downgrade() -> None:
    op.drop_table("turn_shares")
    op.drop_table("turn_ratings")
    op.drop_table("message_terms")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("searchable")
    with op.batch_alter_table("conversations") as conversations:
        conversations.drop_column("archived_at")
        conversations.drop_column("pinned_at")


def _id(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.String(length=40), nullable=False)


def _key(column: str, table: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")
