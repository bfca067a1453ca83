"""What a client is told first: who it is, and the guilds it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.emulators.discord import render
from tests.emulators.discord.model import Guild, Member
from tests.emulators.discord.refusal import Json
from tests.emulators.discord.session import Session
from tests.emulators.discord.world import World

GUILD_PRESENCES = 1 << 8
CHUNK = 1000
MESSAGE_CONTENT_LIMITED = 1 << 19
GUILD_MEMBERS_LIMITED = 1 << 15


def ready(world: World, session: Session, guilds: list[Guild]) -> Json:
    """The first event of a session."""
    return {
        "v": 10,
        "user": {**render.user(world.me), "verified": True, "mfa_enabled": False, "email": None},
        "user_settings": {},
        "session_type": "normal",
        "session_id": session.id,
        "resume_gateway_url": world.base_url.replace("http", "ws", 1) + "/resume",
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "shard": list(session.shard),
        "application": {"id": str(world.application.id), "flags": MESSAGE_CONTENT_LIMITED | GUILD_MEMBERS_LIMITED},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "_trace": ["[]"],
    }


def guild_create(world: World, guild: Guild, intents: int, large: int) -> Json:
    """A guild with its channels; of the members only the bot unless it hears of presences and the guild is small."""
    everybody = intents & GUILD_PRESENCES and len(guild.members) <= large
    members = list(guild.members.values()) if everybody else [guild.members[world.me.id]]
    return {
        **render.guild(guild),
        "joined_at": render.stamp(guild.members[world.me.id].joined_at),
        "large": len(guild.members) > large,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [render.full_member(each) for each in members],
        "channels": [render.channel(each) for each in guild.channels.values() if not each.is_thread],
        "threads": [
            render.thread(each, seen_by=world.me)
            for each in guild.channels.values()
            if each.is_thread and not each.archived
        ],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def chunks(guild: Guild, asked: Json, shown: Callable[[Member], Json]) -> Iterator[Json]:
    """The members that a client asked for, a thousand at a time."""
    found = _found(guild, asked)
    count = max(1, -(-len(found) // CHUNK))
    for index in range(count):
        yield {
            "guild_id": str(guild.id),
            "members": [shown(each) for each in found[index * CHUNK : (index + 1) * CHUNK]],
            "chunk_index": index,
            "chunk_count": count,
            "not_found": [],
            **({"nonce": asked["nonce"]} if asked.get("nonce") else {}),
        }


def _found(guild: Guild, asked: Json) -> list[Member]:
    if ids := asked.get("user_ids"):
        wanted = {int(each) for each in (ids if isinstance(ids, list) else [ids])}
        return [each for each in guild.members.values() if each.user.id in wanted]
    prefix = asked.get("query", "")
    found = [each for each in guild.members.values() if each.user.name.startswith(prefix)]
    return found[: asked.get("limit") or None]
