"""What Parley says where it can only ask."""

from __future__ import annotations

from bot.core.markdown import called


def advised(name: str) -> str:
    """To an author whose message stands, because nobody but them and the moderators can take it away."""
    return (
        f"{called(name)}, what you just said seems to go against the rules here, and I have asked the moderators to "
        "look at it. You can change it or take it away yourself."
    )
