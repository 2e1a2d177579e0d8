"""Sources beyond this machine: configuration and secrets, what was fetched, webhooks taken, questions and answers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from parley.store.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _source_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("config", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("hook_secret", sa.LargeBinary(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
    )


def _workspace(table: str) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    return (
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id_workspaces", ondelete="CASCADE"
        ),
    )


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")


def upgrade() -> None:
    with op.batch_alter_table("sources") as batch:
        for column in _source_columns():
            batch.add_column(column)
    with op.batch_alter_table("documents") as batch:
        batch.add_column(sa.Column("url", sa.Text(), nullable=True))
    op.create_table(
        "remote_states",
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("etag", sa.String(length=300), nullable=True),
        sa.Column("last_modified", sa.String(length=300), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        *_workspace("remote_states"),
        _foreign("remote_states", "document_id", "documents"),
        sa.PrimaryKeyConstraint("document_id", name="pk_remote_states"),
    )
    op.create_index("ix_remote_states_source_id", "remote_states", ["source_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("source_id", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.String(length=120), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        *_workspace("webhook_deliveries"),
        _foreign("webhook_deliveries", "source_id", "sources"),
        sa.PrimaryKeyConstraint("source_id", "delivery_id", name="pk_webhook_deliveries"),
    )
    op.create_table(
        "faq_entries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        *_workspace("faq_entries"),
        _foreign("faq_entries", "source_id", "sources"),
        _foreign("faq_entries", "document_id", "documents"),
        sa.PrimaryKeyConstraint("id", name="pk_faq_entries"),
    )
    op.create_index("ix_faq_entries_source_id", "faq_entries", ["source_id"])
    op.create_index("ix_faq_entries_document_id", "faq_entries", ["document_id"])
    op.create_index("ix_faq_entries_workspace_id_question_key", "faq_entries", ["workspace_id", "question_key"])


def downgrade() -> None:
    for table in ("faq_entries", "webhook_deliveries", "remote_states"):
        op.drop_table(table)
    with op.batch_alter_table("documents") as batch:
        batch.drop_column("url")
    with op.batch_alter_table("sources") as batch:
        for column in _source_columns():
            batch.drop_column(column.name)
