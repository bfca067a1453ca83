"""The words every part shares: standard library only, no I/O, no await."""
