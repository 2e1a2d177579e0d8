"""Sources keep themselves current: pause, schedule, watching, results, undo of deletes, options of chunks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from parley.store.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _source_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("purge_at", UtcDateTime(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("schedule", sa.String(length=100), nullable=True),
        sa.Column("next_sync_at", UtcDateTime(), nullable=True),
        sa.Column("last_synced_at", UtcDateTime(), nullable=True),
        sa.Column("last_result", sa.String(length=20), nullable=True),
        sa.Column("last_added", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_changed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_removed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("watch", sa.String(length=10), nullable=False, server_default="auto"),
        sa.Column("watch_owner", sa.String(length=80), nullable=True),
        sa.Column("watch_until", UtcDateTime(), nullable=True),
        sa.Column("include", sa.Text(), nullable=False, server_default=""),
        sa.Column("exclude", sa.Text(), nullable=False, server_default=""),
        sa.Column("gitignore", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("devices", sa.Text(), nullable=False, server_default=""),
        sa.Column("chunk_strategy", sa.String(length=20), nullable=False, server_default="auto"),
        sa.Column("chunk_tokens", sa.Integer(), nullable=True),
        sa.Column("chunk_overlap", sa.Integer(), nullable=True),
    )


def _document_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rolled_back_at", UtcDateTime(), nullable=True),
    )


def upgrade() -> None:
    for table, columns in (("sources", _source_columns()), ("documents", _document_columns())):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
    # Sources that were deleted before there was a time for undo are purged as they would have been.
    op.execute("UPDATE sources SET purge_at = deleted_at WHERE deleted_at IS NOT NULL")


def downgrade() -> None:
    for table, columns in (("documents", _document_columns()), ("sources", _source_columns())):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
