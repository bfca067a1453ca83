"""What Parley says about waves: nearly the same text, said many times."""

from __future__ import annotations

from datetime import datetime

from bot.core.evidence import Decision

REMOVE_ALL = "Remove all"
LEAVE = "Leave alone"
UNDO = "Undo"
# What the button for all members is called, and what it asks for.
ALL = {Decision.TIMEOUT: "Time out all", Decision.BAN: "Ban all"}
SURE = {
    Decision.TIMEOUT: "Time out all? Your reason, which they read",
    Decision.BAN: "Ban all? Your reason, which they read",
}
DONE = {
    Decision.APPROVE: "left alone",
    Decision.WARN: "left alone",
    Decision.REMOVE: "removed",
    Decision.TIMEOUT: "removed, its authors timed out",
    Decision.KICK: "removed, its authors sent out",
    Decision.BAN: "removed, its authors banned",
}
GOES_ON = {
    Decision.APPROVE: "Further messages of it are left alone too.",
    **dict.fromkeys(
        (Decision.REMOVE, Decision.TIMEOUT, Decision.KICK, Decision.BAN), "Further messages of it go the same way."
    ),
}


def size(messages: int, members: int, places: int) -> str:
    """How large a wave is, as the first words of its card."""
    return (
        f"🌊 **A wave**: nearly the same {_times(messages)}, by {_counted(members, 'member')} in "
        f"{_counted(places, 'channel')}."
    )


def said(name: str, words: str) -> str:
    """One of its messages; both are made harmless before."""
    return f"- {name}: {words}"


def proposed(penalty: str) -> str:
    """What could be done."""
    return f"Proposed: remove them all{f', {penalty} for their authors' if penalty else ''}"


def decided(number: int, decision: Decision, by: str, at: datetime | None) -> str:
    """How a wave stands that was decided."""
    when = f" at {at:%H:%M} UTC on {at:%d %B}" if at else ""
    return f"The wave of case {number} was {DONE.get(decision, 'closed')}, by {by}{when}."


def undone(number: int, was: Decision, members: int) -> str:
    """To the moderator who takes back what was done about a wave."""
    ended = {Decision.TIMEOUT: "may speak again", Decision.BAN: "are no longer banned"}.get(was)
    lifted = f" Its {_counted(members, 'author')} {ended}." if ended else ""
    return (
        f"The wave of case {number} was {DONE[was]}; that counts as a mistake from here on.{lifted} "
        "Deleted texts cannot come back, and further messages of it are left alone."
    )


def _times(messages: int) -> str:
    return "once" if messages == 1 else f"{messages:,} times"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
