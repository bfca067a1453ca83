"""Parley on an emulated Discord, beside the smallest bot that does the same."""
