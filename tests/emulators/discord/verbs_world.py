"""What the control API does with the world and the connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.emulators.discord import render
from tests.emulators.discord.asked import Verb, channel_of, guild_of, permissions, person_of, roles_of
from tests.emulators.discord.faults import Fault
from tests.emulators.discord.model import Kind
from tests.emulators.discord.permissions import EVERYONE, NONE, Overwrite
from tests.emulators.discord.refusal import Json

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator


async def state(emulator: Emulator, asked: Json) -> Json:
    """Where to connect, and everything there is."""
    guilds = emulator.world.guilds.values()
    return {
        "api_base": emulator.api_base,
        "gateway_url": emulator.gateway_url,
        "token": emulator.world.application.token,
        "bot": render.user(emulator.world.me),
        "connected": len(emulator.gateway.sockets),
        "identifies": len(emulator.gateway.identifies),
        "resumes": emulator.gateway.resumes,
        "guilds": [
            {
                **{key: render.guild(each)[key] for key in ("id", "name", "owner_id", "roles")},
                "channels": [render.channel(channel) for channel in each.channels.values()],
                "members": [render.full_member(member) for member in each.members.values()],
                "bans": {str(user): reason for user, reason in each.bans.items()},
            }
            for each in guilds
        ],
    }


async def guild(emulator: Emulator, asked: Json) -> Json:
    """{name, bot?: [permissions], everyone?: [permissions]}: found a guild with the bot in it."""
    made = emulator.guild(
        asked.get("name", "Fernhill"),
        bot=permissions(asked.get("bot"), EVERYONE),
        everyone=permissions(asked.get("everyone"), EVERYONE),
    )
    return {"id": str(made.id), "owner": str(made.owner_id), "bot_role": str(emulator.bot_role(made).id)}


async def channel(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, kind?, tags?}: open a channel; kinds are Discord's numbers."""
    kind = Kind(asked.get("kind", 0))
    made = emulator.channel(guild_of(emulator, asked), asked["name"], kind=kind, tags=asked.get("tags", ()))
    return {"id": str(made.id)}


async def role(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, permissions?, position?}: make a role."""
    granted = permissions(asked.get("permissions"), NONE)
    made = emulator.role(guild_of(emulator, asked), asked["name"], granted, position=asked.get("position"))
    return {"id": str(made.id)}


async def allow(emulator: Emulator, asked: Json) -> Json:
    """{guild, role, permissions}: set a role's permissions."""
    where = guild_of(emulator, asked)
    emulator.allow(where.roles[int(asked["role"])], where, permissions(asked["permissions"], NONE))
    return {}


async def overwrite(emulator: Emulator, asked: Json) -> Json:
    """{channel, id, of_member?, allow?, deny?}: set a channel's only overwrite."""
    emulator.overwrite(
        channel_of(emulator, asked),
        Overwrite(
            id=int(asked["id"]),
            of_member=asked.get("of_member", False),
            allow=permissions(asked.get("allow"), NONE),
            deny=permissions(asked.get("deny"), NONE),
        ),
    )
    return {}


async def join(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, roles?, bot?}: let somebody join."""
    where = guild_of(emulator, asked)
    return {"id": str(emulator.member(where, asked["name"], *roles_of(where, asked), bot=asked.get("bot", False)).id)}


async def leave(emulator: Emulator, asked: Json) -> Json:
    """{guild, member}: let somebody leave."""
    emulator.leave(person_of(emulator, asked))
    return {}


async def rename(emulator: Emulator, asked: Json) -> Json:
    """{guild, member, nick}: change a nickname."""
    emulator.rename(person_of(emulator, asked), asked["nick"])
    return {}


async def give(emulator: Emulator, asked: Json) -> Json:
    """{guild, member, roles}: set a member's roles."""
    emulator.give(person_of(emulator, asked), *roles_of(guild_of(emulator, asked), asked))
    return {}


async def drop(emulator: Emulator, asked: Json) -> Json:
    """{resume?, code?}: close the gateway's sockets; `resume: false` refuses the next RESUME."""
    await emulator.drop(resume=asked.get("resume", True), code=asked.get("code", 0))
    return {}


async def gateway(emulator: Emulator, asked: Json) -> Json:
    """{reconnect?, invalidate?: resumable, hold?, release?: "forwards" or "backwards", ...}: what the gateway does.

    Also refuse_resumes, refuse_identifies, drop_after_resume, replay_extra, acknowledge and repeat, as in `Gateway`.
    """
    it = emulator.gateway
    if asked.get("reconnect"):
        it.ask_to_reconnect()
    if "invalidate" in asked:
        it.invalidate(resumable=asked["invalidate"])
    for name in ("refuse_resumes", "refuse_identifies", "drop_after_resume", "replay_extra", "acknowledge", "repeat"):
        setattr(it, name, asked.get(name, getattr(it, name)))
    if asked.get("hold"):
        it.hold()
    if "release" in asked:
        it.release(backwards=asked["release"] == "backwards")
    return {}


async def inject(emulator: Emulator, asked: Json) -> Json:
    """{name, data}: send every session an event that nothing in the world stands behind."""
    emulator.gateway.inject(asked["name"], asked["data"])
    return {}


async def settings(emulator: Emulator, asked: Json) -> Json:
    """{rate_limits?, identify_limit?, shards?}: numbers and switches by name; `interaction_deadline` in seconds."""
    if "interaction_deadline" in asked:
        emulator.settings.interaction_deadline = timedelta(seconds=asked.pop("interaction_deadline"))
    for name, value in asked.items():
        if not isinstance(getattr(emulator.settings, name, None), int):
            raise KeyError(name)
        setattr(emulator.settings, name, value)
    return {}


async def fail(emulator: Emulator, asked: Json) -> Json:
    """{method?, template?, times?, status?, retry_after?, scope?, delay?, applied?, cut?}: times are in seconds."""
    for key in asked.keys() & {"retry_after", "delay"}:
        asked[key] = timedelta(seconds=asked[key])
    emulator.fail(Fault(**asked))
    return {}


async def heal(emulator: Emulator, asked: Json) -> Json:
    """No more faults of requests."""
    emulator.server.faults.clear()
    return {}


async def advance(emulator: Emulator, asked: Json) -> Json:
    """{seconds}: let time pass at once."""
    emulator.advance(timedelta(seconds=asked["seconds"]))
    return {}


async def revoke(emulator: Emulator, asked: Json) -> Json:
    """The token is no longer good."""
    await emulator.revoke_token()
    return {}


VERBS: Mapping[str, Verb] = {
    "state": state,
    "guild": guild,
    "channel": channel,
    "role": role,
    "allow": allow,
    "overwrite": overwrite,
    "join": join,
    "leave": leave,
    "rename": rename,
    "give": give,
    "drop": drop,
    "gateway": gateway,
    "inject": inject,
    "settings": settings,
    "fail": fail,
    "heal": heal,
    "advance": advance,
    "revoke": revoke,
}
