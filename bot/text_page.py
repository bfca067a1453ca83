"""What Parley says on the page that members have to themselves, where a platform has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.markdown import literal

NO_POLLS = "No poll is open where you can read it."
MODES = {
    "manual": "every message waits for a moderator",
    "semi": "what I find is decided by moderators",
    "auto": "I act where I am sure, and ask moderators where I am not",
    "shadow": "I only write down what I would do",
}


def page(mode: str, polls: Sequence[str], commands: Sequence[tuple[str, str]]) -> str:
    """The whole page; `mode` is what holds in the community."""
    listed = "\n".join(f"- {poll}" for poll in polls) or NO_POLLS
    known = "\n".join(f"- **{literal(usage)}** – {literal(summary)}" for usage, summary in commands)
    meaning = literal(MODES.get(mode, mode))
    return "\n\n".join(
        ["# Open polls", listed, "# How this place is kept", f"{meaning}.".capitalize(), "# What you can ask me", known]
    )


def poll(question: str, place: str, ends_at: datetime) -> str:
    """An open poll in one line."""
    return f"**{literal(question)}** in {literal(place)}, open until {ends_at:%H:%M} UTC on {ends_at:%d %B}"
