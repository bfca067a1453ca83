"""Lists of who is not welcome, kept by a community or by others it trusts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.address import Address
from bot.core.event import Role


class Subject(StrEnum):
    """What an entry of a list is about."""

    USER = "user"
    SERVER = "server"
    ROOM = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Whom a list names: an id, or a pattern with * and ?."""

    subject: Subject
    entity: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A member who is in a place and named by a list; `role` is what they may do there."""

    where: Address
    user_id: str
    name: str
    role: Role
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class BanList:
    """A list as it stands, held against one place or a whole community.

    `size` is how many entries it has, `servers` the patterns of servers that it wants kept out.
    """

    address: Address
    title: str
    size: int
    hits: tuple[Hit, ...] = ()
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlist:
    """Name a member in a list of ours, or take the name off it."""

    to: Address
    user_id: str
    reason: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pardon:
    """Lift a member's ban in a place or, given a community, wherever in it there is one."""

    to: Address
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Keep servers out of every room of a community, by patterns with * and ?, or let them in again."""

    to: Address
    servers: tuple[str, ...]
    lifted: bool = False
