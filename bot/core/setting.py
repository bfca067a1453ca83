"""Marks that a settings model may carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FromEnv:
    """Read from this environment variable, whose name people know from elsewhere, before any other source."""

    name: str
