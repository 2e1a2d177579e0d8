"""What a message was taken for, and how bots respond to it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

READINGS = {"messages": ("intent", "sentiment", "emotion"), "turns": ("sentiment", "emotion", "tone")}
LENGTHS = {"intent": 20}


def upgrade() -> None:
    for table, columns in READINGS.items():
        with op.batch_alter_table(table) as changed:
            for name in columns:
                changed.add_column(sa.Column(name, sa.String(length=LENGTHS.get(name, 10)), nullable=True))
    with op.batch_alter_table("bots") as bots:
        bots.add_column(sa.Column("adapts_tone", sa.Boolean(), nullable=False, server_default=sa.true()))
        bots.add_column(sa.Column("human_contact", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("bots") as bots:
        bots.alter_column("adapts_tone", server_default=None)
        bots.alter_column("human_contact", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("bots") as bots:
        bots.drop_column("human_contact")
        bots.drop_column("adapts_tone")
    for table, columns in READINGS.items():
        with op.batch_alter_table(table) as changed:
            for name in columns:
                changed.drop_column(name)
