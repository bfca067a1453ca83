"""What members can ask."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option

ASK = CommandSpec(
    name="ask",
    summary="What was said about something, with links; only you see the answer where that is possible",
    options=(Option(name="question", summary="What you want to know", kind=Kind.REST, required=True),),
)
COMMANDS = (ASK,)
