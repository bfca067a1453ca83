"""The search index: FTS5 beside the table in SQLite, an index over its words in PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import Moment, Number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The words stay in the table alone; triggers keep FTS5 in step with it.
IN_SQLITE = (
    (
        "CREATE VIRTUAL TABLE passage_words USING fts5("
        "words, content='passage', content_rowid='number', tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        "CREATE TRIGGER passage_new AFTER INSERT ON passage BEGIN "
        "INSERT INTO passage_words(rowid, words) VALUES (new.number, new.words); END"
    ),
    (
        "CREATE TRIGGER passage_gone AFTER DELETE ON passage BEGIN "
        "INSERT INTO passage_words(passage_words, rowid, words) VALUES ('delete', old.number, old.words); END"
    ),
)
IN_POSTGRES = ("CREATE INDEX ix_passage_words ON passage USING gin (to_tsvector('simple', words))",)


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "passage",
        sa.Column("number", Number, autoincrement=True, nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_passage"),
        sa.UniqueConstraint("message", name="uq_passage_message"),
    )
    op.create_index("ix_passage_community", "passage", ["community"])
    for statement in IN_SQLITE if op.get_bind().dialect.name == "sqlite" else IN_POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    """Take it away; what was said stays in the inbox."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE passage_words")
    op.drop_table("passage")
