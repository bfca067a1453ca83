"""What a request to the control API names. Ids are strings, as everywhere in Discord's JSON; numbers work too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from tests.emulators.discord.model import Channel, Guild, Role
from tests.emulators.discord.permissions import NONE, Permission
from tests.emulators.discord.person import Person
from tests.emulators.discord.refusal import Json

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator

Verb: TypeAlias = Callable[["Emulator", Json], Awaitable[Json]]


def guild_of(emulator: Emulator, asked: Json) -> Guild:
    return emulator.world.guilds[int(asked["guild"])]


def channel_of(emulator: Emulator, asked: Json) -> Channel:
    return emulator.world.channels[int(asked["channel"])]


def person_of(emulator: Emulator, asked: Json) -> Person:
    guild = guild_of(emulator, asked) if "guild" in asked else None
    if guild is None and "channel" in asked:
        guild = channel_of(emulator, asked).guild
    if guild is None and "message" in asked:
        guild = emulator.message(int(asked["message"])).channel.guild
    return emulator.person(int(asked["member"]), guild)


def roles_of(guild: Guild, asked: Json) -> list[Role]:
    return [guild.roles[int(each)] for each in asked.get("roles", ())]


def permissions(names: object, default: Permission) -> Permission:
    """Permissions by name, a list of names, or as a number."""
    if names is None:
        return default
    if isinstance(names, list):
        found = NONE
        for name in names:
            found |= Permission[name]
        return found
    return Permission(int(str(names)))
