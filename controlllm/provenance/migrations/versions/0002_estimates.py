"""What each step was expected to take, and an index by which the newest steps are read.

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OBSERVED = (
    "started_at",
    "run_id",
    "tool",
    "card_hash",
    "state",
    "error",
    "seconds",
    "estimate_s",
)


def upgrade() -> None:
    op.add_column("steps", sa.Column("estimate_s", sa.Float))
    op.create_index("ix_steps_observed", "steps", list(OBSERVED))


def downgrade() -> None:
    op.drop_index("ix_steps_observed", "steps")
    op.drop_column("steps", "estimate_s")
