"""What moderation offers: why it judged as it did, what it may do and how often it was wrong."""

from __future__ import annotations

from bot.core.command import CommandSpec, Menu, Option, Target
from bot.core.event import Role

WHY = CommandSpec(
    name="why",
    summary="Why a message was judged as it was",
    options=(Option(name="message", summary="The message’s id or link", required=True),),
    menu=Menu(title="Why was this removed?", target=Target.MESSAGE, option="message"),
)
AUTOMOD = CommandSpec(
    name="automod",
    summary="Give the rules to the platform’s own filter, or take them back",
    options=(Option(name="do", summary="What to do", choices=("sync", "unsync"), required=True),),
    role=Role.MODERATOR,
)
BANDS = CommandSpec(name="bands", summary="From which scores on I ask and act here, and why", role=Role.MODERATOR)
AUDIT = CommandSpec(name="audit", summary="How often checks said that I was wrong", role=Role.MODERATOR)
COMMANDS = (WHY, AUTOMOD, BANDS, AUDIT)
