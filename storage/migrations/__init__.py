"""Alembic's scripts, run at start by `storage.migrate`."""
