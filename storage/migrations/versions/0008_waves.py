"""Which messages belong to a wave, so that it has one case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "wave_message",
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message", name="pk_wave_message"),
    )
    op.create_index("ix_wave_message_wave", "wave_message", ["wave"])
    op.create_index("ix_wave_message_event_key", "wave_message", ["event_key"])


def downgrade() -> None:
    """Take it away, with all it holds."""
    op.drop_table("wave_message")
