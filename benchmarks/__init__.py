"""Figures that can be repeated: `python3 dev.py bench [name]`."""
