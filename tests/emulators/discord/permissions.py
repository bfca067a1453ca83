"""Who may do what: permission bits, roles, overwrites, time-outs and the order of roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulators.discord.model import Channel, Guild, Member


class Permission(IntFlag):
    """https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL = Permission((1 << 53) - 1)
NONE = Permission(0)
EVERYONE = (
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
)
DURING_TIMEOUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
IN_DM = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.SEND_POLLS
    | Permission.PIN_MESSAGES
    | Permission.USE_APPLICATION_COMMANDS
)


@dataclass(slots=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies to a role or, if `of_member`, to one member."""

    id: int
    of_member: bool = False
    allow: Permission = NONE
    deny: Permission = NONE


def in_guild(guild: Guild, member: Member, now: datetime) -> Permission:
    """The member's permissions where no channel overrules them."""
    if member.user.id == guild.owner_id:
        return ALL
    found = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        found |= guild.roles[role_id].permissions
    if Permission.ADMINISTRATOR in found:
        return ALL
    return found & DURING_TIMEOUT if is_muted(member, now) else found


def is_muted(member: Member, now: datetime) -> bool:
    """Whether the member is timed out."""
    return member.muted_until is not None and member.muted_until > now


def in_channel(channel: Channel, member: Member, now: datetime) -> Permission:
    """The member's permissions in a channel of the guild; a thread has those of the channel it belongs to."""
    assert channel.guild is not None
    found = in_guild(channel.guild, member, now)
    if found == ALL:
        return ALL
    place = channel.parent if channel.is_thread and channel.parent else channel
    found = _overwritten(found, place.overwrites, channel.guild.id, member)
    if Permission.VIEW_CHANNEL not in found:
        return NONE
    return found & DURING_TIMEOUT if is_muted(member, now) else found


def _overwritten(found: Permission, overwrites: list[Overwrite], everyone: int, member: Member) -> Permission:
    levels = (
        [each for each in overwrites if each.id == everyone],
        [each for each in overwrites if not each.of_member and each.id in member.role_ids],
        [each for each in overwrites if each.of_member and each.id == member.user.id],
    )
    for level in levels:
        allow = deny = NONE
        for each in level:
            allow, deny = allow | each.allow, deny | each.deny
        found = (found & ~deny) | allow
    return found


def rank(guild: Guild, member: Member) -> int:
    """The position of the member's highest role."""
    return max((guild.roles[each].position for each in member.role_ids), default=0)


def outranks(guild: Guild, one: Member, other: Member) -> bool:
    """Whether the roles of one stand above the other's; the owner stands above all."""
    if other.user.id == guild.owner_id:
        return False
    return one.user.id == guild.owner_id or rank(guild, one) > rank(guild, other)
