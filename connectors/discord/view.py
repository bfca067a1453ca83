"""What readers of payloads know besides them: who is who, and where is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.address import Address
from bot.core.command import CommandSpec
from bot.core.event import Author, Role
from connectors.discord.guilds import Guild, Member, member_of, user_of
from connectors.discord.memory import Memory
from connectors.discord.reading import Json, mapping, moment, snowflake


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a reader of payloads knows besides them."""

    memory: Memory
    now: datetime
    commands: Sequence[CommandSpec] = ()


def author(message: Json, guild: Guild, memory: Memory) -> Author:
    """Who said a message; history tells no roles, so what is remembered of the member counts there."""
    user = mapping(message.get("author"))
    told = member_of(mapping(message.get("member")), user)
    known = memory.member(guild.id, told.id) if "member" not in message else None
    channel = snowflake(message.get("channel_id"))
    if snowflake(message.get("webhook_id")):
        return Author(told.id, told.name, Role.GUEST, is_bot=True)
    return as_author(known or told, guild, channel)


def as_author(member: Member, guild: Guild, channel: str) -> Author:
    """Somebody as events name them."""
    role = guild.role(member.id, member.roles, channel) if guild.id else Role.MEMBER
    return Author(member.id, member.name, role, is_bot=member.is_bot, joined_at=moment(member.joined))


def place(data: Json, view: View) -> tuple[Address, Guild]:
    """Where it happened, and in which server."""
    guild_id, channel_id = snowflake(data.get("guild_id")), snowflake(data.get("channel_id"))
    return view.memory.address(guild_id, channel_id), view.memory.of(data)


def actor(data: Json, view: View, guild: Guild) -> Author:
    """Who reacted or voted: only an id is told, sometimes with the member."""
    user_id, member = snowflake(data.get("user_id")), mapping(data.get("member"))
    known = view.memory.member(guild.id, user_id)
    told = member_of(member, user_of(member)) if member else known
    return as_author(told or Member(id=user_id, name=user_id), guild, snowflake(data.get("channel_id")))
