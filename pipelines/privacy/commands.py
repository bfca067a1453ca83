"""What members can ask."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option

FORGET_ME = CommandSpec(
    name="forget-me",
    summary="Forget all that you said, your votes and your name, on this platform",
    options=(Option(name="sure", summary="“yes”, once you have read what that means", kind=Kind.WORD),),
)
COMMANDS = (FORGET_ME,)
