"""The one way to language models."""
