"""Indexes for what is looked up by: turns by their messages, messages by their author, parts and blobs by their files.

Without them SQLite and PostgreSQL went through all turns of a workspace for a page of messages.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_turns_question_id", "turns", ["question_id"]),
    ("ix_turns_answer_id", "turns", ["answer_id"]),
    ("ix_turns_cached_from", "turns", ["cached_from"]),
    ("ix_messages_user_id_created_at", "messages", ["user_id", "created_at"]),
    ("ix_messages_searchable", "messages", ["searchable"]),
    ("ix_message_parts_version_id", "message_parts", ["version_id"]),
    ("ix_documents_blob_key", "documents", ["blob_key"]),
    ("ix_document_versions_blob_key", "document_versions", ["blob_key"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(op.f(name), table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(op.f(name), table_name=table)
