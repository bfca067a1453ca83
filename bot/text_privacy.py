"""What Parley says to people who ask about their data."""

from __future__ import annotations

from collections.abc import Mapping

ASK_FIRST = (
    "I will forget all that you said on this platform, your votes and your name, and cards about you become empty. "
    "What stands in the rooms stays there until you delete it yourself. This cannot be undone. "
    "Say “forget-me yes” and I do it."
)
FORGETTING = "I am forgetting it now. Whatever you say from here on is new to me."
NOTHING_KEPT = "Nothing is kept about this member."


def forgotten(member: str, mark: str, counts: Mapping[str, int]) -> str:
    """A receipt, for whoever asked for it and for the record."""
    if not counts:
        return NOTHING_KEPT
    listed = ", ".join(f"{kind} {count:,}" for kind, count in counts.items())
    return f"Forgot {member}: {listed}. Where the member stood, “{mark}” stands now."


def not_scrubbed(reason: str) -> str:
    """Rows are gone, but not yet overwritten."""
    return f"It is forgotten, but the database file could not be rewritten: {reason}. Run the command again later."


def exported(count: int, member: str, files: str) -> str:
    """After an export."""
    return f"Wrote what is kept about {member}, {count:,} entr{'y' if count == 1 else 'ies'}, to {files}."
