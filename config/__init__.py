"""Settings: read from a TOML file, the environment over it, and checked."""
