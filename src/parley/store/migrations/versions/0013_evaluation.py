"""Golden question sets and evaluation runs."""

import sqlalchemy as sa
from alembic import op

from parley.store.base import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

METRICS = (
    "recall_5",
    "recall_10",
    "ndcg_10",
    "context_precision",
    "context_recall",
    "correctness",
    "faithfulness",
    "relevancy",
    "citation_precision",
    "citation_recall",
    "judged_correctness",
    "judged_faithfulness",
)


def upgrade() -> None:
    op.create_table(
        "golden_sets",
        _id("id"),
        _id("bot_id"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_sets")),
        sa.UniqueConstraint("bot_id", "name", name=op.f("uq_golden_sets_bot_id_name")),
        _key("bot_id", "golden_sets", "bots"),
        _key("workspace_id", "golden_sets", "workspaces"),
    )
    op.create_table(
        "golden_questions",
        _id("id"),
        _id("set_id"),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answerable", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_questions")),
        sa.UniqueConstraint("set_id", "key", name=op.f("uq_golden_questions_set_id_key")),
        _key("set_id", "golden_questions", "golden_sets"),
        _key("workspace_id", "golden_questions", "workspaces"),
    )
    op.create_table(
        "eval_runs",
        _id("id"),
        _id("set_id"),
        _id("user_id"),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.Column("judge_model_id", sa.String(length=40), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eval_runs")),
        _key("set_id", "eval_runs", "golden_sets"),
        _key("user_id", "eval_runs", "users"),
        _key("workspace_id", "eval_runs", "workspaces"),
    )
    op.create_index(op.f("ix_eval_runs_set_id_created_at"), "eval_runs", ["set_id", "created_at"])
    op.create_table(
        "eval_results",
        _id("run_id"),
        _id("question_id"),
        sa.Column("turn_id", sa.String(length=40), nullable=True),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in METRICS),
        sa.Column("ms", sa.Double(), nullable=False),
        sa.Column("cost_usd", sa.Double(), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        _id("workspace_id"),
        sa.PrimaryKeyConstraint("run_id", "question_id", name=op.f("pk_eval_results")),
        _key("run_id", "eval_results", "eval_runs"),
        _key("question_id", "eval_results", "golden_questions"),
        _key("workspace_id", "eval_results", "workspaces"),
    )


def downgrade() -> None:
    for table in ("eval_results", "eval_runs", "golden_questions", "golden_sets"):
        op.drop_table(table)


def _id(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.String(length=40), nullable=False)


def _key(column: str, table: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")
