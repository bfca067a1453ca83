"""What moderators' decisions teach, and what was learned from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import Moment, Number

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    _label()
    _calibration()


def downgrade() -> None:
    """Take them away, with all they hold."""
    op.drop_table("calibration")
    op.drop_table("label")


def _label() -> None:
    op.create_table(
        "label",
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("audit", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("drawn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("event_key", name="pk_label"),
    )
    op.create_index("ix_label_community", "label", ["community"])


def _calibration() -> None:
    op.create_table(
        "calibration",
        sa.Column("number", Number, autoincrement=True, nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_calibration"),
    )
    op.create_index("ix_calibration_community", "calibration", ["community"])
