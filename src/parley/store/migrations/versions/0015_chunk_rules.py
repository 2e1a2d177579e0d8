"""How the documents of a source are cut into chunks, and by which rule each version was."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources") as batch:
        batch.add_column(sa.Column("chunking_due", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.alter_column("chunk_strategy", existing_type=sa.String(length=20), server_default="structure")
    op.execute("UPDATE sources SET chunk_strategy = 'structure' WHERE chunk_strategy = 'auto'")
    with op.batch_alter_table("document_versions") as batch:
        batch.add_column(sa.Column("chunk_rule", sa.String(length=40), nullable=False, server_default="structure"))


def downgrade() -> None:
    with op.batch_alter_table("document_versions") as batch:
        batch.drop_column("chunk_rule")
    op.execute("UPDATE sources SET chunk_strategy = 'auto' WHERE chunk_strategy = 'structure'")
    with op.batch_alter_table("sources") as batch:
        batch.alter_column("chunk_strategy", existing_type=sa.String(length=20), server_default="auto")
        batch.drop_column("chunking_due")
