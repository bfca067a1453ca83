"""Polls and the votes in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import Moment, Number

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    _poll()
    _vote()


def downgrade() -> None:
    """Take them away, with all they hold."""
    op.drop_table("vote")
    op.drop_table("poll")


def _poll() -> None:
    op.create_table(
        "poll",
        sa.Column("number", Number, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_poll"),
        sa.UniqueConstraint("id", name="uq_poll_id"),
    )
    op.create_index("ix_poll_message", "poll", ["message"])
    op.create_index(
        "ix_poll_open", "poll", ["place"], sqlite_where=sa.text("ended = 0"), postgresql_where=sa.text("NOT ended")
    )


def _vote() -> None:
    op.create_table(
        "vote",
        sa.Column("poll", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("options", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("poll", "member", name="pk_vote"),
    )
