"""What the control API can do. Ids are strings, as everywhere in Discord's JSON; plain numbers work too."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from tests.emulators.discord import render
from tests.emulators.discord.faults import Fault
from tests.emulators.discord.model import Channel, Guild, Kind, Role
from tests.emulators.discord.permissions import EVERYONE, NONE, Overwrite, Permission
from tests.emulators.discord.person import Person
from tests.emulators.discord.refusal import Json

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator

Verb: TypeAlias = Callable[["Emulator", Json], Awaitable[Json]]


def _guild(emulator: Emulator, asked: Json) -> Guild:
    return emulator.world.guilds[int(asked["guild"])]


def _channel(emulator: Emulator, asked: Json) -> Channel:
    return emulator.world.channels[int(asked["channel"])]


def _person(emulator: Emulator, asked: Json) -> Person:
    guild = _guild(emulator, asked) if "guild" in asked else None
    if guild is None and "channel" in asked:
        guild = _channel(emulator, asked).guild
    if guild is None and "message" in asked:
        guild = emulator.message(int(asked["message"])).channel.guild
    return emulator.person(int(asked["member"]), guild)


def _roles(guild: Guild, asked: Json) -> list[Role]:
    return [guild.roles[int(each)] for each in asked.get("roles", ())]


def _permissions(names: object, default: Permission) -> Permission:
    """Permissions by name, a list of names, or as a number."""
    if names is None:
        return default
    if isinstance(names, list):
        found = NONE
        for name in names:
            found |= Permission[name]
        return found
    return Permission(int(str(names)))


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
        bot=_permissions(asked.get("bot"), EVERYONE),
        everyone=_permissions(asked.get("everyone"), EVERYONE),
    )
    return {"id": str(made.id), "owner": str(made.owner_id), "bot_role": str(emulator.bot_role(made).id)}


async def channel(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, kind?, tags?}: open a channel; kinds are Discord's numbers."""
    kind = Kind(asked.get("kind", 0))
    made = emulator.channel(_guild(emulator, asked), asked["name"], kind=kind, tags=asked.get("tags", ()))
    return {"id": str(made.id)}


async def role(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, permissions?, position?}: make a role."""
    granted = _permissions(asked.get("permissions"), NONE)
    made = emulator.role(_guild(emulator, asked), asked["name"], granted, position=asked.get("position"))
    return {"id": str(made.id)}


async def allow(emulator: Emulator, asked: Json) -> Json:
    """{guild, role, permissions}: set a role's permissions."""
    where = _guild(emulator, asked)
    emulator.allow(where.roles[int(asked["role"])], where, _permissions(asked["permissions"], NONE))
    return {}


async def overwrite(emulator: Emulator, asked: Json) -> Json:
    """{channel, id, of_member?, allow?, deny?}: set a channel's only overwrite."""
    emulator.overwrite(
        _channel(emulator, asked),
        Overwrite(
            id=int(asked["id"]),
            of_member=asked.get("of_member", False),
            allow=_permissions(asked.get("allow"), NONE),
            deny=_permissions(asked.get("deny"), NONE),
        ),
    )
    return {}


async def join(emulator: Emulator, asked: Json) -> Json:
    """{guild, name, roles?, bot?}: let somebody join."""
    where = _guild(emulator, asked)
    return {"id": str(emulator.member(where, asked["name"], *_roles(where, asked), bot=asked.get("bot", False)).id)}


async def leave(emulator: Emulator, asked: Json) -> Json:
    """{guild, member}: let somebody leave."""
    emulator.leave(_person(emulator, asked))
    return {}


async def rename(emulator: Emulator, asked: Json) -> Json:
    """{guild, member, nick}: change a nickname."""
    emulator.rename(_person(emulator, asked), asked["nick"])
    return {}


async def give(emulator: Emulator, asked: Json) -> Json:
    """{guild, member, roles}: set a member's roles."""
    emulator.give(_person(emulator, asked), *_roles(_guild(emulator, asked), asked))
    return {}


