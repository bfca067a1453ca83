"""The room in the terminal."""
