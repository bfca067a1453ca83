"""A day in a community, told once and played on every platform."""
