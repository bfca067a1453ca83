"""Commands that belong to no pipeline in particular."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option
from bot.core.event import Role

HELP = CommandSpec(name="help", summary="What I can do for you here")
MODE = CommandSpec(
    name="mode",
    summary="Show or change who acts here: people, or Parley",
    options=(
        Option(name="mode", summary="The mode", choices=("manual", "semi", "auto", "shadow")),
        Option(name="community", summary="For the whole community, not only this channel", kind=Kind.SWITCH),
    ),
    role=Role.MODERATOR,
)
SETTINGS = CommandSpec(
    name="settings",
    summary="Show settings and where each comes from, or change one",
    options=(
        Option(name="community", summary="For the whole community, not only this channel", kind=Kind.SWITCH),
        Option(name="key", summary="Which setting, such as sure", suggests=True),
        Option(name="value", summary="What it should be; “default” takes your change back", kind=Kind.REST),
    ),
    role=Role.MODERATOR,
)
DOCTOR = CommandSpec(name="doctor", summary="What I lack, and where, to do what is set here", role=Role.MODERATOR)
COMMANDS = (HELP, MODE, SETTINGS, DOCTOR)
