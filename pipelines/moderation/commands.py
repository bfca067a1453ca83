"""What moderation offers: why a message was judged as it was."""

from __future__ import annotations

from bot.core.command import CommandSpec, Menu, Option, Target

WHY = CommandSpec(
    name="why",
    summary="Why a message was judged as it was",
    options=(Option(name="message", summary="The message’s id or link", required=True),),
    menu=Menu(title="Why was this removed?", target=Target.MESSAGE, option="message"),
)
COMMANDS = (WHY,)
