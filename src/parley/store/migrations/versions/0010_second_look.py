"""What a second look at an answer found, and the questions that were declined."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _workspace(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_workspace_id_workspaces")
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _turn(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_turn_id_turns")
    return sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "sentence_looks",
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        _turn("sentence_looks"),
        _workspace("sentence_looks"),
        sa.PrimaryKeyConstraint("turn_id", "sentence", name=op.f("pk_sentence_looks")),
    )
    op.create_table(
        "sentence_look_spans",
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        _turn("sentence_look_spans"),
        _workspace("sentence_look_spans"),
        sa.PrimaryKeyConstraint("turn_id", "sentence", "ordinal", name=op.f("pk_sentence_look_spans")),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("bot_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name=op.f("fk_gaps_bot_id_bots"), ondelete="CASCADE"),
        _workspace("gaps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_bot_id_status", "gaps", ["bot_id", "status"])
    op.create_table(
        "gap_questions",
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("gap_id", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        _turn("gap_questions"),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_questions_gap_id_gaps"), ondelete="CASCADE"),
        _workspace("gap_questions"),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_gap_questions")),
    )
    op.create_index(op.f("ix_gap_questions_gap_id"), "gap_questions", ["gap_id"])


def downgrade() -> None:
    op.drop_table("gap_questions")
    op.drop_table("gaps")
    op.drop_table("sentence_look_spans")
    op.drop_table("sentence_looks")
