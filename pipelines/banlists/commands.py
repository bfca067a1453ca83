"""What moderators can say about lists of bans."""

from __future__ import annotations

from bot.core.command import CommandSpec, Kind, Option
from bot.core.event import Role

LIST = Option(name="list", summary="The list’s address or id", required=True)
WATCH = CommandSpec(
    name="watch",
    summary="Show whom a list of bans would hit here; with “now”, follow it",
    options=(LIST, Option(name="now", summary="Follow it from now on", kind=Kind.SWITCH)),
    role=Role.MODERATOR,
)
UNWATCH = CommandSpec(name="unwatch", summary="No longer follow a list of bans", options=(LIST,), role=Role.MODERATOR)
LISTS = CommandSpec(name="lists", summary="Which lists of bans are followed here", role=Role.MODERATOR)
UNBAN = CommandSpec(
    name="unban",
    summary="Lift a member’s ban everywhere in the community",
    options=(Option(name="member", summary="The member’s id", required=True),),
    role=Role.MODERATOR,
)
COMMANDS = (WATCH, UNWATCH, LISTS, UNBAN)
