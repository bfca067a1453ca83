"""Who may do what: permission bits with their names, and how roles and channels add up to them.

The sums are those of https://discord.com/developers/docs/topics/permissions#permission-overwrites.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """The permissions that matter here."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49


ALL = Permission(sum(Permission))
NONE = Permission(0)
# Each of them lets somebody act on what others say.
MODERATING = Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS | Permission.ADMINISTRATOR
READING = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows and denies to a role or a member; ids never collide."""

    id: str
    allow: Permission
    deny: Permission


def named(permissions: Permission) -> str:
    """The permissions as Discord's settings call them."""
    titles = (permission.name or "" for permission in Permission if permission in permissions)
    return ", ".join(title.replace("_", " ").title().replace(" In ", " in ") for title in titles)


def add_up(granted: Collection[Permission]) -> Permission:
    """What a member's roles grant in the whole server."""
    found = NONE
    for permission in granted:
        found |= permission
    return ALL if Permission.ADMINISTRATOR in found else found


def narrow(
    found: Permission, overwrites: Sequence[Overwrite], everyone: str, user: str, roles: Collection[str]
) -> Permission:
    """What is left and what is added in a channel: for everyone first, then for roles together, then for the member."""
    if Permission.ADMINISTRATOR in found:
        return ALL
    for ids in ({everyone}, set(roles) - {everyone}, {user}):
        level = [overwrite for overwrite in overwrites if overwrite.id in ids]
        denied, allowed = add_bits(level, allow=False), add_bits(level, allow=True)
        found = (found & ~denied) | allowed
    return found if Permission.VIEW_CHANNEL in found else NONE


def add_bits(overwrites: Sequence[Overwrite], *, allow: bool) -> Permission:
    """One side of several overwrites."""
    found = NONE
    for overwrite in overwrites:
        found |= overwrite.allow if allow else overwrite.deny
    return found
