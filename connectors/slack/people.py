"""Members and channels as Slack describes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.core.event import Author, Role
from bot.core.surface import legible
from connectors.slack.reading import Json, ident, mapping, words

MAX_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a workspace; `rank` is what the workspace itself says of them, `joined` what we saw ourselves."""

    id: str
    name: str
    rank: Role = Role.MEMBER
    is_bot: bool = False
    gone: bool = False
    joined: datetime | None = None

    def role(self, moderators: Collection[str]) -> Role:
        """With those who were named as moderators; a guest who was named is one too."""
        return max(self.rank, Role.MODERATOR) if self.id in moderators else self.rank

    def author(self, moderators: Collection[str]) -> Author:
        """As events name them."""
        return Author(self.id, self.name, self.role(moderators), is_bot=self.is_bot, joined_at=self.joined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation; `general` is the one that nobody can be sent out of."""

    id: str
    name: str = ""
    direct: bool = False
    private: bool = False
    ours: bool = True
    general: bool = False
    archived: bool = False
    user: str = ""


def member_of(raw: Json) -> Member | None:
    """A member as `users.info` and its events tell it; None for what is none."""
    user, profile = ident(raw.get("id")), mapping(raw.get("profile"))
    if not user:
        return None
    options = profile.get("display_name"), profile.get("real_name"), raw.get("real_name"), raw.get("name")
    name = next(filter(None, map(legible, options)), user)
    bot = raw.get("is_bot") is True or user == "USLACKBOT"
    return Member(id=user, name=name[:MAX_NAME], rank=_rank(raw), is_bot=bot, gone=raw.get("deleted") is True)


def _rank(raw: Json) -> Role:
    ranks = (
        ("is_primary_owner", Role.OWNER),
        ("is_owner", Role.OWNER),
        ("is_admin", Role.MODERATOR),
        ("is_ultra_restricted", Role.GUEST),
        ("is_restricted", Role.GUEST),
        ("is_stranger", Role.GUEST),
    )
    return next((role for key, role in ranks if raw.get(key) is True), Role.MEMBER)


def channel_of(raw: Json) -> Channel | None:
    """A conversation as `conversations.info` and `users.conversations` tell it."""
    channel = ident(raw.get("id"))
    if not channel:
        return None
    direct = raw.get("is_im") is True
    return Channel(
        id=channel,
        name=words(raw.get("name"))[:MAX_NAME],
        direct=direct,
        private=any(raw.get(key) is True for key in ("is_private", "is_mpim", "is_im", "is_group")),
        ours=direct or raw.get("is_member") is not False,
        general=raw.get("is_general") is True,
        archived=raw.get("is_archived") is True,
        user=ident(raw.get("user")),
    )
