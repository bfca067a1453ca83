"""What passages mean, which message each of them answers, and what we said with which message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import Number

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, the column and the indexes."""
    op.add_column("passage", sa.Column("reply_to", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_passage_reply_to", "passage", ["reply_to"])
    op.create_index("ix_passage_place", "passage", ["place"])
    said = sa.text("message_id <> ''")
    op.create_index("ix_outbox_said", "outbox", ["message_id"], sqlite_where=said, postgresql_where=said)
    op.create_table(
        "meaning",
        sa.Column("seq", Number, autoincrement=True, nullable=False),
        sa.Column("passage", Number, nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["passage"], ["passage.number"], name="fk_meaning_passage_passage", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_meaning"),
        sa.UniqueConstraint("passage", name="uq_meaning_passage"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take them away; vectors can be made again."""
    op.drop_table("meaning")
    op.drop_index("ix_outbox_said", "outbox")
    op.drop_index("ix_passage_place", "passage")
    op.drop_index("ix_passage_reply_to", "passage")
    op.drop_column("passage", "reply_to")
