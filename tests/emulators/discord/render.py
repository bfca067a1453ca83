"""The ground truth as Discord writes it: objects as they stand in answers and events."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.emulators.discord.model import Channel, Guild, Id, Kind, Member, Message, Role, User
from tests.emulators.discord.permissions import Overwrite
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.world import EPOCH, ISSUED_BITS


def stamp(at: datetime | None) -> str | None:
    """A moment as Discord writes it."""
    return None if at is None else at.isoformat()


def user(who: User) -> Json:
    return {
        "id": str(who.id),
        "username": who.name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "bot": who.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member(who: Member) -> Json:
    """A member without the user, as it hangs on a message."""
    return {
        "nick": who.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(each) for each in sorted(who.role_ids)],
        "joined_at": stamp(who.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": stamp(who.muted_until),
    }


def full_member(who: Member) -> Json:
    return {**member(who), "user": user(who.user)}


def role(it: Role) -> Json:
    return {
        "id": str(it.id),
        "name": it.name,
        "description": None,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": it.position,
        "permissions": str(int(it.permissions)),
        "managed": False,
        "mentionable": it.mentionable,
        "flags": 0,
    }


def overwrite(it: Overwrite) -> Json:
    return {"id": str(it.id), "type": int(it.of_member), "allow": str(int(it.allow)), "deny": str(int(it.deny))}


def _latest(messages: dict[Id, Message]) -> str | None:
    return str(next(reversed(messages))) if messages else None


def channel(it: Channel) -> Json:
    if it.is_dm:
        return direct(it)
    if it.is_thread:
        return thread(it)
    assert it.guild is not None
    return {
        "id": str(it.id),
        "type": int(it.kind),
        "guild_id": str(it.guild.id),
        "name": it.name,
        "topic": it.topic,
        "position": list(it.guild.channels).index(it.id),
        "flags": 0,
        "nsfw": False,
        "parent_id": str(it.parent.id) if it.parent else None,
        "permission_overwrites": [overwrite(each) for each in it.overwrites],
        "rate_limit_per_user": it.slowmode_s,
        "last_message_id": _latest(it.messages),
        **(_forum(it) if it.kind is Kind.FORUM else {}),
        **({"bitrate": 64000, "user_limit": 0, "rtc_region": None} if it.kind in (Kind.VOICE, Kind.STAGE) else {}),
    }


def _forum(it: Channel) -> Json:
    return {
        "available_tags": it.tags,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
    }


def direct(it: Channel) -> Json:
    """A direct conversation; Discord names only the other side to the bot."""
    return {
        "id": str(it.id),
        "type": int(it.kind),
        "flags": 0,
        "last_message_id": _latest(it.messages),
        "recipients": [user(each) for each in it.people.values() if not each.bot],
    }


def thread(it: Channel, *, seen_by: User | None = None) -> Json:
    assert it.guild is not None
    assert it.parent is not None
    joined = seen_by is not None and seen_by.id in it.people
    return {
        "id": str(it.id),
        "type": int(it.kind),
        "guild_id": str(it.guild.id),
        "parent_id": str(it.parent.id),
        "owner_id": str(it.owner_id),
        "name": it.name,
        "flags": 0,
        "last_message_id": _latest(it.messages),
        "member_count": min(len(it.people), 50),
        "message_count": len(it.messages),
        "total_message_sent": len(it.messages),
        "rate_limit_per_user": it.slowmode_s,
        "thread_metadata": {
            "archived": it.archived,
            "auto_archive_duration": it.archive_after_min,
            "archive_timestamp": stamp(snowflake_time(it.id)),
            "create_timestamp": stamp(snowflake_time(it.id)),
            "locked": it.locked,
            **({"invitable": it.invitable} if it.kind is Kind.PRIVATE_THREAD else {}),
        },
        **({"applied_tags": it.applied_tags} if it.parent.kind is Kind.FORUM else {}),
        **({"member": thread_member(it, seen_by)} if joined and seen_by else {}),
    }


def thread_member(it: Channel, who: User) -> Json:
    joined = stamp(snowflake_time(it.id))
    return {"id": str(it.id), "user_id": str(who.id), "join_timestamp": joined, "flags": 1}


def snowflake_time(snowflake: Id) -> datetime:
    """When the thing with this id was made."""
    return EPOCH + timedelta(milliseconds=snowflake >> ISSUED_BITS)


# What a guild has that nobody changed.
_GUILD: Json = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "features": [],
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 1,
    "default_message_notifications": 1,
    "mfa_level": 0,
    "explicit_content_filter": 2,
    "max_presences": None,
    "max_members": 500000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "preferred_locale": "en-US",
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "hub_type": None,
    "premium_progress_bar_enabled": False,
    "premium_progress_bar_enabled_user_updated_at": None,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
    "incidents_data": None,
    "inventory_settings": None,
    "latest_onboarding_question_id": None,
}


def guild(it: Guild) -> Json:
    """A guild as `GET /guilds/{id}` tells it."""
    return {
        **_GUILD,
        "id": str(it.id),
        "name": it.name,
        "owner_id": str(it.owner_id),
        "roles": [role(each) for each in it.roles.values()],
    }
