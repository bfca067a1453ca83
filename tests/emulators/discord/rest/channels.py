"""Guilds, their channels and roles, and typing."""

from __future__ import annotations

from tests.emulators.discord import lifecycle, limits, render
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.model import Channel, Guild, Id, Kind
from tests.emulators.discord.permissions import Overwrite, Permission
from tests.emulators.discord.refusal import Json, Refusal
from tests.emulators.discord.world import Event

CHANNEL_CREATED, CHANNEL_UPDATED, CHANNEL_DELETED = 10, 11, 12


def get_guild(call: Call) -> Json:
    guild = call.guild()
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return {**render.guild(guild), **(counts if call.query.get("with_counts") in ("true", "1", "True") else {})}


def get_channels(call: Call) -> list[Json]:
    return [render.channel(each) for each in call.guild().channels.values() if not each.is_thread]


def get_roles(call: Call) -> list[Json]:
    return [render.role(each) for each in call.guild().roles.values()]


def get_channel(call: Call) -> Json:
    channel = call.channel()
    call.world.must(call.me, channel, Permission.VIEW_CHANNEL)
    return render.thread(channel, seen_by=call.me) if channel.is_thread else render.channel(channel)


def create_channel(call: Call) -> Json:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.MANAGE_CHANNELS)
    limits.check_name(call.body.get("name"))
    parent_id = call.body.get("parent_id")
    channel = Channel(
        id=call.world.snowflake(),
        kind=Kind(call.body.get("type") or 0),
        guild=guild,
        name=call.body["name"],
        topic=call.body.get("topic"),
        parent=guild.channels.get(int(parent_id)) if parent_id else None,
        tags=_tags(call, call.body.get("available_tags") or []),
    )
    call.world.add_channel(channel)
    call.world.audit(guild, CHANNEL_CREATED, call.me, channel.id, call.reason)
    data = render.channel(channel)
    call.world.emit(Event(name="CHANNEL_CREATE", data=data, guild=guild, channel=channel, intents=1))
    return data


def _tags(call: Call, tags: list[Json]) -> list[Json]:
    extra = {"moderated": False, "emoji_id": None, "emoji_name": None}
    return [{**extra, **tag, "id": str(call.world.snowflake())} for tag in tags]


def typing(call: Call) -> None:
    channel = call.channel()
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    call.world.must(call.me, channel, needed)


def get_invites(call: Call) -> list[Json]:
    call.world.must(call.me, call.guild(), Permission.MANAGE_GUILD)
    return []


def get_audit_log(call: Call) -> Json:
    guild = call.guild()
    call.world.must(call.me, guild, Permission.VIEW_AUDIT_LOG)
    action = call.number("action_type", 0)
    found = [each for each in reversed(guild.audit) if action in (0, each.action)][: call.number("limit", 50)]
    people: set[Id] = {each.user_id for each in found}
    return {
        "audit_log_entries": [
            {
                "id": str(each.id),
                "action_type": each.action,
                "user_id": str(each.user_id),
                "target_id": str(each.target_id) if each.target_id else None,
                "changes": [],
                **({"reason": each.reason} if each.reason else {}),
            }
            for each in found
        ],
        "users": [render.user(call.world.users[each]) for each in people],
        **{name: [] for name in _EMPTY},
    }


_EMPTY = (
    "integrations",
    "webhooks",
    "guild_scheduled_events",
    "threads",
    "application_commands",
    "auto_moderation_rules",
)


def delete_channel(call: Call) -> Json:
    channel = call.channel()
    if channel.guild is None:
        raise Refusal(50024)
    _may_delete(call, channel)
    _remove(channel.guild, channel.id, call)
    data = render.channel(channel) if not channel.is_thread else render.thread(channel)
    name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
    call.world.emit(Event(name=name, data=data, guild=channel.guild, intents=1))
    return data


def _may_delete(call: Call, channel: Channel) -> None:
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    call.world.must(call.me, channel, needed)


def _remove(guild: Guild, channel_id: Id, call: Call) -> None:
    del guild.channels[channel_id]
    del call.world.channels[channel_id]
    call.world.audit(guild, CHANNEL_DELETED, call.me, channel_id, call.reason)


def set_overwrite(call: Call) -> None:
    channel = call.channel()
    call.world.must(call.me, channel, Permission.MANAGE_ROLES)
    found = Overwrite(
        id=call.id("overwrite_id"),
        of_member=bool(call.body.get("type")),
        allow=Permission(int(call.body.get("allow") or 0)),
        deny=Permission(int(call.body.get("deny") or 0)),
    )
    channel.overwrites = [*(each for each in channel.overwrites if each.id != found.id), found]
    data = render.channel(channel)
    call.world.emit(Event(name="CHANNEL_UPDATE", data=data, guild=channel.guild, channel=channel, intents=1))


def leave_guild(call: Call) -> None:
    lifecycle.remove_bot(call.world, call.guild())


ROUTES: Routes = {
    ("GET", "/guilds/{guild_id}"): get_guild,
    ("GET", "/guilds/{guild_id}/channels"): get_channels,
    ("POST", "/guilds/{guild_id}/channels"): create_channel,
    ("GET", "/guilds/{guild_id}/roles"): get_roles,
    ("GET", "/guilds/{guild_id}/invites"): get_invites,
    ("GET", "/guilds/{guild_id}/audit-logs"): get_audit_log,
    ("DELETE", "/users/@me/guilds/{guild_id}"): leave_guild,
    ("PUT", "/channels/{channel_id}/permissions/{overwrite_id}"): set_overwrite,
    ("GET", "/channels/{channel_id}"): get_channel,
    ("DELETE", "/channels/{channel_id}"): delete_channel,
    ("POST", "/channels/{channel_id}/typing"): typing,
}
