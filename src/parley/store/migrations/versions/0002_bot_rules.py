"""How a bot presents itself and answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = ("persona", "instructions", "greeting", "suggestions")
POLICIES = {"answer_policy": "marked", "learn_only_policy": "sealed"}
SWITCHES = ("cache_answers", "remembers")


def upgrade() -> None:
    with op.batch_alter_table("bots") as bots:
        for name in TEXTS:
            bots.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name, default in POLICIES.items():
            bots.add_column(sa.Column(name, sa.String(length=20), nullable=False, server_default=default))
        for name in SWITCHES:
            bots.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    with op.batch_alter_table("bots") as bots:
        for name in (*TEXTS, *POLICIES, *SWITCHES):
            bots.drop_column(name)
