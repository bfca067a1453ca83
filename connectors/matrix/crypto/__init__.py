"""End-to-end encryption: keys, sessions, and what could not be read."""
