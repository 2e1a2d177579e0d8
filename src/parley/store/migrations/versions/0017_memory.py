"""What is remembered of people, summaries of conversations, and what answers recalled."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=40), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "memory_persons",
        _id("id"),
        _id("user_id", nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _id("workspace_id"),
        _reference("memory_persons", "user_id", "users"),
        _reference("memory_persons", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_persons")),
        sa.UniqueConstraint("workspace_id", "user_id", name=op.f("uq_memory_persons_workspace_id_user_id")),
    )
    op.create_table(
        "memories",
        _id("id"),
        _id("person_id"),
        _id("message_id"),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("expires_at", nullable=True),
        _moment("last_used_at", nullable=True),
        _id("workspace_id"),
        _reference("memories", "person_id", "memory_persons"),
        _reference("memories", "message_id", "messages"),
        _reference("memories", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
    )
    op.create_index("ix_memories_person_id_kind", "memories", ["person_id", "kind"])
    op.create_index(op.f("ix_memories_message_id"), "memories", ["message_id"])
    op.create_table(
        "conversation_summaries",
        _id("conversation_id"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("until_seq", sa.BigInteger(), nullable=False),
        _moment("updated_at"),
        _id("workspace_id"),
        _reference("conversation_summaries", "conversation_id", "conversations"),
        _reference("conversation_summaries", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_summaries")),
    )
    op.create_table(
        "turn_recalls",
        _id("turn_id"),
        sa.Column("rank", sa.Integer(), nullable=False),
        _id("message_id"),
        _id("memory_id", nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        _id("workspace_id"),
        _reference("turn_recalls", "turn_id", "turns"),
        _reference("turn_recalls", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("turn_id", "rank", name=op.f("pk_turn_recalls")),
    )
    op.create_index(op.f("ix_turn_recalls_message_id"), "turn_recalls", ["message_id"])
    op.create_index(op.f("ix_turn_recalls_memory_id"), "turn_recalls", ["memory_id"])
    with op.batch_alter_table("messages") as table:
        # What was written before this version is not remembered: nobody was asked.
        table.add_column(sa.Column("recallable", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("remembered_seq", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("message_parts") as table:
        table.add_column(sa.Column("said_id", sa.String(length=40), nullable=True))
        table.create_index(op.f("ix_message_parts_said_id"), ["said_id"])


def downgrade() -> None:
    with op.batch_alter_table("message_parts") as table:
        table.drop_index(op.f("ix_message_parts_said_id"))
        table.drop_column("said_id")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("remembered_seq")
    with op.batch_alter_table("messages") as table:
        table.drop_column("recallable")
    op.drop_table("turn_recalls")
    op.drop_table("conversation_summaries")
    op.drop_table("memories")
    op.drop_table("memory_persons")
