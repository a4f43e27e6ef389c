"""How much memory each step held.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = (
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
    op.add_column("steps", sa.Column("memory_bytes", sa.BigInteger))
    op.drop_index("ix_steps_observed", "steps")
    op.create_index("ix_steps_observed", "steps", [*BEFORE, "memory_bytes"])


def downgrade() -> None:
    op.drop_index("ix_steps_observed", "steps")
    op.create_index("ix_steps_observed", "steps", list(BEFORE))
    op.drop_column("steps", "memory_bytes")
