"""Where Parley remembers: SQLModel tables and Core statements, for SQLite and PostgreSQL."""
