"""What Parley says on Slack only."""

from __future__ import annotations

THINKING = "is looking for an answer…"
NOT_SENT = "Slack would not open the form. Please press again."
NO_MEMBER = "There is no such member."
NO_MESSAGE = "There is no such message."
NO_REACTION = "That is no reaction that Slack knows."
GENERAL = "Nobody can be sent out of this channel."
HOME_TITLE = "Parley"


def cannot_delete(problem: str) -> str:
    """Why a message of somebody else stays."""
    return f"I may not delete other people’s messages here. {problem}"
