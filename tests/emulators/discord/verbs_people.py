"""What the control API lets people do, and what it tells of what the bot did."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.emulators.discord import render_message
from tests.emulators.discord.asked import Verb, channel_of, person_of
from tests.emulators.discord.interactions import Interaction
from tests.emulators.discord.refusal import Json

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import Emulator


async def say(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, text, reply_to?, times?}: say something; `times` says it that often at once."""
    reply_to = int(asked["reply_to"]) if "reply_to" in asked else None
    who, where = person_of(emulator, asked), channel_of(emulator, asked)
    said = [who.say(where, asked["text"], reply_to=reply_to) for _ in range(asked.get("times", 1))]
    return {"id": str(said[-1]), "ids": [str(each) for each in said]}


async def dm(emulator: Emulator, asked: Json) -> Json:
    """{member, text}: write to the bot directly."""
    return {"id": str(person_of(emulator, asked).dm(asked["text"]))}


async def edit(emulator: Emulator, asked: Json) -> Json:
    """{message, member, text}: change what was said."""
    person_of(emulator, asked).edit(int(asked["message"]), asked["text"])
    return {}


async def delete(emulator: Emulator, asked: Json) -> Json:
    """{message, member}: delete a message."""
    person_of(emulator, asked).delete(int(asked["message"]))
    return {}


async def react(emulator: Emulator, asked: Json) -> Json:
    """{message, member, emoji}: react to a message."""
    person_of(emulator, asked).react(int(asked["message"]), asked["emoji"])
    return {}


async def vote(emulator: Emulator, asked: Json) -> Json:
    """{message, member, answers: [1, ...]}: vote."""
    person_of(emulator, asked).vote(int(asked["message"]), *asked["answers"])
    return {}


async def thread(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, name, message?}: start a thread."""
    message_id = int(asked["message"]) if "message" in asked else None
    where = channel_of(emulator, asked)
    return {"id": str(person_of(emulator, asked).thread(where, asked["name"], message_id=message_id).id)}


async def post(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, title, text, tags?}: open a forum post."""
    who, where = person_of(emulator, asked), channel_of(emulator, asked)
    return {"id": str(who.post(where, asked["title"], asked["text"], tags=asked.get("tags", ())).id)}


async def press(emulator: Emulator, asked: Json) -> Json:
    """{message, member, custom_id}: press a button; tells what the bot answered."""
    return _answer(emulator, await person_of(emulator, asked).press(int(asked["message"]), asked["custom_id"]))


async def choose(emulator: Emulator, asked: Json) -> Json:
    """{message, member, custom_id, values}: choose from a menu."""
    who = person_of(emulator, asked)
    return _answer(emulator, await who.choose(int(asked["message"]), asked["custom_id"], asked["values"]))


async def command(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, name, options?}: give a slash command, its subcommands in the name."""
    who, where = person_of(emulator, asked), channel_of(emulator, asked)
    return _answer(emulator, await who.command(where, asked["name"], asked.get("options")))


async def complete(emulator: Emulator, asked: Json) -> Json:
    """{channel, member, name, option, typed?}: what is offered for an option."""
    who, where = person_of(emulator, asked), channel_of(emulator, asked)
    return {"values": await who.complete(where, asked["name"], asked["option"], asked.get("typed", ""))}


async def menu(emulator: Emulator, asked: Json) -> Json:
    """{member, name, message} or {member, name, channel, target}: use a context menu."""
    who = person_of(emulator, asked)
    if "message" in asked:
        return _answer(emulator, await who.menu(asked["name"], message_id=int(asked["message"])))
    target = emulator.world.users[int(asked["target"])]
    return _answer(emulator, await who.menu(asked["name"], channel=channel_of(emulator, asked), target=target))


async def submit(emulator: Emulator, asked: Json) -> Json:
    """{interaction, member, values}: send the form that an interaction was answered with."""
    form = emulator.interactions.by_token[asked["interaction"]]
    who = emulator.person(int(asked["member"]), form.channel.guild)
    return _answer(emulator, await who.submit(form, asked["values"]))


def _answer(emulator: Emulator, it: Interaction) -> Json:
    return {
        "interaction": it.token,
        "response": it.response,
        "deferred": it.is_deferred,
        "ephemeral": it.is_ephemeral,
        "message": render_message.message(it.original, emulator.world) if it.original else None,
        "modal": it.modal,
    }


async def messages(emulator: Emulator, asked: Json) -> Json:
    """{channel}: what everybody reads there, oldest first."""
    found = emulator.messages(channel_of(emulator, asked))
    return {"messages": [render_message.message(each, emulator.world) for each in found]}


async def requests(emulator: Emulator, asked: Json) -> Json:
    """{after?}: every request from that number on, oldest first."""
    found = emulator.requests[asked.get("after", 0) :]
    return {"requests": [_shown(each) for each in found], "refused": [_shown(each) for each in emulator.refused]}


def _shown(request: object) -> Json:
    assert dataclasses.is_dataclass(request)
    shown = {each.name: getattr(request, each.name) for each in dataclasses.fields(request)}
    return {**shown, "at": shown["at"].isoformat(), "query": dict(shown["query"])}


VERBS: Mapping[str, Verb] = {
    "say": say,
    "dm": dm,
    "edit": edit,
    "delete": delete,
    "react": react,
    "vote": vote,
    "thread": thread,
    "post": post,
    "press": press,
    "choose": choose,
    "command": command,
    "complete": complete,
    "menu": menu,
    "submit": submit,
    "messages": messages,
    "requests": requests,
}
