"""What language models have cost, in tokens, and what members asked to have remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import Number

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "spending",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "scope", name="pk_spending"),
    )
    op.create_table(
        "fact",
        sa.Column("number", Number, autoincrement=True, nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_fact"),
        sa.UniqueConstraint("community", "member", "words", name="uq_fact_community"),
    )


def downgrade() -> None:
    """Take them away, with all they hold."""
    op.drop_table("fact")
    op.drop_table("spending")
