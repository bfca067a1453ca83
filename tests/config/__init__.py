"""Settings are read, checked, layered and shown."""
