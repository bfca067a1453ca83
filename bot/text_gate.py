"""What Parley says to authors before anybody else reads them."""

from __future__ import annotations


def refused(label: str) -> str:
    """In place of a message that would have been removed at once; shown as plain text by the author's own client."""
    return f"This was not sent, because it goes against the rules of this room ({label}). Say it differently."


UNSURE = "This was not sent: messages are checked here first, and the check did not answer in time. Try again soon."
NOT_HERE = "I do not check messages in this room."
MALFORMED = "This is no event that I could check."
FORGED = "The event does not match its own hash."
