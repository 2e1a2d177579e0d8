"""What a turn withheld, what its model was given and when its stages began; gaps that were asked again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ADDED = (
    ("turns", "withheld", sa.Integer()),
    ("turns", "passages_given", sa.Integer()),
    ("turn_stages", "start_ms", sa.Double()),
    ("gaps", "again_turn_id", sa.String(length=40)),
    ("gaps", "again_of", sa.String(length=40)),
)


def upgrade() -> None:
    for table, column, kind in ADDED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, kind, nullable=True))


def downgrade() -> None:
    for table, column, _ in reversed(ADDED):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
