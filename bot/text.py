"""Every sentence Parley says. Short, kind, and with what the reader can do next."""

from __future__ import annotations

from bot.core.address import Address


def trouble(where: Address, reason: str) -> str:
    """To moderators: something failed in a place."""
    return f"⚠️ Something I should do in **{where.channel}** failed: {reason} The case is open again."