async def say(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, text, reply_to?, times?}: say something; `times` says it that often at once."""
    reply_to = int(asked["reply_to"]) if "reply_to" in asked else None
    who, where = _person(emulator, asked), _channel(emulator, asked)
    said = [who.say(where, asked["text"], reply_to=reply_to) for _ in range(asked.get("times", 1))]
    return {"id": str(said[-1]), "ids": [str(each) for each in said]}


async def dm(emulator: Emulator, asked: Json) -> Json:
    """{member, text}: write to the bot directly."""
    return {"id": str(_person(emulator, asked).dm(asked["text"]))}


async def edit(emulator: Emulator, asked: Json) -> Json:
    """{message, member, text}: change what was said."""
    _person(emulator, asked).edit(int(asked["message"]), asked["text"])
    return {}


async def delete(emulator: Emulator, asked: Json) -> Json:
    """{message, member}: delete a message."""
    _person(emulator, asked).delete(int(asked["message"]))
    return {}


async def react(emulator: Emulator, asked: Json) -> Json:
    """{message, member, emoji}: react to a message."""
    _person(emulator, asked).react(int(asked["message"]), asked["emoji"])
    return {}


async def vote(emulator: Emulator, asked: Json) -> Json:
    """{message, member, answers: [1, ...]}: vote."""
    _person(emulator, asked).vote(int(asked["message"]), *asked["answers"])
    return {}


async def messages(emulator: Emulator, asked: Json) -> Json:
    """{channel}: what everybody reads there, oldest first."""
    found = emulator.messages(_channel(emulator, asked))
    return {"messages": [render.message(each, emulator.world) for each in found]}


async def requests(emulator: Emulator, asked: Json) -> Json:
    """{after?}: every request from that number on, oldest first."""
    found = emulator.requests[asked.get("after", 0) :]
    return {"requests": [_shown(each) for each in found], "refused": [_shown(each) for each in emulator.refused]}


def _shown(request: object) -> Json:
    assert dataclasses.is_dataclass(request)
    shown = {each.name: getattr(request, each.name) for each in dataclasses.fields(request)}
    return {**shown, "at": shown["at"].isoformat(), "query": dict(shown["query"])}


async def drop(emulator: Emulator, asked: Json) -> Json:
    """{resume?, code?}: close the gateway's sockets; `resume: false` refuses the next RESUME."""
    await emulator.drop(resume=asked.get("resume", True), code=asked.get("code", 0))
    return {}


async def gateway(emulator: Emulator, asked: Json) -> Json:
    """{reconnect?, invalidate?: resumable, refuse_resumes?, refuse_identifies?, drop_after_resume?, acknowledge?}."""
    it = emulator.gateway
    if asked.get("reconnect"):
        it.ask_to_reconnect()
    if "invalidate" in asked:
        it.invalidate(resumable=asked["invalidate"])
    it.refuse_resumes = asked.get("refuse_resumes", it.refuse_resumes)
    it.refuse_identifies = asked.get("refuse_identifies", it.refuse_identifies)
    it.drop_after_resume = asked.get("drop_after_resume", it.drop_after_resume)
    it.acknowledge = asked.get("acknowledge", it.acknowledge)
    return {}


async def fail(emulator: Emulator, asked: Json) -> Json:
    """{method?, template?, times?, status?, retry_after?, scope?, delay?, applied?, cut?}: times are in seconds."""
    durations = {key: timedelta(seconds=asked[key]) for key in ("retry_after", "delay") if key in asked}
    emulator.fail(Fault(**{**asked, **durations}))
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
    "say": say,
    "dm": dm,
    "edit": edit,
    "delete": delete,
    "react": react,
    "vote": vote,
    "messages": messages,
    "requests": requests,
    "drop": drop,
    "gateway": gateway,
    "fail": fail,
    "heal": heal,
    "advance": advance,
    "revoke": revoke,
}
