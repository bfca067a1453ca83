"""Who a message pings: what its text names, less what its author may not or asked not to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.emulators.discord.model import Channel, Id, Message, User
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)")


@dataclass(slots=True)
class Pings:
    users: list[User] = field(default_factory=list)
    roles: list[Id] = field(default_factory=list)
    everyone: bool = False


def pings(world: World, author: User, channel: Channel, text: str, allowed: Json | None) -> Pings:
    """Whom the text names, as far as `allowed_mentions` (None: nothing was said about them) lets it."""
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or ())
    users, roles = _listed(allowed, "users"), _listed(allowed, "roles")
    named = dict.fromkeys(int(each) for each in _USER.findall(text))
    named_roles = dict.fromkeys(int(each) for each in _ROLE.findall(text))
    everybody = channel.guild is not None and Permission.MENTION_EVERYONE in world.allowed(author, channel)
    return Pings(
        users=[world.users[each] for each in named if each in world.users and ("users" in parse or each in users)],
        roles=[
            each
            for each in named_roles
            if ("roles" in parse or each in roles) and (everybody or _mentionable(channel, each))
        ],
        everyone="everyone" in parse and everybody and bool(_EVERYONE.search(text)),
    )


def _listed(allowed: Json | None, key: str) -> set[Id]:
    return {int(each) for each in (allowed or {}).get(key) or ()}


def _mentionable(channel: Channel, role_id: Id) -> bool:
    role = channel.guild.roles.get(role_id) if channel.guild else None
    return role is not None and role.mentionable


def apply(world: World, message: Message, allowed: Json | None) -> None:
    """Set whom a message pings."""
    found = pings(world, message.author, message.channel, message.content, allowed)
    pings_replied = allowed is None or bool(allowed.get("replied_user"))
    replied = message.replied.author if message.replied and not message.snapshots else None
    if replied not in (None, message.author, *found.users) and pings_replied and replied:
        found.users.append(replied)
    message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone
