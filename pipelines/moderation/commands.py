"""What moderation offers: why it judged as it did, what it may do and how often it was wrong."""

from __future__ import annotations

from bot.core.command import CommandSpec, Option
from bot.core.event import Role

WHY = CommandSpec(
    name="why",
    summary="Why a message was judged as it was",
    options=(Option(name="message", summary="The message’s id or link", required=True),),
)
BANDS = CommandSpec(name="bands", summary="From which scores on I ask and act here, and why", role=Role.MODERATOR)
AUDIT = CommandSpec(name="audit", summary="How often checks said that I was wrong", role=Role.MODERATOR)
COMMANDS = (WHY, BANDS, AUDIT)
