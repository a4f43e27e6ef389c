"""The record: runs, events, plans, steps, decisions, artefacts, links and cards.

Revision: 0001
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "artifacts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("mime", sa.String(100), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "plans",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "tool_cards",
        sa.Column("card_hash", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("first_seen", sa.String(32), nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.digest"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("task", sa.String(80), nullable=False),
        sa.Column("candidate", sa.String(80), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("bound", sa.Float),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("goal", sa.Text, nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.digest")),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("next_seq", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("lease_until_s", sa.Float, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
    )
    op.create_index("ix_runs_created", "runs", ["created_at"])
    op.create_table(
        "events",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", JSON, nullable=False),
    )
    op.create_table(
        "links",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("step", sa.String(80), primary_key=True),
        sa.Column("direction", sa.String(4), primary_key=True),
        sa.Column("port", sa.String(200), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("artifacts.sha256"), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("caption", sa.Text, nullable=False),
    )
    op.create_index("ix_links_sha256", "links", ["sha256", "direction"])
    op.create_table(
        "steps",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("step", sa.String(80), primary_key=True),
        sa.Column("tool", sa.String(80), nullable=False),
        sa.Column("card_hash", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("started_at", sa.String(32)),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("seconds", sa.Float),
        sa.Column("error", sa.String(40)),
        sa.Column("message", sa.Text),
        sa.Column("cached_run", sa.String(40)),
        sa.Column("cached_step", sa.String(80)),
    )
    op.create_index("ix_steps_key", "steps", ["key"])


def downgrade() -> None:
    for table in ("steps", "links", "events", "runs", "decisions", "tool_cards", "plans"):
        op.drop_table(table)
    op.drop_table("artifacts")
