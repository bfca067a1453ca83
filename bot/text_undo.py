"""What Parley says when something it did is taken back."""

from __future__ import annotations

from bot.core.evidence import Decision
from bot.core.markdown import called, literal
from bot.text import DONE

LIFTED_REASON = "A moderator takes it back."
NOTHING_TO_UNDO = "Nothing was done there that could be taken back."
OPEN_STILL = "That case is open: “approve” lets the message stand."
UNDO = "Undo"
ITSELF = "Parley itself"
# What becomes of it when a decision is taken back.
BACK = {
    Decision.REMOVE: "A deleted text cannot come back.",
    Decision.WARN: "A warning that was read cannot be unread.",
    Decision.TIMEOUT: "Its author may speak again; a deleted text cannot come back.",
    Decision.KICK: "Its author may come back by themselves; a deleted text cannot.",
    Decision.BAN: "Its author is no longer banned and may come back; a deleted text cannot.",
}


def undone(number: int, was: Decision) -> str:
    """To the moderator who takes a decision back."""
    return f"Case {number} was {DONE[was]}; that counts as a mistake from here on. {BACK[was]}"


def undone_alone(was: Decision) -> str:
    """The same about a message without a case of its own."""
    return f"That counts as a mistake from here on. {BACK[was]}"


def forgiven(name: str, reason: str) -> str:
    """To the author whose message was taken away by mistake."""
    why = f" They say: “{literal(reason)}”." if reason else ""
    return f"{called(name)}, the moderators took a decision about you back: it was a mistake, and they are sorry.{why}"
