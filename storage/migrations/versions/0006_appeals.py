"""Who decided a case, for sure, and the author's appeal against it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns."""
    op.add_column("review_case", sa.Column("decided_by_id", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("review_case", sa.Column("appeal", sa.Text(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Take them away, with all they hold."""
    op.drop_column("review_case", "appeal")
    op.drop_column("review_case", "decided_by_id")
