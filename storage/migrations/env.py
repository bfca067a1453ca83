"""Runs inside the transaction that `storage.migrate` opened."""

from __future__ import annotations

from alembic import context

from storage import tables_answers  # noqa: F401  # its tables belong to the schema too
from storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
